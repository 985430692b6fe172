// The route table against a plain loop over all routes, and its corner cases by hand.
#include "runtime/route_table.h"

#include <algorithm>
#include <random>

#include "base/check.h"
#include "runtime/make_vector.h"

using namespace rowtine;
using namespace rowtine::runtime;
using check::expect;
using vector::PhysicalType;
using vector::StringView;
using vector::Vector;

namespace {

Route text_route(uint32_t column, std::string text) { return {column, true, 0, std::move(text)}; }
Route number_route(uint32_t column, int64_t number) { return {column, false, number, {}}; }

bool holds(const Route& route, const std::vector<Vector>& columns, uint32_t row) {
  const Vector& column = columns[route.column];
  if (column.is_null(row)) return false;
  if (route.is_text) return column.as<StringView>()[column.index_of(row)].text() == route.text;
  return column.as<int64_t>()[column.index_of(row)] == route.number;
}

void compare_with_plain_loop(const std::vector<std::vector<Route>>& routes,
                             const std::vector<Vector>& columns, uint32_t row_count) {
  const RouteTable table(routes);
  RouteMatches matches;
  for (int round = 0; round < 2; ++round) {  // the second time on used memory
    table.match(columns, row_count, matches);
    for (uint32_t entry = 0; entry < routes.size(); ++entry) {
      std::vector<uint32_t> wanted;
      for (uint32_t row = 0; row < row_count; ++row) {
        bool all = true;
        for (const Route& route : routes[entry]) all = all && holds(route, columns, row);
        if (all) wanted.push_back(row);
      }
      expect(matches.rows_of[entry] == wanted, "an entry gets the rows that satisfy all its routes");
      const bool touched = std::ranges::find(matches.touched, entry) != matches.touched.end();
      expect(touched == !wanted.empty(), "touched entries are those with rows");
    }
    expect(std::ranges::is_sorted(matches.touched), "entries start in their order");
  }
}

void random_routes() {
  std::mt19937 random(7);
  Arena arena;
  const std::string words[] = {"", "GET", "POST", "/", "/hello", "/a path longer than twelve bytes"};
  for (int round = 0; round < 50; ++round) {
    const uint32_t row_count = static_cast<uint32_t>(random() % 100);
    Vector text = column(arena, PhysicalType::String, row_count, true);
    Vector number = column(arena, PhysicalType::Int64, row_count, true);
    for (uint32_t row = 0; row < row_count; ++row) {
      text.as<StringView>()[row] = StringView::of(words[random() % 6]);
      number.as<int64_t>()[row] = static_cast<int64_t>(random() % 3);
      if (random() % 8 == 0) clear_bit(text.validity, row);
      if (random() % 8 == 0) clear_bit(number.validity, row);
    }
    std::vector<std::vector<Route>> routes;
    for (uint32_t i = 0; i < random() % 20; ++i) {
      std::vector<Route> entry;
      if (random() % 2 == 0) entry.push_back(text_route(0, words[random() % 6]));
      if (random() % 2 == 0) entry.push_back(number_route(1, static_cast<int64_t>(random() % 3)));
      routes.push_back(std::move(entry));
    }
    compare_with_plain_loop(routes, {text, number}, row_count);
  }
}

void values_that_could_be_confused() {
  Arena arena;
  // "a" + "bc" and "ab" + "c" are the same bytes; lengths keep them apart.
  const std::vector<Vector> columns = {constant_text(arena, "a"), constant_text(arena, "bc")};
  compare_with_plain_loop({{text_route(0, "a"), text_route(1, "bc")},
                           {text_route(0, "ab"), text_route(1, "c")}},
                          columns, 3);
}

}  // namespace

int main() {
  random_routes();
  values_that_could_be_confused();
  return check::summary();
}
