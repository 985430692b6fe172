// What leaves is one well-formed message, whatever the headers are said to be.
#include "http/response_writer.h"

#include <string>
#include <vector>

#include "base/check.h"

using namespace rowtine;
using namespace rowtine::http;

namespace {

const std::string kDate = "Sun, 06 Nov 1994 08:49:37 GMT";

std::string write(const ResponseShape& shape, std::string_view headers, std::string_view body,
                  WriteResult* result = nullptr) {
  // Exactly the room that was promised to be enough; sanitizers watch its end.
  std::vector<char> out(response_bytes_max(headers, body));
  const WriteResult written = write_response(shape, headers, body, kDate, out.data());
  if (result != nullptr) *result = written;
  check::expect(written.bytes <= out.size(), "the promised room was enough");
  return written.error == WriteError::None ? std::string(out.data(), written.bytes)
                                           : std::string(describe(written.error));
}

void expect_text(const std::string& actual, const std::string& expected, const char* name) {
  if (!check::expect(actual == expected, name)) {
    std::printf("  %s\n  expected %s\n", actual.c_str(), expected.c_str());
  }
}

std::string head(const char* status, const std::string& rest) {
  return "HTTP/1.1 " + std::string(status) + "\r\n" + rest;
}
const std::string kDateLine = "Date: " + kDate + "\r\n";

void writes_messages() {
  expect_text(write({}, "", "hi"),
              head("200 OK", kDateLine + "Content-Type: text/plain; charset=utf-8\r\n"
                                         "Content-Length: 2\r\n\r\nhi"),
              "text");
  expect_text(write({}, "{}", "<p>"),
              head("200 OK", kDateLine + "Content-Type: text/html; charset=utf-8\r\n"
                                         "Content-Length: 3\r\n\r\n<p>"),
              "HTML");
  for (const char* json : {"{}", "[]"}) {
    expect_text(
        write({}, "", json),
        head("200 OK",
             kDateLine + "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n" + json),
        "JSON");
  }
  expect_text(write({.status = 404}, "", ""),
              head("404 Not Found", kDateLine + "Content-Length: 0\r\n\r\n"), "no body, no type");
  expect_text(write({.status = 299}, "", ""), head("299 ", kDateLine + "Content-Length: 0\r\n\r\n"),
              "a status without a name");
  expect_text(write({.is_head = true}, "", "hi"),
              head("200 OK", kDateLine + "Content-Type: text/plain; charset=utf-8\r\n"
                                         "Content-Length: 2\r\n\r\n"),
              "HEAD");
  expect_text(write({.status = 204}, "", "dropped"), head("204 No Content", kDateLine + "\r\n"),
              "204");
  expect_text(write({.status = 304}, R"({"etag":"\"x\""})", ""),
              head("304 Not Modified", "etag: \"x\"\r\n" + kDateLine + "\r\n"), "304");
  expect_text(write({.status = 205}, "", "dropped"),
              head("205 Reset Content", kDateLine + "Content-Length: 0\r\n\r\n"), "205");
  expect_text(write({.keep_alive = false}, "", ""),
              head("200 OK", kDateLine + "Content-Length: 0\r\nConnection: close\r\n\r\n"),
              "close");
  expect_text(write({.is_http10 = true}, "", ""),
              head("200 OK", kDateLine + "Content-Length: 0\r\nConnection: keep-alive\r\n\r\n"),
              "1.0");
  expect_text(write({.is_http10 = true, .keep_alive = false}, "", ""),
              head("200 OK", kDateLine + "Content-Length: 0\r\nConnection: close\r\n\r\n"),
              "1.0 close");
}

void writes_headers() {
  expect_text(write({}, R"( { "X-A" : "b" , "x-n":5,"x-t":true,"x-z":null,"x-f":-1.5e3 } )", ""),
              head("200 OK", "X-A: b\r\nx-n: 5\r\nx-t: true\r\nx-f: -1.5e3\r\n" + kDateLine +
                                 "Content-Length: 0\r\n\r\n"),
              "kinds of values");
  expect_text(write({}, R"({"set-cookie":["a=1","b=2"],"x":[],"y":[null,7]})", ""),
              head("200 OK", "set-cookie: a=1\r\nset-cookie: b=2\r\ny: 7\r\n" + kDateLine +
                                 "Content-Length: 0\r\n\r\n"),
              "a line per element");
  expect_text(write({}, R"({"x":"\u00e9\ud83d\ude00\t\/\\"})", ""),
              head("200 OK", "x: \xc3\xa9\xf0\x9f\x98\x80\t/\\\r\n" + kDateLine +
                                 "Content-Length: 0\r\n\r\n"),
              "escapes");
  expect_text(write({}, R"({"Content-Type":"text/css","DATE":"d","content-length":"2"})", "hi"),
              head("200 OK", "Content-Type: text/css\r\nDATE: d\r\nContent-Length: 2\r\n\r\nhi"),
              "given ones are not made again");
  expect_text(write({.is_head = true}, R"({"Content-Length":"1000"})", ""),
              head("200 OK", "Content-Length: 1000\r\n" + kDateLine + "\r\n"),
              "HEAD says its length");
  WriteResult result;
  write({}, R"({"Connection":"foo, Close"})", "", &result);
  check::expect(!result.keep_alive, "the caller may close");
}

