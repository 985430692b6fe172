/* The 1 → * ring (src/ring/broadcast_ring.h): two places; one reader stays, others come, read a few
 * events and leave. The copy of the slowest position is kept between looks, as in the header.
 * Checked: no reader finds a slot overwritten, each sees every event from its first on, a reader that
 * left holds nobody back.
 */
#define CAPACITY 2
#define EVENTS 6
#define ABSENT 200
#define GUEST_READS 2

byte slots[CAPACITY];
byte produced = 0;
byte position_of[2] = ABSENT;
chan invited = [1] of { byte };  /* hands the place to the guest's thread */

active proctype producer() {
  byte next = 0, slowest_cached = 0, i, slowest, seen;
  position_of[0] = 0;  /* the resident, before its thread starts */
  run resident();
  run guest();
  do
  :: next < EVENTS ->
     if
     :: position_of[1] == ABSENT && nfull(invited) && empty(invited) ->  /* add_consumer(next) */
        position_of[1] = next;
        if :: next < slowest_cached -> slowest_cached = next :: else fi;
        invited ! next
     :: next - slowest_cached < CAPACITY ->
        slots[next % CAPACITY] = next;
        next++;
        produced = next
     :: next - slowest_cached == CAPACITY ->  /* look at the slowest */
        slowest = next; i = 0;
        do
        :: i < 2 ->
           seen = position_of[i];  /* acquire: one load */
           if :: seen < slowest -> slowest = seen :: else fi;
           i++
        :: else -> break
        od;
        slowest_cached = slowest
     fi
  :: else -> break
  od;
  invited ! ABSENT
}

proctype resident() {
  byte position = 0;
  do
  :: position < EVENTS && position < produced ->
     assert(slots[position % CAPACITY] == position);
     position++;
     position_of[0] = position
  :: position == EVENTS -> break
  od
}

proctype guest() {
  byte position, last;
  do
  :: invited ? position ->
     if
     :: position == ABSENT -> break
     :: else -> last = position + GUEST_READS
     fi;
     do
     :: position < last && position < produced ->
        assert(slots[position % CAPACITY] == position);
        position++;
        position_of[1] = position
     :: position == last || position == EVENTS -> break
     od;
     position_of[1] = ABSENT  /* leave */
  od
}
