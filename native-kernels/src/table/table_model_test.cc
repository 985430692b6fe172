// A table against a map: random statements, savepoints, rollbacks, commits, failures of the store
// and vacuums at random moments, compared under every snapshot that is held; redo is replayed into
// a second map that checks unique keys at every step.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/check.h"
#include "table/redo.h"
#include "table/table.h"
#include "table/test_rows.h"

namespace rowtine::table {
namespace {

using check::expect;
using vector::PhysicalType;

/// (id int not null unique, name text unique, kind bigint), the last with a plain index.
TableDefinition definition() {
  return {.types = {PhysicalType::Int32, PhysicalType::String, PhysicalType::Int64},
          .not_null = {true, false, false},
          .indexes = {{{0}, true}, {{1}, true}, {{2}, false}, {{2, 1}, false}},
          .durable = true};
}

struct Row {
  int64_t id;
  Value name;
  Value kind;
  bool operator==(const Row&) const = default;
  std::string text() const {
    const auto of = [](const Value& value) {
      if (value.is_null()) return std::string("null");
      return value.kind == Value::Kind::Number ? std::to_string(value.number) : value.text;
    };
    return std::to_string(id) + "|" + of(name) + "|" + of(kind);
  }
};
using State = std::map<int64_t, Row>;  // by row key

std::vector<std::string> texts_of(const State& state) {
  std::vector<std::string> texts;
  for (const auto& [key, row] : state) texts.push_back(row.text());
  std::ranges::sort(texts);
  return texts;
}

/// Replays redo as a store with unique keys would.
class Store final : public RedoSink {
 public:
  State rows;
  void write(const RedoBatch& batch) override {
    for (uint32_t i = 0; i < batch.keys.size(); ++i) {
      const int64_t key = batch.keys[i];
      const bool was_there = rows.contains(key);
      expect(was_there == (batch.kind != RedoKind::Insert), "erase and update what is there");
      if (batch.kind == RedoKind::Erase) {
        rows.erase(key);
        continue;
      }
      Row row{batch.columns[0].as<int32_t>()[i], {}, {}};
      if (!batch.columns[1].is_null(i)) row.name = text_of(batch.columns[1], i);
      if (!batch.columns[2].is_null(i)) row.kind = batch.columns[2].as<int64_t>()[i];
      for (const auto& [other_key, other] : rows) {
        const bool same_name = !row.name.is_null() && other.name == row.name;
        expect(other_key == key || (other.id != row.id && !same_name),
               "keys are unique at each step");
      }
      rows[key] = row;
    }
  }
};

class Model {
 public:
  explicit Model(uint32_t seed) : random_(seed), table_(definition(), clock_) {}

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      transact();
      if (chance(20)) hold();
      if (chance(20) && !held_.empty()) held_.erase(held_.begin());
      if (chance(10)) fail_store();
      if (chance(50)) make_durable();
      if (chance(60)) table_.vacuum(horizon(), 1 + below(200));
      if (chance(10)) check_held();
    }
    check_held();
    held_.clear();
    make_durable();
    for (int i = 0; i < 20; ++i) table_.vacuum(horizon(), 10'000);
    expect(table_.garbage_count() == 0, "in the end nothing waits");
    check(clock_.published(), committed_);
    expect(texts_of(store_.rows) == texts_of(committed_), "redo says the same");
  }

 private:
  struct Held {
    Sequence sequence;
    State state;
  };
  struct Undurable {
    Changes changes;
    State before;
  };

  uint32_t below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }
  bool chance(uint32_t percent) { return below(100) < percent; }
  Value random_name() {
    if (chance(20)) return {};
    const std::string name = "name" + std::to_string(below(60));
    return chance(50) ? name : name + std::string(20 + below(40), '-');
  }
  Value random_kind() { return chance(10) ? Value() : Value(static_cast<int64_t>(below(5))); }

