// Kernels that write a text for each row.
#pragma once

#include <type_traits>

#include "expr/apply.h"
#include "expr/text_writer.h"

namespace rowtine::expr {

/// Calls `write(row, writer)` for every row without a null argument; it appends the row's text, and
/// may return the SqlState with which the row fails.
template <class Write>
void write_texts(KernelContext& context, std::span<const Vector> arguments, Vector& result,
                 Write write) {
  TextWriter writer(context);
  auto* out = result.as<StringView>();
  each_row(context, arguments, result, [&](uint32_t row) {
    if constexpr (std::is_void_v<decltype(write(row, writer))>) {
      write(row, writer);
    } else {
      const SqlState state = write(row, writer);
      if (!state.ok()) fail(context, row, state);
    }
    out[row] = writer.finish(row);
  });
}

}  // namespace rowtine::expr
