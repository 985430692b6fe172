#include "expr/json_compare.h"

#include <algorithm>
#include <charconv>

#include "expr/ascii.h"
#include "expr/json_scan.h"

namespace rowtine::expr {
namespace {

/// A number's digits without leading and trailing zeros: value = 0.d1d2d3… * 10^point.
struct NumberForm {
  bool negative = false;
  int64_t point = 0;
  size_t count = 0;
  std::string_view mantissa;  // digits and a decimal point, from the first to the last digit kept

  bool operator==(const NumberForm& other) const;
};

/// Calls `use(digit)` for each significant digit.
template <class Use>
void each_digit(const NumberForm& number, Use use) {
  for (const char c : number.mantissa) {
    if (is_digit(c)) use(c);
  }
}

bool NumberForm::operator==(const NumberForm& other) const {
  if (negative != other.negative || point != other.point || count != other.count) return false;
  size_t at = 0;
  bool equal = true;
  each_digit(*this, [&](char digit) {
    while (at < other.mantissa.size() && !is_digit(other.mantissa[at])) ++at;
    equal = equal && at < other.mantissa.size() && other.mantissa[at++] == digit;
  });
  return equal;
}

int64_t read_exponent(std::string_view text) {
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  int64_t exponent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  constexpr int64_t kLimit = int64_t{1} << 40;  // farther than any text has digits
  if (error == std::errc::result_out_of_range) return text[0] == '-' ? -kLimit : kLimit;
  return std::clamp(exponent, -kLimit, kLimit);
}

NumberForm number_form(std::string_view text) {
  NumberForm form;
  if (!text.empty() && text[0] == '-') {
    form.negative = true;
    text.remove_prefix(1);
  }
  const size_t mark = text.find_first_of("eE");
  std::string_view mantissa = text.substr(0, mark);
  const auto whole = static_cast<int64_t>(std::min(mantissa.find('.'), mantissa.size()));
  const size_t first = mantissa.find_first_of("123456789");
  if (first == mantissa.npos) return {};  // zero, without a sign
  const size_t last = mantissa.find_last_of("123456789");
  form.point = whole - static_cast<int64_t>(first) + (static_cast<int64_t>(first) > whole);
  if (mark != text.npos) form.point += read_exponent(text.substr(mark + 1));
  form.mantissa = mantissa.substr(first, last - first + 1);
  form.count = static_cast<size_t>(std::ranges::count_if(form.mantissa, is_digit));
  return form;
}

bool scalars_equal(std::string_view left, std::string_view right) {
  const JsonKind kind = json_kind(left);
  if (kind != json_kind(right)) return false;
  if (kind == JsonKind::Number) return json_numbers_equal(left, right);
  if (kind != JsonKind::String) return left == right;
  const std::string_view l = json_string_content(left), r = json_string_content(right);
  return l == r || compare_json_contents(l, r) == 0;
}

bool is_container(std::string_view value) {
  const JsonKind kind = json_kind(value);
  return kind == JsonKind::Object || kind == JsonKind::Array;
}

bool contains_value(std::string_view left, std::string_view right);

bool contains_element(std::string_view array, std::string_view wanted) {
  for (JsonElements elements(array); elements.next();) {
    if (contains_value(elements.value, wanted)) return true;
  }
  return false;
}

/// The last member of `object` whose unescaped key equals that of `key`.
bool find_same_key(std::string_view object, std::string_view key, std::string_view& value) {
  bool found = false;
  for (JsonMembers members(object); members.next();) {
    if (members.key != key && compare_json_contents(members.key, key) != 0) continue;
    value = members.value;
    found = true;
  }
  return found;
}

/// The recursion is bounded by kJsonDepthMax, which JsonParse has checked.
bool contains_value(std::string_view left, std::string_view right) {
  if (json_kind(left) != json_kind(right)) return false;
  if (json_kind(right) == JsonKind::Array) {
    for (JsonElements wanted(right); wanted.next();) {
      if (!contains_element(left, wanted.value)) return false;
    }
    return true;
  }
  if (json_kind(right) != JsonKind::Object) return scalars_equal(left, right);
  for (JsonMembers wanted(right); wanted.next();) {
    std::string_view value;
    if (!find_same_key(left, wanted.key, value)) return false;
    if (!contains_value(value, wanted.value)) return false;
  }
  return true;
}

}  // namespace

bool is_json_string(std::string_view value, std::string_view text) {
  return json_kind(value) == JsonKind::String &&
         json_content_equals(json_string_content(value), text);
}

bool json_contains(std::string_view left, std::string_view right) {
  // An array may contain a bare scalar at the top: [1, 2] @> 1.
  if (json_kind(left) == JsonKind::Array && !is_container(right)) {
    return contains_element(left, right);
  }
  return contains_value(left, right);
}

bool json_numbers_equal(std::string_view left, std::string_view right) {
  return left == right || number_form(left) == number_form(right);
}

void normalise_json_number(std::string_view number, TextWriter& writer) {
  const NumberForm form = number_form(number);
  if (form.count == 0) return writer.append('0');
  if (form.negative) writer.append('-');
  const auto count = static_cast<int64_t>(form.count);
  constexpr int64_t kPlainZerosMax = 20;  // more zeros than these are written as an exponent
  if (form.point > count + kPlainZerosMax || form.point < -kPlainZerosMax) {
    each_digit(form, [&](char digit) { writer.append(digit); });
    char exponent[24];
    const auto end = std::to_chars(exponent, exponent + sizeof exponent, form.point - count).ptr;
    writer.append('e');
    writer.append({exponent, static_cast<size_t>(end - exponent)});
    return;
  }
  if (form.point <= 0) writer.append("0.");
  for (int64_t i = form.point; i < 0; ++i) writer.append('0');
  int64_t position = 0;
  each_digit(form, [&](char digit) {
    if (position == form.point && position > 0) writer.append('.');
    writer.append(digit);
    ++position;
  });
  for (; position < form.point; ++position) writer.append('0');
}

}  // namespace rowtine::expr