void refuses() {
  struct Case {
    const char* name;
    const char* headers;
    WriteError error;
  };
  const Case cases[] = {
      {"LF in a value", R"({"a":"b\nc: d"})", WriteError::BadValue},
      {"CR in a value", R"({"a":"b\rc"})", WriteError::BadValue},
      {"CRLF by code points", R"({"a":"b\u000d\u000ac"})", WriteError::BadValue},
      {"NUL in a value", R"({"a":"\u0000"})", WriteError::BadValue},
      {"a line end in an array", R"({"a":["b","c\n"]})", WriteError::BadValue},
      {"CRLF in a name", R"({"a\r\nb":"c"})", WriteError::BadName},
      {"a colon in a name", R"({"a:b":"c"})", WriteError::BadName},
      {"a space in a name", R"({"a b":"c"})", WriteError::BadName},
      {"an empty name", R"({"":"c"})", WriteError::BadName},
      {"a name beyond ASCII", R"({"é":"c"})", WriteError::BadName},
      {"no object", R"(["a"])", WriteError::BadJson},
      {"a nested object", R"({"a":{"b":"c"}})", WriteError::BadJson},
      {"a nested array", R"({"a":[["b"]]})", WriteError::BadJson},
      {"an open object", R"({"a":"b")", WriteError::BadJson},
      {"an open string", R"({"a":"b)", WriteError::BadJson},
      {"an open array", R"({"a":["b")", WriteError::BadJson},
      {"text after the object", R"({"a":"b"} x)", WriteError::BadJson},
      {"a comma too many", R"({"a":"b",})", WriteError::BadJson},
      {"a comma too few", R"({"a":"b" "c":"d"})", WriteError::BadJson},
      {"half a surrogate", R"({"a":"\ud83d"})", WriteError::BadJson},
      {"a raw line end", "{\"a\":\"b\n\"}", WriteError::BadJson},
      {"a word", R"({"a":infinity})", WriteError::BadJson},
      {"a wrong length", R"({"content-length":"5"})", WriteError::ReservedName},
      {"a coding", R"({"Transfer-Encoding":"chunked"})", WriteError::ReservedName},
  };
  for (const Case& test : cases) {
    expect_text(write({}, test.headers, ""), describe(test.error), test.name);
  }
  for (const int32_t status : {0, 99, 100, 101, 199, 600, 1000, -1}) {
    expect_text(write({.status = status}, "", ""), describe(WriteError::BadStatus), "bad status");
  }
  const std::string long_name(2000, 'n');
  std::string headers = "{\"" + long_name + "\":[1";
  for (int i = 0; i < 1000; ++i) headers += ",1";
  expect_text(write({}, headers + "]}", ""), describe(WriteError::TooLong), "a repeated long name");
}

/// Every prefix of a text is either refused or written within its room.
void survives_cuts() {
  const std::string headers = R"({"a":"bA","c":["d",1,null,true],"e":5})";
  for (size_t cut = 1; cut < headers.size(); ++cut) {
    WriteResult result;
    write({}, std::string_view(headers).substr(0, cut), "", &result);
    check::expect(result.error == WriteError::BadJson, "a cut object is no object");
  }
}

void keeps_dates() {
  DateCache dates;
  check::expect(dates.at(784111777) == kDate, "RFC 9110's example");
  check::expect(dates.at(784111777) == kDate, "the same second");
  check::expect(dates.at(951782400) == "Tue, 29 Feb 2000 00:00:00 GMT", "a leap day");
  char out[kRefusalBytesMax];
  const uint32_t bytes = write_refusal(431, kDate, out);
  expect_text({out, bytes},
              head("431 Request Header Fields Too Large",
                   kDateLine + "Content-Length: 0\r\nConnection: close\r\n\r\n"),
              "a refusal");
}

std::string write_with(HeaderMemory& memory, std::string_view headers, std::string_view body) {
  std::vector<char> out(response_bytes_max(headers, body));
  const WriteResult written = write_response({}, headers, body, kDate, out.data(), &memory);
  return written.error == WriteError::None ? std::string(out.data(), written.bytes)
                                           : std::string(describe(written.error));
}

void remembers_headers() {
  const std::string lengths = "{\"content-length\": 2}";
  const std::string objects[] = {
      "{\"content-type\": \"text/css\"}", "{\"content-type\": \"text/csv\"}",
      "{\"connection\": \"close\"}",        "{\"date\": \"today\", \"x\": [\"1\", \"2\"]}",
      "{\"bad name\": \"1\"}",              "{\"a\": \"" + std::string(600, 'x') + "\"}",
      lengths};
  HeaderMemory memory;
  for (int round = 0; round < 3; ++round) {
    for (const std::string& object : objects) {
      expect_text(write_with(memory, object, "hi"), write({}, object, "hi"),
                  "with memory as without");
    }
  }
  check::expect(memory.find(objects[3]) != nullptr, "what can be used again is remembered");
  expect_text(write_with(memory, lengths, "longer"), describe(WriteError::ReservedName),
              "a length that was right once is not right for ever");
}

}  // namespace

int main() {
  remembers_headers();
  writes_messages();
  writes_headers();
  refuses();
  survives_cuts();
  keeps_dates();
  return check::summary();
}
