// Every request here is parsed whole and cut at every byte: each way must tell the same story.
#include "http/request_parser.h"

#include <cstring>
#include <string>
#include <vector>

#include "base/check.h"

using namespace rowtine;
using http::Limits;
using http::ParsedRequest;
using http::ParseOutcome;
using http::RequestParser;

namespace {

constexpr Limits kLimits{
    .head_bytes_max = 1024, .header_count_max = 8, .target_bytes_max = 64, .body_bytes_max = 64};

struct Story {
  std::vector<std::string> requests;  // "METHOD path ?query |body| keep"
  int status = 0;                     // 0: nothing was refused
  bool operator==(const Story&) const = default;
};

std::string tell(const ParsedRequest& request) {
  std::string text(request.method);
  text.append(" ").append(request.path).append(" ?").append(request.query);
  text.append(" |").append(request.body).append("| ");
  return text + (request.keep_alive ? "keep" : "close");
}

/// Feeds `pieces` one after the other, as a connection would.
Story parse_pieces(const std::vector<std::string_view>& pieces, const Limits& limits = kLimits) {
  Story story;
  RequestParser parser;
  std::string pending;
  for (const std::string_view piece : pieces) {
    pending.append(piece);
    while (true) {
      // A copy of exactly the bytes, plus padding of a kind that would be noticed if it mattered.
      std::string buffer = pending + std::string(http::kParserPaddingBytes, '\n');
      auto size = static_cast<uint32_t>(pending.size());
      ParsedRequest request;
      const ParseOutcome outcome = parser.parse(buffer.data(), size, limits, request);
      if (outcome == ParseOutcome::Refused) {
        story.status = parser.refusal();
        return story;
      }
      if (outcome == ParseOutcome::Incomplete) {
        pending.assign(buffer.data(), size);
        break;
      }
      story.requests.push_back(tell(request));
      pending.assign(buffer.data() + request.consumed, size - request.consumed);
      if (pending.empty()) break;
    }
  }
  return story;
}

Story parse_at_every_split(const std::string& text, const char* name) {
  const Story whole = parse_pieces({text});
  std::vector<std::string_view> bytes;
  for (size_t i = 0; i < text.size(); ++i) bytes.push_back(std::string_view(text).substr(i, 1));
  check::expect(parse_pieces(bytes) == whole, name);
  for (size_t cut = 1; cut < text.size(); ++cut) {
    const std::string_view view(text);
    if (!check::expect(parse_pieces({view.substr(0, cut), view.substr(cut)}) == whole, name)) break;
  }
  return whole;
}

struct Accepted {
  const char* name;
  std::string text;
  std::vector<std::string> requests;
};

const std::string kHost = "Host: a\r\n";

void accepts() {
  const std::string get = "GET / HTTP/1.1\r\n" + kHost + "\r\n";
  const std::vector<Accepted> cases = {
      {"a plain request", get, {"GET / ? || keep"}},
      {"a query",
       "GET /a/b?c=d&e=?f HTTP/1.1\r\n" + kHost + "\r\n",
       {"GET /a/b ?c=d&e=?f || keep"}},
      {"pipelined requests",
       get + get + get,
       {"GET / ? || keep", "GET / ? || keep", "GET / ? || keep"}},
      {"empty lines before a request", "\r\n\r\n" + get, {"GET / ? || keep"}},
      {"a body by length",
       "POST /p HTTP/1.1\r\n" + kHost + "Content-Length: 5\r\n\r\nhello" + get,
       {"POST /p ? |hello| keep", "GET / ? || keep"}},
      {"a length with zeros",
       "POST /p HTTP/1.1\r\n" + kHost + "Content-Length: 0002 \r\n\r\nhi",
       {"POST /p ? |hi| keep"}},
      {"a body in chunks",
       "POST /p HTTP/1.1\r\n" + kHost +
           "Transfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n06;a=b;c=\"d;\\\"e\" ; f\r\n world\r\n"
           "0\r\nX-Trailer: t\r\n\r\n" +
           get,
       {"POST /p ? |hello world| keep", "GET / ? || keep"}},
      {"one-byte chunks",
       "POST /p HTTP/1.1\r\n" + kHost +
           "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n",
       {"POST /p ? |abc| keep"}},
      {"connection: close",
       "GET / HTTP/1.1\r\nConnection: foo, Close\r\n" + kHost + "\r\n",
       {"GET / ? || close"}},
      {"1.0 closes", "GET / HTTP/1.0\r\n\r\n", {"GET / ? || close"}},
      {"1.0 with keep-alive",
       "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
       {"GET / ? || keep"}},
      {"a higher minor version", "GET / HTTP/1.9\r\n" + kHost + "\r\n", {"GET / ? || keep"}},
      {"absolute form",
       "GET http://x.org:80/a?b HTTP/1.1\r\n" + kHost + "\r\n",
       {"GET /a ?b || keep"}},
      {"absolute form without path",
       "GET HTTP://x HTTP/1.1\r\n" + kHost + "\r\n",
       {"GET / ? || keep"}},
      {"absolute form with query only",
       "GET http://x?q HTTP/1.1\r\n" + kHost + "\r\n",
       {"GET / ?q || keep"}},
      {"asterisk form", "OPTIONS * HTTP/1.1\r\n" + kHost + "\r\n", {"OPTIONS * ? || keep"}},
      {"asterisk in absolute form",
       "OPTIONS http://x HTTP/1.1\r\n" + kHost + "\r\n",
       {"OPTIONS * ? || keep"}},
      {"an IPv6 host", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", {"GET / ? || keep"}},
      {"an empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", {"GET / ? || keep"}},
      {"tabs, high bytes and empty values",
       "GET / HTTP/1.1\r\nX:\t\xc3\xa9\tb \r\nY:\r\n" + kHost + "\r\n",
       {"GET / ? || keep"}},
      {"an unknown method", "BREW /pot HTTP/1.1\r\n" + kHost + "\r\n", {"BREW /pot ? || keep"}},
      {"expect",
       "PUT / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n" + kHost + "\r\nx",
       {"PUT / ? |x| keep"}},
      {"a header name longer than a vector",
       "GET / HTTP/1.1\r\n" + std::string(70, 'x') + ": y\r\n" + kHost + "\r\n",
       {"GET / ? || keep"}},
  };
  for (const Accepted& test : cases) {
    const Story story = parse_at_every_split(test.text, test.name);
    check::expect(story.status == 0, test.name);
    check::expect(story.requests == test.requests, test.name);
  }
}

struct Refused {
  const char* name;
  int status;
  std::string text;
};

std::string with_header(const std::string& header) {
  return "POST / HTTP/1.1\r\n" + kHost + header + "\r\n\r\n";
}
std::string with_line(const std::string& line) { return line + "\r\n" + kHost + "\r\n"; }
std::string with_chunks(const std::string& chunks) {
  return "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n" + chunks;
}

std::vector<Refused> framing_cases() {
  return {
      {"both lengths", 400, with_header("Content-Length: 3\r\nTransfer-Encoding: chunked")},
      {"both lengths, the other way", 400,
       with_header("Transfer-Encoding: chunked\r\nContent-Length: 3")},
      {"equal duplicate lengths", 400, with_header("Content-Length: 3\r\nContent-Length: 3")},
      {"conflicting lengths", 400, with_header("Content-Length: 3\r\nContent-Length: 4")},
      {"a list of lengths", 400, with_header("Content-Length: 3, 3")},
      {"a negative length", 400, with_header("Content-Length: -1")},
      {"a signed length", 400, with_header("Content-Length: +5")},
      {"a hexadecimal length", 400, with_header("Content-Length: 0x5")},
      {"an empty length", 400, with_header("Content-Length:")},
      {"a length with a space", 400, with_header("Content-Length: 1 2")},
      {"an overflowing length", 400, with_header("Content-Length: 18446744073709551617")},
      {"a length over the limit", 413, with_header("Content-Length: 65")},
      {"a gigabyte", 413, with_header("Content-Length: 1073741824")},
      {"an unknown coding", 501, with_header("Transfer-Encoding: foo")},
      {"an unknown coding before chunked", 501, with_header("Transfer-Encoding: foo, chunked")},
      {"gzip before chunked", 501, with_header("Transfer-Encoding: gzip, chunked")},
      {"gzip alone", 400, with_header("Transfer-Encoding: gzip")},
      {"chunked not last", 400, with_header("Transfer-Encoding: chunked, gzip")},
      {"chunked twice", 400,
       with_header("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")},
      {"chunked with a parameter", 501, with_header("Transfer-Encoding: chunked;q=1")},
      {"no coding", 400, with_header("Transfer-Encoding:")},
      {"a quoted coding", 400, with_header("Transfer-Encoding: \"chunked\"")},
      {"a coding in 1.0", 400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"an unknown expectation", 417, with_header("Expect: 200-ok")},
  };
}

std::vector<Refused> line_cases() {
  const std::string nul(1, '\0');
  return {
      {"bare LF after the request line", 400, "GET / HTTP/1.1\nHost: a\r\n\r\n"},
      {"bare LF after a header", 400, with_header("A: b\nC: d")},
      {"bare LF at the end", 400, "GET / HTTP/1.1\r\nHost: a\r\n\n"},
      {"bare LF at the start", 400, "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"bare CR in a value", 400, with_header("A: b\rC: d")},
      {"bare CR at the start", 400, "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"CR CR LF", 400, with_header("A: b\r")},
      {"a space before the colon", 400, with_header("A : b")},
      {"a tab before the colon", 400, with_header("A\t: b")},
      {"a header without colon", 400, with_header("Ab")},
      {"an empty header name", 400, with_header(": b")},
      {"a folded header", 400, with_header("A: b\r\n c")},
      {"a fold at the first header", 400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
      {"a header name that is no token", 400, with_header("A(b): c")},
      {"a high byte in a header name", 400, with_header("A\xc3\xa9: c")},
      {"NUL in a value", 400, with_header("A: b" + nul + "c")},
      {"a control byte in a value", 400, with_header("A: b\x01")},
      {"DEL in a value", 400, with_header("A: \x7f")},
      {"no host", 400, "GET / HTTP/1.1\r\n\r\n"},
      {"two hosts", 400, with_header("Host: a")},
      {"a host with a path", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
      {"a host with a user", 400, "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"},
      {"a list of hosts", 400, "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"},
      {"a bad port", 400, "GET / HTTP/1.1\r\nHost: a:8x\r\n\r\n"},
      {"two ports", 400, "GET / HTTP/1.1\r\nHost: a:8:8\r\n\r\n"},
      {"an open bracket", 400, "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"},
      {"a lower-case version", 400, with_line("GET / http/1.1")},
      {"no version", 400, with_line("GET /")},
      {"a version with two digits", 400, with_line("GET / HTTP/1.10")},
      {"HTTP/2", 505, with_line("GET / HTTP/2.0")},
      {"the HTTP/2 preface", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {"HTTP/0.9", 505, with_line("GET / HTTP/0.9")},
      {"two spaces", 400, with_line("GET  / HTTP/1.1")},
      {"a space in the target", 400, with_line("GET /a b HTTP/1.1")},
      {"a trailing space", 400, with_line("GET / HTTP/1.1 ")},
      {"a leading space", 400, with_line(" GET / HTTP/1.1")},
      {"a tab", 400, with_line("GET\t/ HTTP/1.1")},
      {"no method", 400, with_line("/ HTTP/1.1")},
      {"a method that is no token", 400, with_line("G@T / HTTP/1.1")},
      {"a fragment", 400, with_line("GET /a#b HTTP/1.1")},
      {"a high byte in the target", 400, with_line("GET /\xc3\xa9 HTTP/1.1")},
      {"a control byte in the target", 400, with_line("GET /\x01 HTTP/1.1")},
      {"a relative target", 400, with_line("GET a HTTP/1.1")},
      {"asterisk without OPTIONS", 400, with_line("GET * HTTP/1.1")},
      {"more than an asterisk", 400, with_line("OPTIONS *a HTTP/1.1")},
      {"absolute without host", 400, with_line("GET http:///a HTTP/1.1")},
      {"absolute with a user", 400, with_line("GET http://u@x/ HTTP/1.1")},
      {"another scheme", 400, with_line("GET ftp://x/ HTTP/1.1")},
      {"CONNECT", 501, with_line("CONNECT x:80 HTTP/1.1")},
      {"a method that is too long", 501, with_line(std::string(33, 'M') + " / HTTP/1.1")},
      {"a target that is too long", 414, with_line("GET /" + std::string(64, 'a') + " HTTP/1.1")},
      {"a request line without end", 414, "GET /" + std::string(300, 'a')},
      {"a long request line with LF", 414, "GET /" + std::string(300, 'a') + "\n"},
      {"a head that is too long", 431, with_header("A: " + std::string(1100, 'b'))},
      {"too many headers", 431, with_header("A:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:")},
      {"TLS", 400, "\x16\x03\x01\x02" + nul + "\x01" + nul + "\x01\xfc\x03\x03 binary\r\n\r\n"},
  };
}

std::vector<Refused> chunk_cases() {
  return {
      {"no size", 400, with_chunks("\r\nhello\r\n")},
      {"a size that is no number", 400, with_chunks("g\r\n")},
      {"a size with 0x", 400, with_chunks("0x5\r\nhello\r\n0\r\n\r\n")},
      {"a signed size", 400, with_chunks("+5\r\nhello\r\n0\r\n\r\n")},
      {"a negative size", 400, with_chunks("-1\r\n")},
      {"a space before the size", 400, with_chunks(" 5\r\nhello\r\n0\r\n\r\n")},
      {"a space after the size", 400, with_chunks("5 \r\nhello\r\n0\r\n\r\n")},
      {"an overflowing size", 400, with_chunks("10000000000000005\r\nhello\r\n0\r\n\r\n")},
      {"a size over the limit", 413, with_chunks("41\r\n")},
      {"the largest size", 413, with_chunks("ffffffffffffffff\r\n")},
      {"chunks that add up over the limit", 413,
       with_chunks("20\r\n" + std::string(32, 'a') + "\r\n21\r\n")},
      {"bare LF after the size", 400, with_chunks("5\nhello\r\n0\r\n\r\n")},
      {"bare CR in the size", 400, with_chunks("5\rhello\r\n0\r\n\r\n")},
      {"data longer than its size", 400, with_chunks("4\r\nhello\r\n0\r\n\r\n")},
      {"data ended by LF", 400, with_chunks("5\r\nhello\n0\r\n\r\n")},
      {"an extension without name", 400, with_chunks("5;\r\nhello\r\n0\r\n\r\n")},
      {"an extension without value", 400, with_chunks("5;a=\r\nhello\r\n0\r\n\r\n")},
      {"an extension with an open quote", 400, with_chunks("5;a=\"b\r\nhello\r\n0\r\n\r\n")},
      {"a control byte in an extension", 400, with_chunks("5;a=\"\x01\"\r\nhello\r\n0\r\n\r\n")},
      {"an extension line that is too long", 400,
       with_chunks("5;a=" + std::string(300, 'b') + "\r\nhello\r\n0\r\n\r\n")},
      {"a trailer with a space", 400, with_chunks("0\r\nA : b\r\n\r\n")},
      {"a folded trailer", 400, with_chunks("0\r\nA: b\r\n c\r\n\r\n")},
      {"bare LF in the trailers", 400, with_chunks("0\r\nA: b\n\r\n")},
      {"bare LF for the trailers", 400, with_chunks("0\r\n\n")},
      {"too many trailers", 431,
       with_chunks("0\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\n\r\n")},
      {"trailers that are too long", 431, with_chunks("0\r\nA: " + std::string(1100, 'b'))},
  };
}

void refuses() {
  for (const auto& cases : {framing_cases(), line_cases(), chunk_cases()}) {
    for (const Refused& test : cases) {
      const Story story = parse_at_every_split(test.text, test.name);
      if (!check::expect(story.status == test.status, test.name)) {
        std::printf("  status %d, expected %d\n", story.status, test.status);
      }
      check::expect(story.requests.empty(), test.name);
    }
  }
}

/// Limits are inclusive: what just fits is accepted.
void meets_limits() {
  const std::string target = "/" + std::string(63, 'a');
  check::expect(
      parse_pieces({"GET " + target + " HTTP/1.1\r\n" + kHost + "\r\n"}).requests.size() == 1,
      "a target of exactly the limit");
  std::string headers;
  for (int i = 0; i < 7; ++i) headers += "A: b\r\n";
  check::expect(
      parse_pieces({"GET / HTTP/1.1\r\n" + headers + kHost + "\r\n"}).requests.size() == 1,
      "as many headers as the limit");
  const std::string start = "GET / HTTP/1.1\r\n" + kHost + "A: ";
  const std::string filler(1024 - start.size() - 4, 'b');
  check::expect(parse_pieces({start + filler + "\r\n\r\n"}).requests.size() == 1,
                "a head of exactly the limit");
  check::expect(parse_pieces({start + filler + "b\r\n\r\n"}).status == 431, "and one byte more");
  const std::string body(64, 'c');
  check::expect(parse_pieces({"PUT / HTTP/1.1\r\nContent-Length: 64\r\n" + kHost + "\r\n" + body})
                        .requests.size() == 1,
                "a body of exactly the limit");
  check::expect(parse_pieces({with_chunks("40\r\n" + body + "\r\n0\r\n\r\n")}).requests.size() == 1,
                "chunks of exactly the limit");
}

void asks_for_continue() {
  const std::string head =
      "PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n" + kHost + "\r\n";
  std::string buffer = head + std::string(http::kParserPaddingBytes, 'x');
  auto size = static_cast<uint32_t>(head.size());
  RequestParser parser;
  ParsedRequest request;
  check::expect(parser.parse(buffer.data(), size, kLimits, request) == ParseOutcome::Incomplete &&
                    parser.in_body(),
                "the head is complete, the body is not");
  check::expect(parser.take_expects_continue(), "the client waits");
  check::expect(!parser.take_expects_continue(), "it is told so once");
}

/// A long head that comes byte by byte must not cost its length squared: scanning resumes.
void keeps_heads_apart() {
  ParsedRequest request;
  std::string text = "GET /x?y HTTP/1.1\r\n" + kHost + "A: 1\r\nB: 2\r\n\r\nrest";
  auto size = static_cast<uint32_t>(text.size());
  text.append(http::kParserPaddingBytes, '\0');
  RequestParser parser;
  check::expect(parser.parse(text.data(), size, kLimits, request) == ParseOutcome::Complete,
                "parsed");
  check::expect(request.head == "Host: a\r\nA: 1\r\nB: 2\r\n", "the head is its header lines");
  check::expect(text.substr(request.consumed, 4) == "rest", "what follows is left alone");
  check::expect(request.is_head == false && request.is_http10 == false, "flags");
}

bool is_same_scan(const http::LineScan& a, const http::LineScan& b) {
  bool same = a.line_count == b.line_count && a.is_end == b.is_end && a.is_bad == b.is_bad &&
              a.line_begin == b.line_begin && (!a.is_bad || a.bad_at == b.bad_at);
  for (uint32_t i = 0; same && i < a.line_count; ++i) {
    same = std::memcmp(&a.lines[i], &b.lines[i], sizeof(http::Line)) == 0;
  }
  return same;
}

/// The vector paths and the portable path see the same lines and targets.
void scans_alike() {
  uint32_t seed = 7;
  const std::string alphabet = "ab:\r\n\r\n \t\x01\x7f\x80\xff?";
  const std::vector<http::ScanLines> scanners = http::runnable_line_scanners();
  for (size_t round = 0; round < 3000; ++round) {
    std::string text;
    for (size_t i = 0; i < 1 + round % 200; ++i) {
      seed = seed * 1664525 + 1013904223;
      const uint32_t pick = seed >> 16;
      if (pick % 7 == 0) text += "\r\n";
      else text += pick % 3 == 0 ? alphabet[pick / 3 % alphabet.size()] : 'x';
    }
    const auto size = static_cast<uint32_t>(text.size());
    text.append("\r\n").append(http::kParserPaddingBytes, '\0');
    http::LineScan portable;
    scanners.front()(text.data(), size, portable);
    for (const http::ScanLines scanner : scanners) {
      http::LineScan scan;
      scanner(text.data(), size, scan);
      check::expect(is_same_scan(scan, portable), "all line scanners agree");
    }
    const http::TargetSpan span = http::scan_target(text.data());
    const http::TargetSpan slow = http::scan_target_portable(text.data());
    check::expect(span.bytes == slow.bytes && span.path_bytes == slow.path_bytes,
                  "both target scanners agree");
  }
}

}  // namespace

int main() {
  accepts();
  refuses();
  meets_limits();
  asks_for_continue();
  keeps_heads_apart();
  scans_alike();
  return check::summary();
}
