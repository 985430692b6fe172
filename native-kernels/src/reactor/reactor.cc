#include "reactor/reactor.h"

#include <algorithm>

#include "base/invariant.h"

namespace rowtine::reactor {

void Inbox::clear() {
  opened.clear();
  requests.clear();
  received.clear();
  lines.clear();
  sent.clear();
  closed.clear();
}

ReactorOptions ReactorOptions::checked() const {
  invariant(worker < 1U << kWorkerBits, "a worker's number fits its ids");
  ReactorOptions options = *this;
  Limits& fitting = options.limits;
  fitting.connections_max = std::min(fitting.connections_max, (1U << kSlotBits) - 1);
  fitting.http.body_bytes_max = std::min(fitting.http.body_bytes_max, http::kBodyBytesCeiling);
  fitting.http.head_bytes_max = std::min(fitting.http.head_bytes_max, http::kHeadBytesCeiling);
  fitting.requests_in_flight_max = std::max(fitting.requests_in_flight_max, 1U);
  return options;
}

Stats Stats::operator+(const Stats& other) const {
  Stats sum = *this;
  sum.connections_accepted += other.connections_accepted;
  sum.connections_open += other.connections_open;
  sum.requests += other.requests;
  sum.requests_refused += other.requests_refused;
  sum.requests_waiting += other.requests_waiting;
  sum.bytes_received += other.bytes_received;
  sum.bytes_sent += other.bytes_sent;
  sum.sends += other.sends;
  sum.polls += other.polls;
  sum.accept_pauses += other.accept_pauses;
  sum.input_bytes_held += other.input_bytes_held;
  return sum;
}

}  // namespace rowtine::reactor
