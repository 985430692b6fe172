#include "http/chunked.h"

#include <algorithm>
#include <cstring>

#include "http/character.h"
#include "http/scan.h"

namespace rowtine::http {
namespace {

uint32_t hex_value(char c) {
  if (is_byte(c, kDigitByte)) return static_cast<uint32_t>(c - '0');
  return static_cast<uint32_t>((c | 0x20) - 'a' + 10);
}

std::string_view skip_blanks(std::string_view text) {
  const size_t at = text.find_first_not_of(" \t");
  return at == std::string_view::npos ? std::string_view{} : text.substr(at);
}

std::string_view skip_token(std::string_view text) {
  while (!text.empty() && is_byte(text.front(), kTokenByte)) text.remove_prefix(1);
  return text;
}

/// Skips a quoted-string. Returns: false when it is not one.
bool skip_quoted(std::string_view& text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (is_byte(text[i], kControlByte)) return false;
    if (text[i] == '\\') {
      ++i;
      if (i < text.size() && is_byte(text[i], kControlByte)) return false;
    } else if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

/// Skips `name [= value]`. Returns: false when there is none.
bool skip_extension(std::string_view& text) {
  text = skip_blanks(text);
  const size_t before = text.size();
  text = skip_token(text);
  if (text.size() == before) return false;
  const std::string_view rest = skip_blanks(text);
  if (rest.empty() || rest.front() != '=') return true;
  text = skip_blanks(rest.substr(1));
  if (!text.empty() && text.front() == '"') return skip_quoted(text);
  const size_t value_before = text.size();
  text = skip_token(text);
  return text.size() != value_before;
}

}  // namespace

bool is_chunk_extensions(std::string_view text) {
  while (!text.empty()) {
    if (text.front() != ';') return false;
    text.remove_prefix(1);
    if (!skip_extension(text)) return false;
    const std::string_view rest = skip_blanks(text);
    if (!rest.empty()) text = rest;
  }
  return true;
}

void ChunkedDecoder::start(uint32_t begin) {
  *this = ChunkedDecoder{};
  begin_ = read_ = write_ = begin;
}

ChunkedDecoder::Outcome ChunkedDecoder::decode(char* data, uint32_t& size, const Limits& limits) {
  Outcome outcome = Outcome::Complete;
  while (outcome == Outcome::Complete && state_ != State::Done) {
    switch (state_) {
      case State::Size: outcome = take_size(data, size, limits); break;
      case State::Data: outcome = take_data(data, size); break;
      case State::DataEnd: outcome = take_data_end(data, size); break;
      case State::Trailers: outcome = take_trailers(data, size, limits); break;
      case State::Done: break;
    }
  }
  if (outcome == Outcome::Incomplete && write_ < read_) {
    std::memmove(data + write_, data + read_, size - read_);
    size -= read_ - write_;
    read_ = write_;
  }
  return outcome;
}

ChunkedDecoder::Outcome ChunkedDecoder::take_size(const char* data, uint32_t size,
                                                  const Limits& limits) {
  const uint32_t available = std::min(size - read_, kChunkLineBytesMax);
  const auto* feed = static_cast<const char*>(std::memchr(data + read_, '\n', available));
  if (feed == nullptr) {
    return available == kChunkLineBytesMax ? Outcome::Malformed : Outcome::Incomplete;
  }
  const std::string_view line(data + read_, static_cast<size_t>(feed - (data + read_)));
  if (line.empty() || line.back() != '\r') return Outcome::Malformed;
  const std::string_view text = line.substr(0, line.size() - 1);

  // More than the body's limit of 31 bits needs no exact value, but it must not wrap around.
  constexpr uint64_t kTooLarge = 1ULL << 40;
  uint64_t bytes = 0;
  size_t digits = 0;
  for (; digits < text.size() && is_byte(text[digits], kHexByte); ++digits) {
    bytes = std::min(bytes << 4 | hex_value(text[digits]), kTooLarge);
  }
  if (digits == 0 || digits > 16 || !is_chunk_extensions(text.substr(digits))) {
    return Outcome::Malformed;
  }
  if (bytes > limits.body_bytes_max - (write_ - begin_)) return Outcome::BodyTooLarge;
  read_ += static_cast<uint32_t>(line.size()) + 1;
  chunk_left_ = static_cast<uint32_t>(bytes);
  state_ = bytes == 0 ? State::Trailers : State::Data;
  return Outcome::Complete;
}

ChunkedDecoder::Outcome ChunkedDecoder::take_data(char* data, uint32_t size) {
  const uint32_t bytes = std::min(size - read_, chunk_left_);
  std::memmove(data + write_, data + read_, bytes);
  read_ += bytes;
  write_ += bytes;
  chunk_left_ -= bytes;
  if (chunk_left_ != 0) return Outcome::Incomplete;
  state_ = State::DataEnd;
  return Outcome::Complete;
}

ChunkedDecoder::Outcome ChunkedDecoder::take_data_end(const char* data, uint32_t size) {
  if (size - read_ >= 1 && data[read_] != '\r') return Outcome::Malformed;
  if (size - read_ < 2) return Outcome::Incomplete;
  if (data[read_ + 1] != '\n') return Outcome::Malformed;
  read_ += 2;
  state_ = State::Size;
  return Outcome::Complete;
}

/// Trailers are checked as headers are and then dropped: nothing in a request may depend on them.
ChunkedDecoder::Outcome ChunkedDecoder::take_trailers(const char* data, uint32_t size,
                                                      const Limits& limits) {
  LineScan scan;
  scan.scanned = trailer_scanned_;
  scan.line_begin = trailer_line_begin_;
  const uint32_t visible = std::min(size - read_, limits.head_bytes_max);
  do {
    scan_lines(data + read_, visible, scan);
    for (uint32_t i = 0; i < scan.line_count; ++i) {
      const Line& line = scan.lines[i];
      const bool named = line.token_bytes > 0 && data[read_ + line.begin + line.token_bytes] == ':';
      if (!named) return Outcome::Malformed;
      if (++trailer_count_ > limits.header_count_max) return Outcome::TrailersTooLarge;
    }
  } while (scan.line_count == LineScan::kLinesPerCall && !scan.is_end && !scan.is_bad);
  if (scan.is_bad) return Outcome::Malformed;
  if (scan.is_end) {
    read_ += scan.line_begin;
    state_ = State::Done;
    return Outcome::Complete;
  }
  if (visible == limits.head_bytes_max) return Outcome::TrailersTooLarge;
  trailer_scanned_ = scan.scanned;
  trailer_line_begin_ = scan.line_begin;
  return Outcome::Incomplete;
}

}  // namespace rowtine::http
