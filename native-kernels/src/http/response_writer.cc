#include "http/response_writer.h"

#include <charconv>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "http/character.h"
#include "http/response_headers.h"

namespace rowtine::http {
namespace {

/// Status line, Date, the default headers and line ends, whatever their values.
constexpr uint64_t kFixedHeadBytesMax = 320;

/// Appends without checks: write_response()'s caller made room for everything that it may write.
class Writer {
 public:
  explicit Writer(char* out) : begin_(out), at_(out) {}
  void text(std::string_view text) {
    if (text.empty()) return;
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  void date(std::string_view date) {
    text("Date: ");
    text(date);
    text("\r\n");
  }
  void number(uint64_t value) { at_ = std::to_chars(at_, at_ + 20, value).ptr; }
  void status_line(int32_t status) {
    if (status == 200) return text("HTTP/1.1 200 OK\r\n");
    text("HTTP/1.1 ");
    number(static_cast<uint64_t>(status));
    text(" ");
    text(reason_phrase(status));
    text("\r\n");
  }
  /// Either may overlap what is written, as long as the value is not to the left of its place.
  void header(std::string_view name, std::string_view value) {
    std::memmove(at_, name.data(), name.size());
    std::memmove(at_ + name.size() + 2, value.data(), value.size());
    std::memcpy(at_ + name.size(), ": ", 2);
    at_ += name.size() + 2 + value.size();
    text("\r\n");
  }
  char* at() { return at_; }
  uint32_t bytes() const { return static_cast<uint32_t>(at_ - begin_); }

 private:
  char* begin_;
  char* at_;
};

/// What the request and the status make of the body.
struct Framing {
  uint64_t body_bytes;
  bool has_body;  // bytes follow the head: not for HEAD, 204 and 304
};

/// Whether the caller's Content-Length is what the message has, or could be without a body.
bool is_length(std::string_view value, const Framing& framing) {
  uint64_t length = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), length);
  if (parsed.ec != std::errc{} || parsed.ptr != value.data() + value.size()) return false;
  return !framing.has_body || length == framing.body_bytes;
}

/// Room for the headers of `json`, whose lines are longer than their source only by what an array
/// repeats.
uint64_t header_bytes_max(std::string_view json) {
  if (json.empty()) return 0;
  const bool has_array = json.find('[') != std::string_view::npos;
  return 3 * json.size() + 64 + (has_array ? kRepeatedHeaderBytesMax : 0);
}

bool has_element(std::string_view list, std::string_view lower) {
  while (!list.empty()) {
    if (equals_lower(next_element(list), lower)) return true;
  }
  return false;
}

/// Whether `value` may stand on a header line: no controls but HTAB, so no CR, LF or NUL.
bool is_header_value(std::string_view value) {
  for (const char c : value) {
    if (is_byte(c, kControlByte)) return false;
  }
  return true;
}

/// Handles what frames the message, which is this writer's to say.
/// Returns: whether the header is to be written as it is.
bool takes_as_it_is(std::string_view name, std::string_view value, const Framing& framing,
                    GivenHeaders& given, WriteError& error) {
  switch (name.size()) {
    case 4: given.date |= is_name(name.data(), "date"); return true;
    case 10:
      if (!is_name(name.data(), "connection")) return true;
      given.close |= has_element(value, "close");
      return false;
    case 12: given.content_type |= is_name(name.data(), "content-type"); return true;
    case 14:
      if (!is_name(name.data(), "content-length")) return true;
      given.depends_on_body = true;
      if (!is_length(value, framing)) error = WriteError::ReservedName;
      given.content_length |= !framing.has_body;
      return !framing.has_body;
    case 17:
      if (is_name(name.data(), "transfer-encoding")) error = WriteError::ReservedName;
      return true;
    default: return true;
  }
}

WriteError read_given(std::string_view json, const Framing& framing, Writer& writer,
                      GivenHeaders& given) {
  const char* end = writer.at() + header_bytes_max(json);
  HeaderJsonReader reader(json);
  while (true) {
    // An array repeats its name, so the text's length alone does not bound what is written.
    if (writer.at() + json.size() + 8 > end) return WriteError::TooLong;
    // Decoded two bytes further than it belongs, so that the value already stands in its place.
    const auto step = reader.next(writer.at() + 2);
    if (step == HeaderJsonReader::Step::End) return WriteError::None;
    if (step == HeaderJsonReader::Step::Malformed) return WriteError::BadJson;
    const std::string_view name = reader.name();
    const std::string_view value = trim(reader.value());
    if (!is_token(name)) return WriteError::BadName;
    if (!is_header_value(value)) return WriteError::BadValue;
    WriteError error = WriteError::None;
    const bool is_written = takes_as_it_is(name, value, framing, given, error);
    if (error != WriteError::None) return error;
    if (is_written) writer.header(name, value);
  }
}

WriteError write_given(std::string_view json, const Framing& framing, Writer& writer,
                       GivenHeaders& given, HeaderMemory* memory) {
  if (json.empty()) return WriteError::None;
  const HeaderMemory::Entry* known = memory == nullptr ? nullptr : memory->find(json);
  if (known != nullptr) {
    writer.text(known->lines);
    given = known->given;
    return WriteError::None;
  }
  const char* start = writer.at();
  const WriteError error = read_given(json, framing, writer, given);
  if (error != WriteError::None || memory == nullptr) return error;
  memory->remember(json, {start, static_cast<size_t>(writer.at() - start)}, given);
  return WriteError::None;
}

std::string_view content_type_of(std::string_view body) {
  switch (body.front()) {
    case '<': return "Content-Type: text/html; charset=utf-8\r\n";
    case '{':
    case '[': return "Content-Type: application/json\r\n";
    default: return "Content-Type: text/plain; charset=utf-8\r\n";
  }
}

}  // namespace

