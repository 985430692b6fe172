/* The phase barrier (src/barrier/phase_barrier.h) with its mailboxes: an epoch per thread, no counter.
 * Checked: nobody starts phase p + 1 before all have arrived at the end of p; turns never overlap; a box
 * is read exactly one phase after it was written and never written while it is read.
 */
#define THREADS 3
#define PHASES 4
#define NOTHING 255

byte epoch[THREADS];
byte work[THREADS];             /* phases each thread has done its part of */
byte box[6] = NOTHING;          /* 2 * THREADS: one message from each thread, by parity */
byte inside = 0;                /* threads in the exclusive section */

active [THREADS] proctype thread() {
  byte phase = 0, other, i;
  do
  :: phase < PHASES ->
     /* read what the neighbour sent one phase ago, empty its box, send for the next phase */
     other = (_pid + 1) % THREADS;
     if
     :: phase > 0 ->
        assert(box[((phase + 1) % 2) * THREADS + other] == phase - 1);
        box[((phase + 1) % 2) * THREADS + other] = NOTHING
     :: else -> skip
     fi;
     assert(box[(phase % 2) * THREADS + _pid] == NOTHING);
     box[(phase % 2) * THREADS + _pid] = phase;
     if
     :: phase % THREADS == _pid -> inside++; assert(inside == 1); inside--
     :: else -> skip
     fi;
     work[_pid] = phase + 1;
     epoch[_pid] = phase + 1;  /* arrive: release */
     i = 0;
     do
     :: i < THREADS -> (epoch[i] > phase); i++  /* wait: acquire, one thread after the other */
     :: else -> break
     od;
     phase++;
     i = 0;
     do
     :: i < THREADS ->
        assert(work[i] >= phase);      /* all have done their part */
        assert(epoch[i] <= phase + 1); /* and nobody is two phases ahead */
        i++
     :: else -> break
     od
  :: else -> break
  od
}
