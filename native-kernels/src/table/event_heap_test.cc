// Strings of a block keep their bytes until the block goes, and the next block gets the same memory.
#include "table/event_heap.h"

#include <cstring>
#include <set>
#include <vector>

#include "base/check.h"

using rowtine::check::expect;
using rowtine::table::EventHeap;

namespace {

std::vector<char*> fill(EventHeap& heap, size_t count, size_t size) {
  std::vector<char*> strings;
  for (size_t i = 0; i < count; ++i) {
    strings.push_back(heap.allocate(size));
    std::memset(strings.back(), static_cast<int>(i % 128), size);
  }
  return strings;
}

void strings_do_not_overlap() {
  EventHeap heap;
  const size_t sizes[] = {13, 1000, EventHeap::kPieceBytes / 4, EventHeap::kPieceBytes / 4 + 1,
                          3 * EventHeap::kPieceBytes};
  bool intact = true;
  for (const size_t size : sizes) {
    heap.clear();
    const auto strings = fill(heap, 200, size);
    for (size_t i = 0; i < strings.size(); ++i) {
      intact &= strings[i][0] == static_cast<char>(i % 128);
      intact &= strings[i][size - 1] == static_cast<char>(i % 128);
    }
    expect(heap.used_bytes() == 200 * size, "what is used is what was asked for");
  }
  expect(intact, "every string keeps its bytes");
}

void memory_is_used_again() {
  EventHeap heap;
  const auto first = fill(heap, 1000, 500);
  heap.clear();
  expect(heap.used_bytes() == 0, "cleared");
  EventHeap next;
  next = std::move(heap);
  const auto second = fill(next, 1000, 500);
  expect(first == second, "the same pieces in the same order");
  const auto others = fill(heap, 1, 500);
  expect(std::set<char*>(second.begin(), second.end()).count(others[0]) == 0,
         "the one moved from has memory of its own");
}

}  // namespace

int main() {
  strings_do_not_overlap();
  memory_is_used_again();
  return rowtine::check::summary();
}
