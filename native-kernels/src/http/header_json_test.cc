// Columns made of heads and bodies are valid JSON that says what was sent.
#include "http/header_json.h"

#include <string>

#include "base/check.h"
#include "http/form_json.h"
#include "http/json_text.h"
#include "http/utf8.h"

using namespace rowtine;
using namespace rowtine::http;

namespace {

void expect_text(const std::string& actual, const std::string& expected, const char* name) {
  if (!check::expect(actual == expected, name)) {
    std::printf("  %s\n  expected %s\n", actual.c_str(), expected.c_str());
  }
}

std::string headers(std::string_view head) {
  std::string out;
  append_headers_json(head, out);
  return out;
}
std::string cookies(std::string_view head) {
  std::string out;
  append_cookies_json(head, out);
  return out;
}
std::string query(std::string_view text) {
  std::string out;
  return append_query_json(text, out) ? out : "refused";
}
std::string form(std::string_view type, std::string_view body) {
  std::string out;
  return append_form_json("A: b\r\nContent-Type: " + std::string(type) + "\r\n", body, out)
             ? out
             : "refused";
}

void makes_headers() {
  expect_text(headers(""), "{}", "no header");
  expect_text(headers("Host: a\r\nX-B:  c d \r\n"), R"({"host":"a","x-b":"c d"})", "two headers");
  expect_text(headers("A: 1\r\nb: x\r\na:2\r\nA:\r\n"), R"({"a":"1, 2, ","b":"x"})", "repeated");
  expect_text(headers("Cookie: a=1\r\ncookie: b=2\r\n"), R"({"cookie":"a=1; b=2"})",
              "cookies join");
  expect_text(headers("A: \"\\\t\xc3\xa9\xff\r\n"), "{\"a\":\"\\\"\\\\\\t\xc3\xa9\xef\xbf\xbd\"}",
              "escapes, UTF-8 and what is none");
  check::expect(find_header("A: 1\r\nContent-Type: x\r\n", "content-type") == "x", "found");
  check::expect(find_header("A: 1\r\nB:\r\n", "b").data() != nullptr, "found, empty");
  check::expect(find_header("A: 1\r\n", "b").data() == nullptr, "not found");
}

void makes_cookies() {
  expect_text(cookies("Host: a\r\n"), "{}", "none");
  expect_text(cookies("Cookie: a=1; b=\"2\";c=x=y; a=3; bad; =z\r\nCookie: d=\r\n"),
              R"({"a":"1","b":"2","c":"x=y","d":""})", "several");
}

void makes_queries() {
  expect_text(query(""), "{}", "none");
  expect_text(query("a=1&b=x+y%20z&&c&d=%zz%4&%41=%c3%A9"),
              "{\"a\":\"1\",\"b\":\"x y z\",\"c\":\"\",\"d\":\"%zz%4\",\"A\":\"\xc3\xa9\"}",
              "decoded");
  expect_text(query("a=1&b=2&a=3&%61="), R"({"a":["1","3",""],"b":"2"})", "repeated");
  expect_text(query("a=%ff%00%22"), "{\"a\":\"\xef\xbf\xbd\\u0000\\\"\"}", "hostile bytes");
  std::string many;
  for (uint32_t i = 0; i < kFieldsMax; ++i) many += "a&";
  check::expect(query(many).size() == 3 * kFieldsMax + 7, "as many fields as the limit");
  expect_text(query(many + "a"), "refused", "one more");
}

void makes_forms() {
  expect_text(form("application/x-www-form-urlencoded; charset=UTF-8", "name=Ann&text=a%0D%0Ab"),
              R"({"name":"Ann","text":"a\r\nb"})", "urlencoded");
  expect_text(form("text/plain", "a=b"), "refused", "not a form");
  const std::string body =
      "preamble\r\n--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\ntwo\r\n--X \r\n"
      "content-disposition: form-data; name=f; filename=\"C:\\x\\\"y.txt\"\r\n"
      "Content-Type: text/plain\r\n\r\n12345\r\n--X\r\n"
      "Content-Disposition: form-data; name=\"a\"\r\n\r\n\r\n--X--\r\nepilogue";
  expect_text(
      form("multipart/form-data; boundary=\"X\"", body),
      R"({"a":["one\r\ntwo",""],"f":{"filename":"C:\\x\"y.txt","type":"text/plain","bytes":5}})",
      "multipart");
  for (size_t cut = 0; cut + 14 < body.size(); ++cut) {
    const std::string part = form("multipart/form-data; boundary=X", body.substr(0, cut));
    if (!check::expect(part == "refused" || part.back() == '}', "a cut form does no harm")) break;
  }
  expect_text(form("multipart/form-data", body), "refused", "no boundary");
  expect_text(form("multipart/form-data; boundary=X", "--X--"), "{}", "an empty multipart form");
  expect_text(form("multipart/form-data; boundary=X", "--X\r\n\r\nx\r\n--X--"), "refused",
              "no name");
}

void checks_utf8() {
  check::expect(is_utf8("plain text, longer than a word"), "ASCII");
  check::expect(is_utf8("\xc2\x80\xe0\xa0\x80\xed\x9f\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"),
                "edges");
  for (const char* bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xc3",
                          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
    check::expect(valid_utf8_bytes(std::string("12345678ab") + bad) == 10, "not UTF-8");
  }
}

}  // namespace

int main() {
  makes_headers();
  makes_cookies();
  makes_queries();
  makes_forms();
  checks_utf8();
  return check::summary();
}
