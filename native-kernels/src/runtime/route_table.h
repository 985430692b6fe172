// From an event to the coroutines whose guards it can satisfy: one hash lookup per set of guarded
// columns, so that a thousand routes cost what one does.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/spec.h"
#include "vector/vector.h"

namespace rowtine::runtime {

/// Rows by entry, reused from batch to batch; only `touched` entries have any.
struct RouteMatches {
  std::vector<std::vector<uint32_t>> rows_of;
  std::vector<uint32_t> touched;  // ascending after RouteTable::match
};

/// The routes of all coroutines on one relation; immutable once built.
class RouteTable {
 public:
  /// `routes[i]` are the constant equalities of entry i, in the order instances are to start.
  explicit RouteTable(std::span<const std::vector<Route>> routes);

  /// Finds for each of `row_count` rows the entries whose equalities all hold.
  ///
  /// Shapes:  `columns` are the relation's stored columns.
  /// Nulls:   a null column satisfies no equality.
  /// Returns: through `matches`, per touched entry the matching rows, ascending; its earlier
  ///          contents are cleared at the cost of what they touched.
  /// Threads: any number at a time.
  void match(std::span<const vector::Vector> columns, uint32_t row_count,
             RouteMatches& matches) const;

  size_t entry_count() const { return entry_count_; }

 private:
  /// Entries that guard the same columns, by the values they want there.
  struct Group {
    std::vector<uint32_t> columns;  // ascending
    std::vector<bool> is_text;
    std::unordered_map<std::string, std::vector<uint32_t>> entries;
  };
  /// Writes the row's key for `group`. Returns: false when one of its columns is null.
  static bool key_of(const Group& group, std::span<const vector::Vector> columns, uint32_t row,
                     std::string& key);
  Group& group_of(const std::vector<Route>& sorted_routes);

  std::vector<Group> groups_;
  size_t entry_count_;
};

}  // namespace rowtine::runtime