  void transact() {
    working_ = committed_;
    for (uint32_t i = 1 + below(4); i > 0; --i) {
      const Transaction::Mark mark = transaction_.savepoint();
      const State saved = working_;
      statement();
      if (!chance(20)) continue;
      transaction_.rollback_to(mark);
      working_ = saved;
    }
    if (chance(15)) {
      transaction_.rollback();
      return;
    }
    Undurable undurable{transaction_.commit(), committed_};
    committed_ = working_;
    undurable_.push_back(std::move(undurable));
  }

  void statement() {
    transaction_.begin_statement();
    switch (below(3)) {
      case 0: return insert_rows();
      case 1: return update_rows();
      default: return erase_rows();
    }
  }

  bool is_taken(const Row& row, int64_t except) const {
    return std::ranges::any_of(working_, [&](const auto& entry) {
      const bool same_name = !row.name.is_null() && entry.second.name == row.name;
      return entry.first != except && (entry.second.id == row.id || same_name);
    });
  }

  void insert_rows() {
    const uint32_t count = 1 + below(6);
    std::vector<Row> rows;
    std::vector<Value> ids, names, kinds;
    for (uint32_t i = 0; i < count; ++i) {
      rows.push_back({below(100), random_name(), random_kind()});
      ids.emplace_back(rows[i].id);
      names.push_back(rows[i].name);
      kinds.push_back(rows[i].kind);
    }
    const Inserted inserted = insert(table_, transaction_, {ids, names, kinds}, count);
    for (uint32_t i = 0; i < count; ++i) {
      const bool taken = is_taken(rows[i], -1);
      expect(taken == (SqlState(inserted.states[i]) == kUniqueViolation), "unique on insert");
      if (!taken) working_[table_.row_key(inserted.row_ids[i])] = rows[i];
    }
  }

  /// Some rows that the statement sees.
  std::vector<RowId> pick() {
    std::vector<RowId> all, some;
    const std::vector<uint32_t> columns = {0};
    std::vector<vector::Vector> vectors(1);
    std::vector<RowId> ids(2048);
    Arena scratch;
    const std::unique_ptr<Scan> scan = table_.scan(transaction_.snapshot(), columns);
    while (const uint32_t n = scan->next(scratch, 2048, vectors, ids.data()).value()) {
      all.insert(all.end(), ids.begin(), ids.begin() + n);
    }
    std::ranges::sample(all, std::back_inserter(some), 1 + below(6), random_);
    return some;
  }

  void update_rows() {
    const std::vector<RowId> rows = pick();
    const bool with_name = chance(60);
    const bool with_id = chance(30);
    std::vector<Value> ids, names, kinds;
    for (size_t i = 0; i < rows.size(); ++i) {
      ids.emplace_back(static_cast<int64_t>(below(100)));
      names.push_back(random_name());
      kinds.push_back(random_kind());
    }
    std::vector<uint32_t> columns = {2};
    std::vector<ColumnValues> values = {kinds};
    if (with_name) columns.push_back(1), values.push_back(names);
    if (with_id) columns.push_back(0), values.push_back(ids);
    const Updated updated = update(table_, transaction_, rows, columns, values, true);
    for (size_t i = 0; i < rows.size(); ++i) {
      const int64_t key = table_.row_key(rows[i]);
      Row row = working_.at(key);
      row.kind = kinds[i];
      if (with_name) row.name = names[i];
      if (with_id) row.id = ids[i].number;
      const bool taken = is_taken(row, key);
      expect(taken == (SqlState(updated.states[i]) == kUniqueViolation), "unique on update");
      expect(taken == (updated.row_ids[i] < 0), "a new version or none");
      if (!taken) working_[key] = row;
    }
  }

  void erase_rows() {
    const std::vector<RowId> rows = pick();
    std::vector<uint32_t> states(rows.size());
    const uint32_t erased =
        table_.erase(transaction_, rows.data(), static_cast<uint32_t>(rows.size()), nullptr, true,
                     states.data());
    expect(erased == rows.size(), "all erased");
    for (const RowId row : rows) working_.erase(table_.row_key(row));
  }

  void hold() { held_.push_back({clock_.published(), committed_}); }

