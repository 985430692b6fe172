// How many nanoseconds does parsing one 165-byte request take, alone and 16 pipelined?
#include <chrono>
#include <cstdio>
#include <string>

#include "http/request_parser.h"

using namespace rowtine;

namespace {

const std::string kRequest =
    "GET /plaintext HTTP/1.1\r\nHost: server.example.org\r\nUser-Agent: wrk/4.1.0 (loopback)\r\n"
    "Accept: text/plain,text/html;q=0.9,*/*;q=0.1\r\nConnection: keep-alive\r\n\r\n";

double measure(uint32_t pipelined, uint32_t rounds, uint64_t& checksum) {
  std::string buffer;
  for (uint32_t i = 0; i < pipelined; ++i) buffer += kRequest;
  const auto size = static_cast<uint32_t>(buffer.size());
  buffer.append(http::kParserPaddingBytes, '\0');
  const http::Limits limits;
  http::RequestParser parser;
  const auto begin = std::chrono::steady_clock::now();
  for (uint32_t round = 0; round < rounds; ++round) {
    uint32_t at = 0;
    while (at < size) {
      http::ParsedRequest request;
      uint32_t left = size - at;
      if (parser.parse(buffer.data() + at, left, limits, request) != http::ParseOutcome::Complete) {
        return -1;
      }
      checksum += request.path.size() + request.head.size();
      at += request.consumed;
    }
  }
  const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begin;
  return spent.count() / rounds / pipelined;
}

}  // namespace

int main() {
  for (const uint32_t pipelined : {1U, 16U}) {
    double best = 1e9;
    uint64_t checksum = 0;
    // Short samples and their minimum: what a noisy machine adds is left out.
    for (int sample = 0; sample < 300; ++sample) {
      best = std::min(best, measure(pipelined, 10'000 / pipelined, checksum));
    }
    std::printf("%zu-byte request, %u per buffer: %.1f ns (checksum %llu)\n", kRequest.size(),
                pipelined, best, static_cast<unsigned long long>(checksum));
  }
}
