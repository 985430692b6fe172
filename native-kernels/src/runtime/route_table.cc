#include "runtime/route_table.h"

#include <algorithm>
#include <cstring>

#include "base/invariant.h"

namespace rowtine::runtime {
namespace {

using vector::PhysicalType;
using vector::Vector;

// A key is its values one after the other; text carries its length, so that no two keys collide.
void append_number(std::string& key, int64_t number) {
  key.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void append_text(std::string& key, std::string_view text) {
  append_number(key, static_cast<int64_t>(text.size()));
  key.append(text);
}

int64_t number_at(const Vector& column, uint32_t row) {
  const uint32_t i = column.index_of(row);
  switch (column.type) {
    case PhysicalType::Bool: return column.as<uint8_t>()[i];
    case PhysicalType::Int16: return column.as<int16_t>()[i];
    case PhysicalType::Int32: return column.as<int32_t>()[i];
    case PhysicalType::Int64: return column.as<int64_t>()[i];
    default: invariant(false, "routes compare integers, booleans and text"); return 0;
  }
}

}  // namespace

RouteTable::RouteTable(std::span<const std::vector<Route>> routes) : entry_count_(routes.size()) {
  for (uint32_t entry = 0; entry < routes.size(); ++entry) {
    std::vector<Route> sorted = routes[entry];
    std::ranges::sort(sorted, {}, &Route::column);
    std::string key;
    for (const Route& route : sorted) {
      if (route.is_text) {
        append_text(key, route.text);
      } else {
        append_number(key, route.number);
      }
    }
    group_of(sorted).entries[key].push_back(entry);
  }
}

RouteTable::Group& RouteTable::group_of(const std::vector<Route>& sorted_routes) {
  std::vector<uint32_t> columns;
  std::vector<bool> is_text;
  for (const Route& route : sorted_routes) {
    columns.push_back(route.column);
    is_text.push_back(route.is_text);
  }
  for (Group& group : groups_) {
    if (group.columns == columns && group.is_text == is_text) return group;
  }
  groups_.push_back({std::move(columns), std::move(is_text), {}});
  return groups_.back();
}

void RouteTable::match(std::span<const Vector> columns, uint32_t row_count,
                       RouteMatches& matches) const {
  for (const uint32_t entry : matches.touched) matches.rows_of[entry].clear();
  matches.touched.clear();
  if (matches.rows_of.size() < entry_count_) matches.rows_of.resize(entry_count_);
  std::string key;
  for (const Group& group : groups_) {
    for (uint32_t row = 0; row < row_count; ++row) {
      if (!key_of(group, columns, row, key)) continue;
      const auto found = group.entries.find(key);
      if (found == group.entries.end()) continue;
      for (const uint32_t entry : found->second) {
        if (matches.rows_of[entry].empty()) matches.touched.push_back(entry);
        matches.rows_of[entry].push_back(row);
      }
    }
  }
  std::ranges::sort(matches.touched);
}

bool RouteTable::key_of(const Group& group, std::span<const Vector> columns, uint32_t row,
                        std::string& key) {
  key.clear();
  for (size_t i = 0; i < group.columns.size(); ++i) {
    const Vector& column = columns[group.columns[i]];
    if (column.is_null(row)) return false;
    if (group.is_text[i]) {
      append_text(key, column.as<vector::StringView>()[column.index_of(row)].text());
    } else {
      append_number(key, number_at(column, row));
    }
  }
  return true;
}

}  // namespace rowtine::runtime