std::string_view DateCache::at(int64_t unix_seconds) {
  if (unix_seconds != seconds_) {
    seconds_ = unix_seconds;
    const std::time_t time = unix_seconds;
    std::tm parts{};
    gmtime_r(&time, &parts);
    // Not strftime's %a and %b, which follow the locale.
    constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const uint32_t year = static_cast<uint32_t>(parts.tm_year + 1900) % 10000;
    std::snprintf(text_.data(), text_.size(), "%s, %02u %s %04u %02u:%02u:%02u GMT",
                  kDays[parts.tm_wday], static_cast<uint32_t>(parts.tm_mday) % 100U,
                  kMonths[parts.tm_mon], year, static_cast<uint32_t>(parts.tm_hour) % 100U,
                  static_cast<uint32_t>(parts.tm_min) % 100U,
                  static_cast<uint32_t>(parts.tm_sec) % 100U);
  }
  return {text_.data(), text_.size() - 1};
}

const char* describe(WriteError error) {
  switch (error) {
    case WriteError::None: return "no error";
    case WriteError::BadStatus: return "the status is not between 200 and 599";
    case WriteError::BadJson:
      return "headers are not a JSON object of strings or arrays of strings";
    case WriteError::BadName: return "a header's name is not a token";
    case WriteError::BadValue:
      return "a header's value has a line end or another control character";
    case WriteError::ReservedName:
      return "Content-Length and Transfer-Encoding are set by the server";
    case WriteError::TooLong: return "the headers are too long";
  }
  return "";
}

uint64_t response_bytes_max(std::string_view headers_json, std::string_view body) {
  return kFixedHeadBytesMax + header_bytes_max(headers_json) + body.size();
}

WriteResult write_response(const ResponseShape& shape, std::string_view headers_json,
                           std::string_view body, std::string_view date, char* out,
                           HeaderMemory* memory) {
  if (shape.status < 200 || shape.status > 599) return {WriteError::BadStatus, true, 0};
  const bool never_has_body = shape.status == 204 || shape.status == 304;
  if (shape.status == 205) body = {};
  const Framing framing{body.size(), !never_has_body && !shape.is_head};
  GivenHeaders given;
  Writer writer(out);
  writer.status_line(shape.status);
  const WriteError error = write_given(headers_json, framing, writer, given, memory);
  if (error != WriteError::None) return {error, true, 0};
  if (!given.date) writer.date(date);
  if (!given.content_type && !never_has_body && !body.empty()) writer.text(content_type_of(body));
  if (!given.content_length && !never_has_body) {
    writer.text("Content-Length: ");
    writer.number(body.size());
    writer.text("\r\n");
  }
  const bool keep_alive = shape.keep_alive && !given.close;
  if (!keep_alive) writer.text("Connection: close\r\n");
  else if (shape.is_http10) writer.text("Connection: keep-alive\r\n");
  writer.text("\r\n");
  if (framing.has_body) writer.text(body);
  return {WriteError::None, keep_alive, writer.bytes()};
}

uint32_t write_refusal(int32_t status, std::string_view date, char* out) {
  Writer writer(out);
  writer.status_line(status);
  writer.date(date);
  writer.text("Content-Length: 0\r\nConnection: close\r\n\r\n");
  return writer.bytes();
}

}  // namespace rowtine::http
