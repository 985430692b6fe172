// One writer moves money between accounts and reclaims what nobody sees; readers on other threads
// scan and probe under snapshots. No snapshot ever sees money made or lost. Run under
// ThreadSanitizer.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "table/table.h"
#include "table/test_rows.h"

namespace rowtine::table {
namespace {

using check::expect;
using vector::PhysicalType;

constexpr uint32_t kAccounts = 300;
constexpr int64_t kBalance = 1000;
constexpr uint32_t kReaders = 2;

std::string owner_of(int64_t id) { return "the owner of account number " + std::to_string(id); }

/// accounts (id bigint unique, owner text, balance bigint, region int), region indexed.
struct Bank {
  SequenceClock clock;
  SnapshotRegistry registry{clock, kReaders};
  Table table{{.types = {PhysicalType::Int64, PhysicalType::String, PhysicalType::Int64,
                         PhysicalType::Int32},
               .indexes = {{{0}, true}, {{3}, false}}},
              clock};
  std::atomic<bool> is_done{false};
  std::atomic<uint64_t> reads{0};
  std::atomic<int> wrong{0};
};

void open_accounts(Bank& bank, Transaction& transaction) {
  transaction.begin_statement();
  std::vector<Value> ids, owners, balances, regions;
  for (int64_t i = 0; i < kAccounts; ++i) {
    ids.emplace_back(i);
    owners.emplace_back(owner_of(i));
    balances.emplace_back(kBalance);
    regions.emplace_back(i % 3);
  }
  insert(bank.table, transaction, {ids, owners, balances, regions}, kAccounts);
  transaction.commit();
}

std::vector<RowId> find(Bank& bank, Snapshot snapshot, const std::vector<Value>& ids) {
  const std::vector<PhysicalType> types = {PhysicalType::Int64};
  const Columns keys({column(ids)}, types);
  const auto count = static_cast<uint32_t>(ids.size());
  std::vector<uint32_t> probe_rows(count);
  std::vector<RowId> row_ids(count);
  ProbePosition position;
  const uint32_t found = bank.table.probe(snapshot, 0, keys.vectors(), count, position, count,
                                          probe_rows.data(), row_ids.data());
  row_ids.resize(found);
  return row_ids;
}

/// Moves some money between two accounts, sometimes giving one a null owner or another region, and
/// sometimes thinking better of it.
void transfer(Bank& bank, Transaction& transaction, std::mt19937& random) {
  const auto from = static_cast<int64_t>(random() % kAccounts);
  const int64_t to = (from + 1 + static_cast<int64_t>(random() % (kAccounts - 1))) % kAccounts;
  transaction.begin_statement();
  const std::vector<RowId> rows = find(bank, transaction.snapshot(), {from, to});
  Arena scratch;
  vector::Vector balances;
  bank.table.fetch(rows.data(), 2, 2, scratch, balances);
  const auto amount = static_cast<int64_t>(random() % 100);
  const std::vector<Value> after = {balances.as<int64_t>()[0] - amount,
                                    balances.as<int64_t>()[1] + amount};
  const bool is_named = random() % 4 != 0;
  const auto named = [&](int64_t id) { return is_named ? Value(owner_of(id)) : Value(); };
  const auto region = static_cast<int64_t>(random() % 3);
  update(bank.table, transaction, rows, {2, 1, 3},
         {after, column({named(from), named(to)}), column({region, region})}, false);
  if (random() % 8 == 0) return transaction.rollback();
  transaction.commit();
}

/// Closes an account and opens it again with the same money, in one transaction.
void reopen(Bank& bank, Transaction& transaction, std::mt19937& random) {
  const auto id = static_cast<int64_t>(random() % kAccounts);
  transaction.begin_statement();
  const std::vector<RowId> rows = find(bank, transaction.snapshot(), {id});
  Arena scratch;
  vector::Vector balance;
  bank.table.fetch(rows.data(), 1, 2, scratch, balance);
  bank.table.erase(transaction, rows.data(), 1, nullptr, false, nullptr);
  transaction.begin_statement();
  insert(
      bank.table, transaction,
      {column({id}), column({owner_of(id)}), column({balance.as<int64_t>()[0]}), column({id % 3})},
      1);
  if (random() % 8 == 0) return transaction.rollback();
  transaction.commit();
}

void write(Bank& bank, int transactions, uint64_t reads_wanted) {
  Transaction transaction(bank.clock);
  std::mt19937 random(7);
  for (int i = 0; i < transactions || bank.reads.load() < reads_wanted; ++i) {
    if (random() % 5 == 0) {
      reopen(bank, transaction, random);
    } else {
      transfer(bank, transaction, random);
    }
    if (i % 4 == 0) bank.table.vacuum(bank.registry.horizon(), 64);
  }
  bank.is_done.store(true);
}

bool scan_adds_up(Bank& bank, Snapshot snapshot, uint32_t rows_max) {
  const std::vector<uint32_t> columns = {0, 1, 2};
  std::vector<vector::Vector> vectors(3);
  Arena scratch;
  const std::unique_ptr<Scan> scan = bank.table.scan(snapshot, columns);
  uint32_t rows = 0;
  int64_t sum = 0;
  bool owners_are_right = true;
  while (const uint32_t n = scan->next(scratch, rows_max, vectors, nullptr).value()) {
    rows += n;
    for (uint32_t i = 0; i < n; ++i) {
      sum += vectors[2].as<int64_t>()[i];
      if (vectors[1].is_null(i)) continue;
      owners_are_right &= text_of(vectors[1], i) == owner_of(vectors[0].as<int64_t>()[i]);
    }
  }
  return rows == kAccounts && sum == kAccounts * kBalance && owners_are_right;
}

bool probes_add_up(Bank& bank, Snapshot snapshot) {
  std::vector<Value> ids;
  for (int64_t i = 0; i < kAccounts; ++i) ids.emplace_back(i);
  const std::vector<RowId> rows = find(bank, snapshot, ids);
  Arena scratch;
  vector::Vector balances;
  bank.table.fetch(rows.data(), static_cast<uint32_t>(rows.size()), 2, scratch, balances);
  int64_t sum = 0;
  for (uint32_t i = 0; i < rows.size(); ++i) sum += balances.as<int64_t>()[i];
  return rows.size() == kAccounts && sum == kAccounts * kBalance;
}

/// Every account is in one of the three regions; chains are long and change under the reader.
bool regions_add_up(Bank& bank, Snapshot snapshot) {
  const std::vector<PhysicalType> types = {PhysicalType::Int32};
  const Columns keys({column({0, 1, 2})}, types);
  std::vector<uint32_t> probe_rows(16);
  std::vector<RowId> row_ids(16);
  ProbePosition position;
  uint32_t found = 0;
  while (position.row < 3) {
    found += bank.table.probe(snapshot, 1, keys.vectors(), 3, position, 16, probe_rows.data(),
                              row_ids.data());
  }
  return found == kAccounts;
}

/// Scans that may pass over blocks find what a whole scan finds.
bool ranges_add_up(Bank& bank, Snapshot snapshot, int64_t low) {
  const uint32_t column = 2;
  const auto count = [&](bool is_narrowed) {
    Arena scratch;
    vector::Vector balances;
    const std::unique_ptr<Scan> scan = bank.table.scan(snapshot, {&column, 1});
    if (is_narrowed) scan->narrow(column, {low, INT64_MAX});
    uint32_t rows = 0;
    while (const uint32_t n = scan->next(scratch, 2048, {&balances, 1}, nullptr).value()) {
      for (uint32_t i = 0; i < n; ++i) rows += balances.as<int64_t>()[i] >= low ? 1 : 0;
    }
    return rows;
  };
  return count(false) == count(true);
}

void read_on(Bank& bank, uint32_t slot) {
  std::mt19937 random(slot);
  while (!bank.is_done.load()) {
    const Snapshot snapshot = bank.registry.hold(slot);
    const bool ok = scan_adds_up(bank, snapshot, 1 + static_cast<uint32_t>(random() % 400)) &&
                    probes_add_up(bank, snapshot) && regions_add_up(bank, snapshot) &&
                    ranges_add_up(bank, snapshot, static_cast<int64_t>(random() % 4'000)) &&
                    scan_adds_up(bank, snapshot, 2048);
    bank.registry.release(slot);
    if (!ok) bank.wrong.fetch_add(1);
    bank.reads.fetch_add(1);
  }
}

}  // namespace
}  // namespace rowtine::table

/// Argument: transactions (default 3000).
int main(int argc, char** argv) {
  using namespace rowtine::table;
  Bank bank;
  Transaction transaction(bank.clock);
  open_accounts(bank, transaction);
  std::vector<std::thread> readers;
  for (uint32_t i = 0; i < kReaders; ++i) readers.emplace_back(read_on, std::ref(bank), i);
  write(bank, argc > 1 ? std::atoi(argv[1]) : 3000, 50);
  for (std::thread& reader : readers) reader.join();
  expect(bank.wrong.load() == 0, "every snapshot adds up");
  expect(bank.reads.load() > 0, "somebody looked");
  for (int i = 0; i < 1000 && bank.table.garbage_count() > 0; ++i) {
    bank.table.vacuum(bank.registry.horizon(), 1000);
  }
  expect(bank.table.garbage_count() == 0, "nothing waits in the end");
  std::printf("%llu reads\n", static_cast<unsigned long long>(bank.reads.load()));
  return rowtine::check::summary();
}
