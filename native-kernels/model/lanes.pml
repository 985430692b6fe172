/* The * → 1 lanes (src/ring/lanes.h): two producers, one reader that looks at the sum of arrivals.
 * Checked: a sum that differs from what was taken means that a lane has an event; the reader takes all of
 * them, each lane in order. The sum is read lane by lane, not at one moment.
 */
#define LANES 2
#define EVENTS 3
#define CAPACITY 2

byte produced[LANES];
byte consumed[LANES];
byte slots[4];  /* LANES * CAPACITY */

proctype producer(byte lane) {
  byte next = 0;
  do
  :: next < EVENTS && next - consumed[lane] < CAPACITY ->
     slots[lane * CAPACITY + next % CAPACITY] = next;
     next++;
     produced[lane] = next
  :: next == EVENTS -> break
  od
}

proctype reader() {
  byte taken = 0, first_lane = 0, sum, i, lane, before;
  do
  :: taken < LANES * EVENTS ->
     sum = 0; i = 0;
     do
     :: i < LANES -> sum = sum + produced[i]; i++
     :: else -> break
     od;
     if
     :: sum == taken -> skip
     :: else ->
        before = taken; i = 0;
        do
        :: i < LANES ->
           lane = (first_lane + i) % LANES;
           do
           :: consumed[lane] != produced[lane] ->
              assert(slots[lane * CAPACITY + consumed[lane] % CAPACITY] == consumed[lane]);
              consumed[lane]++;
              taken++
           :: else -> break
           od;
           i++
        :: else -> break
        od;
        first_lane = (first_lane + 1) % LANES;
        assert(taken > before)  /* announced work is found */
     fi
  :: else -> break
  od;
  assert(consumed[0] == EVENTS && consumed[1] == EVENTS)
}

init { atomic { run producer(0); run producer(1); run reader() } }
