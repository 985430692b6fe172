// The string heap: pieces hold what they should, never overlap, and are used again.
#include "table/string_heap.h"

#include <cstring>
#include <random>
#include <vector>

#include "base/check.h"

namespace rowtine::table {
namespace {

using check::expect;

void classes_fit() {
  size_t before = 0;
  for (size_t size = 1; size <= 70'000; ++size) {
    const size_t rounded = StringHeap::rounded(size);
    expect(rounded >= size && rounded >= before, "room enough, never less for more");
    expect(size < 64 || rounded <= size + size / 4 + 16, "a quarter is lost at most");
    before = rounded;
  }
}

void pieces_are_their_owners() {
  struct Piece {
    char* bytes;
    size_t size;
    char fill;
  };
  StringHeap heap;
  std::vector<Piece> pieces;
  std::mt19937 random(3);
  const auto is_intact = [](const Piece& piece) {
    for (size_t i = 0; i < piece.size; ++i) {
      if (piece.bytes[i] != piece.fill) return false;
    }
    return true;
  };
  for (int i = 0; i < 20'000; ++i) {
    if (pieces.size() < 500 || random() % 2 == 0) {
      const size_t size = random() % 50 == 0 ? 30'000 + random() % 10'000 : 13 + random() % 300;
      const Piece piece{heap.allocate(size), size, static_cast<char>(i)};
      std::memset(piece.bytes, piece.fill, size);
      pieces.push_back(piece);
    } else {
      const size_t at = random() % pieces.size();
      expect(is_intact(pieces[at]), "nobody else wrote here");
      heap.free(pieces[at].bytes, pieces[at].size);
      pieces[at] = pieces.back();
      pieces.pop_back();
    }
  }
  size_t in_use = 0;
  for (const Piece& piece : pieces) in_use += StringHeap::rounded(piece.size);
  expect(heap.bytes_in_use() == in_use, "bytes in use");
}

void freed_pieces_come_back() {
  StringHeap heap;
  char* first = heap.allocate(100);
  heap.free(first, 100);
  expect(heap.allocate(97) == first, "the same class, the same piece");
}

}  // namespace
}  // namespace rowtine::table

int main() {
  rowtine::table::classes_fit();
  rowtine::table::pieces_are_their_owners();
  rowtine::table::freed_pieces_come_back();
  return rowtine::check::summary();
}
