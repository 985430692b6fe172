// Builds the strings of a result column one after the other in the run's arena: no allocation per
// row, and what a row did not need is left to the next.
#pragma once

#include <algorithm>
#include <cstring>
#include <string_view>

#include "expr/kernel.h"

namespace rowtine::expr {

/// Bytes of one string at most; kernels that would make a longer one fail the row with 54000.
inline constexpr size_t kTextBytesMax = size_t{64} << 20;

class TextWriter {
 public:
  explicit TextWriter(KernelContext& context) : context_(context) {}

  /// Room for `bytes` more bytes at the end of the text, or nullptr when there is none (the row
  /// fails at finish()). What is written there counts after advance().
  char* reserve(size_t bytes) {
    if (static_cast<size_t>(end_ - next_) < bytes && !grow(bytes)) return nullptr;
    return next_;
  }
  void advance(size_t bytes) { next_ += bytes; }

  void append(std::string_view text) {
    char* to = reserve(text.size());
    if (to == nullptr || text.empty()) return;
    std::memcpy(to, text.data(), text.size());
    next_ += text.size();
  }
  void append(char c) {
    if (char* to = reserve(1)) {
      *to = c;
      ++next_;
    }
  }

  /// What has been written since the last finish().
  std::string_view text() const { return {start_, static_cast<size_t>(next_ - start_)}; }
  void truncate(size_t bytes) { next_ = start_ + bytes; }

  /// Ends the text of `row`. Errors: 53200, 54000, with the empty text.
  StringView finish(uint32_t row) {
    if (!refused_.ok()) {
      fail(context_, row, refused_);
      refused_ = kSuccess;
      next_ = start_;
      return {};
    }
    const StringView view = StringView::of(text());
    if (view.is_inline()) {
      next_ = start_;
    } else {
      start_ = next_;
    }
    return view;
  }

 private:
  bool grow(size_t bytes) {
    if (!refused_.ok()) return false;
    const auto used = static_cast<size_t>(next_ - start_);
    if (bytes > kTextBytesMax || used > kTextBytesMax - bytes) {
      refused_ = kProgramLimitExceeded;
      return false;
    }
    const size_t first = std::clamp<size_t>(context_.row_count * 16UL, 256, 16384);
    const size_t size = std::max(first, 2 * (used + bytes));
    char* chunk = static_cast<char*>(context_.scratch.allocate(size, 1));
    if (chunk == nullptr) {
      refused_ = kOutOfMemory;
      return false;
    }
    if (used > 0) std::memcpy(chunk, start_, used);
    start_ = chunk;
    next_ = chunk + used;
    end_ = chunk + size;
    return true;
  }

  KernelContext& context_;
  char* start_ = nullptr;
  char* next_ = nullptr;
  char* end_ = nullptr;
  SqlState refused_;
};

/// The text of a String argument at `row`; lives as long as the argument vector.
inline std::string_view text_at(const Vector& argument, uint32_t row) {
  return argument.as<StringView>()[argument.index_of(row)].text();
}

}  // namespace rowtine::expr
