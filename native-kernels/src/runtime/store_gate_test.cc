// What the store gets: every change in order, those of one kind to one table as one.
#include "runtime/store_gate.h"

#include "base/check.h"
#include "runtime/make_vector.h"

using namespace rowtine;
using namespace rowtine::runtime;
using check::expect;
using vector::PhysicalType;
using vector::StringView;
using vector::Vector;

namespace {

StoreChange change_of(uint32_t relation, StoreOperation operation, const std::vector<int64_t>& keys) {
  StoreChange change{relation, operation, keys, {}};
  if (operation == StoreOperation::Delete) return change;
  Arena arena;
  const auto count = static_cast<uint32_t>(keys.size());
  Vector columns[] = {column(arena, PhysicalType::Int64, count, true),
                      column(arena, PhysicalType::String, count)};
  std::vector<std::string> texts;
  for (const int64_t key : keys) texts.push_back("row " + std::to_string(key));
  std::fill_n(columns[0].validity, bitmap_words(count), ~uint64_t{0});
  for (uint32_t row = 0; row < count; ++row) {
    columns[0].as<int64_t>()[row] = keys[row];
    if (keys[row] % 3 == 0) clear_bit(columns[0].validity, row);
    columns[1].as<StringView>()[row] = StringView::of(texts[row]);
  }
  export_rows(columns, count, change.rows);
  return change;
}

template <class... Changes>
void submit(StoreGate& gate, Ticket ticket, Changes... changes) {
  auto group = std::make_unique<StoreCommits>();
  group->ticket = ticket;
  (group->changes.push_back(std::move(changes)), ...);
  expect(gate.submit(group), "there is room");
}

bool is_same(const StoreChange& change, const StoreChange& expected) {
  bool same = change.relation == expected.relation && change.operation == expected.operation &&
              change.keys == expected.keys && change.rows.row_count == expected.rows.row_count &&
              change.rows.columns.size() == expected.rows.columns.size();
  for (size_t i = 0; same && i < change.rows.columns.size(); ++i) {
    const ExportColumn& column = change.rows.columns[i];
    const ExportColumn& other = expected.rows.columns[i];
    same = column.values == other.values && column.offsets == other.offsets &&
           column.validity == other.validity && column.null_count == other.null_count;
  }
  return same;
}

void neighbours_join() {
  StoreGate gate;
  submit(gate, 1, change_of(7, StoreOperation::Insert, {1, 2, 3}));
  submit(gate, 2, change_of(7, StoreOperation::Insert, {4}),
         change_of(8, StoreOperation::Insert, {5, 6}));
  submit(gate, 3, change_of(8, StoreOperation::Insert, {7, 8, 9, 10, 11, 12, 13}),
         change_of(8, StoreOperation::Delete, {5}));
  submit(gate, 4, change_of(8, StoreOperation::Delete, {6}),
         change_of(8, StoreOperation::Insert, {14}));
  const auto commits = gate.take();
  expect(commits->ticket == 4 && commits->changes.size() == 4, "joined where nothing is between");
  expect(is_same(commits->changes[0], change_of(7, StoreOperation::Insert, {1, 2, 3, 4})), "first");
  expect(is_same(commits->changes[1],
                 change_of(8, StoreOperation::Insert, {5, 6, 7, 8, 9, 10, 11, 12, 13})),
         "as if it had been one change");
  expect(is_same(commits->changes[2], change_of(8, StoreOperation::Delete, {5, 6})), "deletes");
  expect(is_same(commits->changes[3], change_of(8, StoreOperation::Insert, {14})),
         "an insert after a delete stays after it");
  expect(gate.take() == nullptr, "everything was taken");
}

}  // namespace

int main() {
  neighbours_join();
  return check::summary();
}
