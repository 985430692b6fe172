/* The 1 → 1 ring (src/ring/spsc_ring.h): cursors published one way, copies refreshed only when used up.
 * Checked: the consumer never reads a slot that is not written, in the right order; the producer never
 * overwrites one that is not read; nothing deadlocks; all events arrive.
 * Stores are atomic and in order here: on x86 that is what release and acquire promise to one ring.
 */
#define CAPACITY 2
#define EVENTS 7
#define EMPTY 255

byte slots[CAPACITY] = EMPTY;
byte produced = 0;  /* producer's published cursor */
byte consumed = 0;  /* consumer's published cursor */

active proctype producer() {
  byte position = 0, other_cached = 0;
  do
  :: position < EVENTS ->
     if
     :: position - other_cached == CAPACITY -> other_cached = consumed  /* acquire */
     :: else ->
        assert(slots[position % CAPACITY] == EMPTY);  /* read before it is overwritten */
        slots[position % CAPACITY] = position;
        position++;
        if  /* publish now, or only with the next event: a batch */
        :: produced = position  /* release */
        :: position < EVENTS && position - other_cached < CAPACITY
        fi
     fi
  :: position == EVENTS -> break
  od;
  produced = position
}

active proctype consumer() {
  byte position = 0, other_cached = 0;
  do
  :: position < EVENTS ->
     if
     :: position == other_cached -> other_cached = produced  /* acquire */
     :: else ->
        assert(slots[position % CAPACITY] == position);  /* written, in order, once */
        slots[position % CAPACITY] = EMPTY;
        position++;
        if
        :: consumed = position  /* release */
        :: position != other_cached  /* or with the rest of the batch */
        fi
     fi
  :: position == EVENTS -> break
  od;
  consumed = position;
  assert(produced == EVENTS)
}
