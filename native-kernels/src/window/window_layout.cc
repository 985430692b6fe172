#include "window/window_layout.h"

namespace rowtine::window {
namespace {

/// Numbers the columns that follow the results.
class Columns {
 public:
  Columns(WindowLayout& layout, std::vector<PhysicalType>& types) : layout_(layout), types_(types) {}

  uint32_t add(PhysicalType type) {
    layout_.inputs.push_back(type);
    types_.push_back(type);
    return static_cast<uint32_t>(types_.size() - 1);
  }
  int32_t add_if(bool wanted, PhysicalType type) {
    return wanted ? static_cast<int32_t>(add(type)) : kNoColumn;
  }
  uint32_t next() const { return static_cast<uint32_t>(types_.size()); }

 private:
  WindowLayout& layout_;
  std::vector<PhysicalType>& types_;
};

}  // namespace

WindowLayout WindowLayout::of(const Spec& spec) {
  WindowLayout layout;
  layout.result_count = static_cast<uint32_t>(spec.calls.size());
  std::vector<PhysicalType> types;
  for (const Call& call : spec.calls) types.push_back(call.result);
  Columns columns(layout, types);
  for (const PhysicalType type : spec.payload) columns.add(type);
  layout.columns = types;
  layout.first_partition = columns.next();
  for (const PhysicalType type : spec.partition) columns.add(type);
  layout.first_order = columns.next();
  for (const sort::SortKey& key : spec.order) columns.add(key.type);
  for (const Frame& frame : spec.frames) {
    const PhysicalType offset = frame.mode == FrameMode::Range ? frame.type : PhysicalType::Int64;
    FrameColumns& place = layout.frames.emplace_back();
    place.start = columns.add_if(has_offset(frame.start), offset);
    place.end = columns.add_if(has_offset(frame.end), offset);
    place.key = columns.add_if(frame.has_key(), frame.type);
  }
  for (size_t i = 0; i < spec.calls.size(); ++i) {
    CallColumns& place = layout.calls.emplace_back();
    place.result = static_cast<uint32_t>(i);
    place.first_argument = columns.next();
    for (const PhysicalType type : spec.calls[i].arguments) columns.add(type);
    place.filter = columns.add_if(spec.calls[i].filtered, PhysicalType::Bool);
  }
  layout.packed = join::PackedLayout::of(types);
  return layout;
}

void WindowLayout::write_null(uint8_t* row, uint32_t column) const {
  std::memset(row + packed.offsets[column], 0, vector::width_of(packed.types[column]));
  row[packed.null_offset + column / 8] |= static_cast<uint8_t>(1U << (column % 8));
}

}  // namespace rowtine::window
