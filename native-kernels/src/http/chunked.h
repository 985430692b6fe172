// The chunked transfer coding (RFC 9112 §7.1), decoded where it lies: the body grows at the front
// of the bytes that carried it.
#pragma once

#include <cstdint>
#include <string_view>

#include "http/limits.h"

namespace rowtine::http {

class ChunkedDecoder {
 public:
  enum class Outcome : uint8_t { Incomplete, Complete, Malformed, BodyTooLarge, TrailersTooLarge };

  /// Begins a body at `begin`, an offset into the data that decode() will be given.
  void start(uint32_t begin);

  /// Decodes what data[.. size) adds. Unlike other offsets, `size` may come back smaller: on
  /// Incomplete the bytes not yet decoded are moved down behind the body, so that framing takes no
  /// room however small the chunks are.
  ///
  /// Shapes: `data` readable for kParserPaddingBytes past `size`.
  Outcome decode(char* data, uint32_t& size, const Limits& limits);

  uint32_t body_end() const { return write_; }  // the body is [begin, body_end())
  uint32_t consumed() const { return read_; }   // after Complete: where the next request begins

 private:
  enum class State : uint8_t { Size, Data, DataEnd, Trailers, Done };

  Outcome take_size(const char* data, uint32_t size, const Limits& limits);
  Outcome take_data(char* data, uint32_t size);
  Outcome take_data_end(const char* data, uint32_t size);
  Outcome take_trailers(const char* data, uint32_t size, const Limits& limits);

  State state_ = State::Size;
  uint32_t begin_ = 0;
  uint32_t read_ = 0;   // next byte to decode
  uint32_t write_ = 0;  // end of the body so far
  uint32_t chunk_left_ = 0;
  // Trailers: offsets from read_, which stays where they begin until they are complete.
  uint32_t trailer_scanned_ = 0;
  uint32_t trailer_line_begin_ = 0;
  uint32_t trailer_count_ = 0;
};

/// Whether `text` is a valid list of chunk extensions, from its first ';' on; empty is valid.
bool is_chunk_extensions(std::string_view text);

}  // namespace rowtine::http
