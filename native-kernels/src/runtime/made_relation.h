// A relation whose rows are made when it is read: sys.workers, sys.buffers and their like.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "table/relation.h"

namespace rowtine::runtime {

/// One value of a made row: null, an integer or boolean for any such column, or text.
struct Cell {
  enum class Kind : uint8_t { Null, Number, Text };
  Kind kind = Kind::Null;
  int64_t number = 0;
  std::string text;

  Cell() = default;
  Cell(int64_t value) : kind(Kind::Number), number(value) {}             // NOLINT: implicit on purpose
  Cell(std::string value) : kind(Kind::Text), text(std::move(value)) {}  // NOLINT
};
using Row = std::vector<Cell>;

/// Asks `make` for the rows at the start of each scan. Threads: `make` runs on the scanning worker
/// and reads only atomics.
class MadeRelation final : public table::Relation {
 public:
  MadeRelation(std::vector<vector::PhysicalType> types, std::function<std::vector<Row>()> make)
      : types_(std::move(types)), make_(std::move(make)) {}

  std::span<const vector::PhysicalType> column_types() const override { return types_; }
  std::unique_ptr<table::Scan> scan(table::Snapshot snapshot,
                                    std::span<const uint32_t> columns) override;

 private:
  std::vector<vector::PhysicalType> types_;
  std::function<std::vector<Row>()> make_;
};

}  // namespace rowtine::runtime