  Sequence horizon() const {
    Sequence horizon = clock_.published();
    for (const Held& held : held_) horizon = std::min(horizon, held.sequence);
    for (const Undurable& undurable : undurable_) {
      horizon = std::min(horizon, undurable.changes.horizon_max());
    }
    return horizon;
  }

  void make_durable() {
    for (const Undurable& undurable : undurable_) redo_.write(undurable.changes, store_);
    undurable_.clear();
  }

  /// What was committed since make_durable() is gone, and so are the snapshots that saw it.
  void fail_store() {
    if (undurable_.empty()) return;
    const Sequence last_good = undurable_.front().changes.first - 1;
    committed_ = undurable_.front().before;
    while (!undurable_.empty()) {
      undo(std::move(undurable_.back().changes));
      undurable_.pop_back();
    }
    std::erase_if(held_, [&](const Held& held) { return held.sequence > last_good; });
  }

  void check_held() {
    for (const Held& held : held_) check(held.sequence, held.state);
    check(clock_.published(), committed_);
  }

  void check(Sequence sequence, const State& state) {
    const std::vector<std::string> expected = texts_of(state);
    std::vector<std::string> rows = all_rows(table_, {sequence}, 1 + below(2048));
    std::ranges::sort(rows);
    expect(rows == expected, "a scan sees the snapshot");
    check_probes(sequence, state);
  }

  /// Each key of the domain, through each single-column index.
  void check_probes(Sequence sequence, const State& state) {
    std::vector<Value> ids, names, kinds = {Value()};
    for (int i = 0; i < 100; ++i) ids.emplace_back(i);
    for (int i = 0; i < 60; ++i) names.emplace_back("name" + std::to_string(i));
    for (int i = 0; i < 5; ++i) kinds.emplace_back(i);
    const auto rows_with = [&](auto member, const Value& value) {
      std::multiset<int64_t> keys;
      for (const auto& [key, row] : state) {
        if (!value.is_null() && Value(row.*member) == value) keys.insert(key);
      }
      return keys;
    };
    for (size_t i = 0; i < ids.size(); ++i) {
      expect(probe(sequence, 0, ids[i]) == rows_with(&Row::id, ids[i]), "probe by id");
    }
    for (const Value& name : names) {
      expect(probe(sequence, 1, name) == rows_with(&Row::name, name), "probe by name");
    }
    for (const Value& kind : kinds) {
      expect(probe(sequence, 2, kind) == rows_with(&Row::kind, kind), "probe by kind");
    }
  }

  std::multiset<int64_t> probe(Sequence sequence, uint32_t index, const Value& key) {
    const std::vector<PhysicalType> types = {table_.column_types()[table_.index_columns(index)[0]]};
    const Columns keys({column({key})}, types);
    std::multiset<int64_t> found;
    ProbePosition position;
    uint32_t probe_rows[3];
    RowId row_ids[3];
    while (position.row < 1) {
      const uint32_t n = table_.probe({sequence}, index, keys.vectors(), 1, position, 1 + below(3),
                                      probe_rows, row_ids);
      for (uint32_t i = 0; i < n; ++i) found.insert(table_.row_key(row_ids[i]));
    }
    return found;
  }

  std::mt19937 random_;
  SequenceClock clock_;
  Table table_;
  Transaction transaction_{clock_};
  Redo redo_;
  Store store_;
  State committed_, working_;
  std::vector<Held> held_;
  std::vector<Undurable> undurable_;
};

}  // namespace
}  // namespace rowtine::table

/// Arguments: first seed, number of seeds. A failure is repeated with its seed and 1.
int main(int argc, char** argv) {
  const auto first = static_cast<uint32_t>(argc > 1 ? std::atoi(argv[1]) : 1);
  const auto count = static_cast<uint32_t>(argc > 2 ? std::atoi(argv[2]) : 12);
  for (uint32_t seed = first; seed < first + count; ++seed) {
    const int failed_before = rowtine::check::counts.failed;
    rowtine::table::Model(seed).run(300);
    if (rowtine::check::counts.failed != failed_before) std::printf("seed %u failed\n", seed);
  }
  return rowtine::check::summary();
}
