/* Parking (src/ring/wait_strategy.h) on a machine with store buffers: each thread's last store may reach
 * memory late, and a fence waits until it has. -DNO_FENCE shows what the fences are for: a deadlock.
 * Checked: the sleeper never sleeps for ever while there is work (an invalid end state otherwise), two
 * notifiers ring at most once per announcement that they take, and the sleeper ends with all work seen.
 */
#define NOTIFIERS 2
#define WORK_EACH 2

byte work[NOTIFIERS];  /* memory: published cursors */
byte sleeping = 0;     /* memory */
byte bell = 0;         /* the eventfd: 0 or readable */

/* The store buffers: one pending store per thread is all that this protocol makes between fences. */
bool sleeping_pending = false;
bool work_pending[NOTIFIERS];
byte work_buffered[NOTIFIERS];

#ifdef NO_FENCE
#define FENCE(pending) skip
#else
#define FENCE(pending) (!pending)
#endif

/* Stores arrive whenever the hardware likes. */
active proctype store_buffers() {
end:
  do
  :: atomic { sleeping_pending -> sleeping = 1; sleeping_pending = false }
  :: atomic { work_pending[0] -> work[0] = work_buffered[0]; work_pending[0] = false }
  :: atomic { work_pending[1] -> work[1] = work_buffered[1]; work_pending[1] = false }
  od
}

active [NOTIFIERS] proctype notifier() {
  byte i = _pid - 1, made = 0, taken;
  do
  :: made < WORK_EACH ->
     made++;
     atomic { !work_pending[i] -> work_buffered[i] = made; work_pending[i] = true };
     FENCE(work_pending[i]);
     if
     :: sleeping == 0 -> skip  /* awake: one load */
     :: else ->
        /* exchange: also waits for the own store buffer */
        atomic { !work_pending[i] -> taken = sleeping; sleeping = 0 };
        if
        :: taken -> bell = 1
        :: else -> skip
        fi
     fi
  :: else -> break
  od
}

active proctype sleeper() {
  byte seen = 0;
  do
  :: seen == NOTIFIERS * WORK_EACH -> break
  :: else ->
     seen = work[0] + work[1];
     if
     :: seen == NOTIFIERS * WORK_EACH -> break
     :: else -> skip
     fi;
     atomic { !sleeping_pending -> sleeping_pending = true };  /* announce */
     FENCE(sleeping_pending);
     if
     :: work[0] + work[1] != seen ->  /* look again: cancel */
        atomic { !sleeping_pending -> sleeping = 0 };
        bell = 0
     :: else ->
        bell == 1;  /* sleep */
        bell = 0;
        atomic { !sleeping_pending -> sleeping = 0 }
     fi
  od
}
