// Any bytes at all: the request parser stays within its buffer, tells the same story however the
// bytes are cut, and what it accepts makes valid JSON. With libFuzzer, or with fuzz_main.cc.
//   clang++ -std=gnu++20 -g -O1 -fsanitize=fuzzer,address,undefined -I src
//     fuzz/http_request_fuzz.cc src/http/{scan,chunked,request_parser,utf8}.cc
//     src/http/{json_text,header_json,form_json}.cc src/base/invariant.cc
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "base/invariant.h"
#include "http/form_json.h"
#include "http/header_json.h"
#include "http/request_parser.h"
#include "http/utf8.h"

namespace {

using namespace rowtine;
using namespace rowtine::http;

constexpr Limits kLimits{.head_bytes_max = 2048,
                         .header_count_max = 40,
                         .target_bytes_max = 256,
                         .body_bytes_max = 4096};

/// What one way of cutting the bytes led to.
struct Story {
  std::string requests;  // every part of every request, with separators that no part contains
  uint16_t refusal = 0;
  bool operator==(const Story&) const = default;
};

void check_columns(const ParsedRequest& request) {
  std::string json;
  append_headers_json(request.head, json);
  append_cookies_json(request.head, json);
  append_query_json(request.query, json);
  append_form_json(request.head, request.body, json);
  invariant(is_utf8(json), "columns are UTF-8");
  invariant(json.find('\n') == std::string::npos, "control bytes are escaped");
}

void append_request(const ParsedRequest& request, Story& story) {
  for (const std::string_view part : {request.method, request.path, request.query, request.head}) {
    story.requests.append(part).append(1, '\0');
  }
  story.requests += std::to_string(request.body.size());
  story.requests.append(request.body).append(request.keep_alive ? "+" : "-");
}

/// Cuts after every `step` bytes; 0 does not cut.
Story parse(std::string_view bytes, size_t step, bool is_checked) {
  Story story;
  RequestParser parser;
  std::vector<char> pending;
  size_t fed = 0;
  while (fed < bytes.size()) {
    const size_t piece = step == 0 ? bytes.size() : std::min(step, bytes.size() - fed);
    pending.insert(pending.end(), bytes.begin() + static_cast<ptrdiff_t>(fed),
                   bytes.begin() + static_cast<ptrdiff_t>(fed + piece));
    fed += piece;
    while (!pending.empty()) {
      // A block of its own size for every call: sanitizers see each byte read past the padding.
      auto size = static_cast<uint32_t>(pending.size());
      std::vector<char> buffer(size + kParserPaddingBytes, '\n');
      std::memcpy(buffer.data(), pending.data(), size);
      ParsedRequest request;
      const ParseOutcome outcome = parser.parse(buffer.data(), size, kLimits, request);
      invariant(size <= pending.size(), "a buffer only shrinks");
      if (outcome == ParseOutcome::Refused) {
        story.refusal = parser.refusal();
        invariant(story.refusal >= 400, "a refusal has a status");
        return story;
      }
      if (outcome == ParseOutcome::Incomplete) {
        pending.assign(buffer.begin(), buffer.begin() + size);
        break;
      }
      invariant(request.consumed > 0 && request.consumed <= size, "a request has bytes");
      if (is_checked) check_columns(request);
      append_request(request, story);
      pending.assign(buffer.begin() + request.consumed, buffer.begin() + size);
    }
  }
  return story;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Story whole = parse(bytes, 0, true);
  for (const size_t step : {1UL, 2UL, 7UL, 64UL}) {
    invariant(parse(bytes, step, false) == whole, "cutting the bytes changes nothing");
  }
  return 0;
}
