// The bounds of a reactor: nothing that a peer does may make it wait, grow or work without one.
#pragma once

#include <cstdint>

#include "http/limits.h"

namespace rowtine::reactor {

/// Widths of the parts of a connection's id; slots and generations start at 0 and 1.
inline constexpr uint32_t kSlotBits = 24;
inline constexpr uint32_t kGenerationBits = 24;
inline constexpr uint32_t kWorkerBits = 7;

/// Completions handled per poll(), so that a flood cannot starve timers and pipelines.
inline constexpr uint32_t kReapMax = 1024;

/// Requests handed out per poll() before the rest waits for the next: one batch's rows.
inline constexpr uint32_t kRequestsPerPollMax = 2048;

/// Lines handed out per poll(): they may be as short as one byte.
inline constexpr uint32_t kLinesPerPollMax = 16 * 1024;

/// Received bytes taken from one connection and discarded while it lingers after an error.
inline constexpr uint64_t kLingerBytesMax = 64ULL << 20;

inline constexpr int64_t kSecondUs = 1'000'000;

struct Limits {
  http::Limits http;
  uint32_t connections_max = 20'000;         // past it, accepting pauses; the backlog holds them
  uint32_t requests_in_flight_max = 64;      // per connection; past it, reading pauses
  uint64_t output_bytes_pause = 1ULL << 20;  // unsent bytes at which reading pauses
  uint64_t output_bytes_max = 64ULL << 20;   // unsent bytes past which send() refuses
  uint64_t input_bytes_pause = 256 * 1024;   // received and not yet parsed, at which reading pauses
  uint64_t input_bytes_total_max = 512ULL << 20;  // for unfinished requests, all together: 503
  uint32_t line_bytes_max = 64 * 1024;  // `lines`: longer ones end the connection

  int64_t header_timeout_us = 10 * kSecondUs;   // first byte of a request to its last header: 408
  int64_t body_timeout_us = 20 * kSecondUs;     // between two receives of a body: 408
  uint32_t body_bytes_per_second_min = 1024;    // average, after the first body_timeout: 408
  int64_t idle_timeout_us = 75 * kSecondUs;     // keep-alive without a request: closed
  int64_t stream_idle_timeout_us = 0;           // `tcp` and `lines` without traffic; 0 = never
  int64_t write_timeout_us = 30 * kSecondUs;    // unsent output without progress: reset
  int64_t answer_timeout_us = 600 * kSecondUs;  // a request that nobody answers: 504; 0 = never
  int64_t linger_timeout_us = 2 * kSecondUs;    // after our end is closed, for the peer's
  int64_t half_close_grace_us = 250'000;  // `tcp`, `lines`: peer's end closed, replies may come
  int64_t accept_retry_us = 50'000;       // after the process ran out of descriptors
};

}  // namespace rowtine::reactor
