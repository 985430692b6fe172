// From a pattern's text to its tree.
#include <algorithm>
#include <charconv>
#include <span>

#include "expr/ascii.h"
#include "expr/regex_tree.h"
#include "expr/unicode_case.h"
#include "expr/utf8.h"

namespace rowtine::expr {
namespace {

using Node = RegexNode;
using Range = RegexClass::Range;

constexpr Range kDigits[] = {{'0', '9'}};
constexpr Range kWord[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
constexpr Range kSpaces[] = {{'\t', '\r'},     {' ', ' '},       {0x85, 0x85},     {0xa0, 0xa0},
                             {0x1680, 0x1680}, {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f},
                             {0x205f, 0x205f}, {0x3000, 0x3000}};
constexpr Range kAlpha[] = {{'A', 'Z'}, {'a', 'z'}};
constexpr Range kAlnum[] = {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}};
constexpr Range kUpperAscii[] = {{'A', 'Z'}};
constexpr Range kLowerAscii[] = {{'a', 'z'}};
constexpr Range kHexDigits[] = {{'0', '9'}, {'A', 'F'}, {'a', 'f'}};
constexpr Range kBlank[] = {{' ', ' '}, {'\t', '\t'}};
constexpr Range kControl[] = {{0, 31}, {127, 127}};
constexpr Range kPunctuation[] = {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}};
constexpr Range kGraph[] = {{'!', '~'}, {0xa1, 0x10ffff}};
constexpr Range kPrint[] = {{' ', '~'}, {0xa0, 0x10ffff}};
constexpr char32_t kCodeMax = 0x10ffff;

struct NamedClass {
  std::string_view name;
  std::span<const Range> ranges;
  uint8_t properties;
};
constexpr NamedClass kNamedClasses[] = {
    {"alpha", kAlpha, RegexClass::kWordBeyondAscii},
    {"alnum", kAlnum, RegexClass::kWordBeyondAscii},
    {"digit", kDigits, 0},
    {"space", kSpaces, 0},
    {"upper", kUpperAscii, RegexClass::kUpper},
    {"lower", kLowerAscii, RegexClass::kLower},
    {"punct", kPunctuation, 0},
    {"xdigit", kHexDigits, 0},
    {"blank", kBlank, 0},
    {"cntrl", kControl, 0},
    {"graph", kGraph, 0},
    {"print", kPrint, 0},
    {"word", kWord, RegexClass::kWordBeyondAscii},
};

void add_ranges(std::span<const Range> ranges, RegexClass& set) {
  set.ranges.insert(set.ranges.end(), ranges.begin(), ranges.end());
}

/// Adds all characters outside `ranges`, which ascend.
void add_complement(std::span<const Range> ranges, RegexClass& set) {
  char32_t next = 0;
  for (const Range& range : ranges) {
    if (range.first > next) set.ranges.push_back({next, range.first - 1});
    next = range.last + 1;
  }
  set.ranges.push_back({next, kCodeMax});
}

/// Adds what \d \w \s (or, in capitals, all else) mean. Returns: false for another letter.
bool add_shorthand(char letter, RegexClass& set) {
  switch (letter) {
    case 'd': add_ranges(kDigits, set); return true;
    case 'D': add_complement(kDigits, set); return true;
    case 's': add_ranges(kSpaces, set); return true;
    case 'S': add_complement(kSpaces, set); return true;
    case 'w':
      add_ranges(kWord, set);
      set.properties |= RegexClass::kWordBeyondAscii;
      return true;
    case 'W': set.properties |= RegexClass::kNotWord; return true;
    default: return false;
  }
}

/// Recursive descent over the pattern; the first mistake ends it.
class Parser {
 public:
  Parser(std::string_view pattern, RegexProgram& program) : text_(pattern), program_(program) {}

  SqlState run(uint32_t& root) {
    if (text_.starts_with("***")) fail(kFeatureNotSupported);
    read_options();
    root = alternation();
    if (ok() && at_ < text_.size()) fail(kInvalidRegularExpression);  // a ) too many
    return state_;
  }

  std::vector<Node> nodes;

 private:
  bool ok() const { return state_.ok(); }
  void fail(SqlState state) {
    if (ok()) state_ = state;
    at_ = text_.size();
  }
  void bad() { fail(kInvalidRegularExpression); }

  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool at_end() const { return at_ >= text_.size(); }
  bool accept(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  uint32_t make(Node node) {
    nodes.push_back(std::move(node));
    return static_cast<uint32_t>(nodes.size() - 1);
  }
  uint32_t make(Node::Type type, uint32_t value = 0) {
    Node node;
    node.type = type;
    node.value = value;
    return make(std::move(node));
  }
  uint32_t make_class(RegexClass set) {
    program_.classes.push_back(std::move(set));
    return make(Node::Type::Class, static_cast<uint32_t>(program_.classes.size() - 1));
  }

  /// (?i) at the very start.
  void read_options() {
    if (!text_.starts_with("(?") || text_.size() < 4) return;
    const char first = text_[2];
    if (first < 'a' || first > 'z') return;
    const size_t close = text_.find(')');
    if (close == text_.npos) return bad();
    for (const char option : text_.substr(2, close - 2)) {
      if (option == 'i') {
        program_.ignore_case = true;
      } else if (option == 'c') {
        program_.ignore_case = false;
      } else if (option != 's' && option != 't') {
        return fail(kFeatureNotSupported);
      }
    }
    at_ = close + 1;
  }

  uint32_t alternation() {
    if (++depth_ > kRegexDepthMax) fail(kProgramLimitExceeded);
    Node node;
    node.type = Node::Type::Alternate;
    node.children.push_back(branch());
    while (ok() && accept('|')) node.children.push_back(branch());
    --depth_;
    return node.children.size() == 1 ? node.children[0] : make(std::move(node));
  }

  uint32_t branch() {
    Node node;
    node.type = Node::Type::Concat;
    while (ok() && !at_end() && peek() != '|' && peek() != ')') node.children.push_back(piece());
    return make(std::move(node));
  }

  uint32_t piece() {
    const uint32_t child = atom();
    if (!ok()) return child;
    int32_t least = 0, most = 0;
    if (!read_quantifier(least, most)) return child;
    if (nodes[child].type == Node::Type::Assert) bad();
    Node node;
    node.type = Node::Type::Repeat;
    node.least = least;
    node.most = most;
    node.lazy = accept('?');
    if (node.lazy) program_.longest = false;
    node.children.push_back(child);
    if (read_quantifier(least, most)) bad();  // a** is a mistake
    return make(std::move(node));
  }

  bool read_quantifier(int32_t& least, int32_t& most) {
    if (!ok()) return false;
    most = -1;
    if (accept('*')) return least = 0, true;
    if (accept('+')) return least = 1, true;
    if (accept('?')) return least = 0, most = 1, true;
    // A brace without a digit stands for itself.
    if (peek() != '{' || !is_digit(peek(1))) return false;
    ++at_;
    least = read_count();
    most = least;
    if (accept(',')) most = is_digit(peek()) ? read_count() : -1;
    if (!accept('}') || (most >= 0 && most < least)) bad();
    return ok();
  }

  int32_t read_count() {
    int32_t count = 0;
    const auto [end, error] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), count);
    at_ = static_cast<size_t>(end - text_.data());
    if (error != std::errc{} || count > kRegexRepeatMax) bad();
    return std::min(count, kRegexRepeatMax);
  }

  uint32_t atom() {
    switch (peek()) {
      case '(': return group();
      case '[': return bracket();
      case '\\': return escape();
      case '.': ++at_; return make(Node::Type::Any);
      case '^': ++at_; return assertion(RegexAssertion::TextStart);
      case '$': ++at_; return assertion(RegexAssertion::TextEnd);
      case '*':
      case '+':
      case '?': bad(); return make(Node::Type::Empty);
      case '{':
        if (is_digit(peek(1))) bad();
        break;
      default: break;
    }
    if (!ok()) return make(Node::Type::Empty);
    return character(read_character(text_, at_));
  }

  uint32_t assertion(RegexAssertion which) {
    return make(Node::Type::Assert, static_cast<uint32_t>(which));
  }

  uint32_t character(char32_t code) {
    return make(Node::Type::Char, program_.ignore_case ? to_lower(code) : code);
  }

  uint32_t group() {
    ++at_;
    uint32_t number = 0;
    if (accept('?')) {
      if (!accept(':')) {
        const char kind = peek();
        fail(kind == '=' || kind == '!' || kind == '<' ? kFeatureNotSupported
                                                       : kInvalidRegularExpression);
      }
    } else if (program_.group_count < kRegexGroupsMax) {
      number = ++program_.group_count;
    }
    Node node;
    node.type = Node::Type::Group;
    node.value = number;
    node.children.push_back(alternation());
    if (ok() && !accept(')')) bad();
    return make(std::move(node));
  }

  /// After the backslash: a class, an assertion or a character.
  uint32_t escape() {
    ++at_;
    if (at_end()) {
      bad();
      return make(Node::Type::Empty);
    }
    const char letter = peek();
    RegexClass set;
    if (add_shorthand(letter, set)) {
      ++at_;
      return make_class(std::move(set));
    }
    constexpr std::string_view kAssertions = "AZmMyY";
    const size_t which = kAssertions.find(letter);
    if (which != kAssertions.npos) {
      ++at_;
      return assertion(static_cast<RegexAssertion>(which));
    }
    if (letter >= '1' && letter <= '9') fail(kFeatureNotSupported);  // a back reference
    return character(escaped_character());
  }

  /// The character that an escape (behind its backslash) means.
  char32_t escaped_character() {
    const char letter = peek();
    constexpr std::string_view kLetters = "abBefnrtv0", kMeanings("\a\b\\\x1b\f\n\r\t\v\0", 10);
    if (const size_t known = kLetters.find(letter); known != kLetters.npos && !at_end()) {
      ++at_;
      return static_cast<char32_t>(kMeanings[known]);
    }
    switch (letter) {
      case 'u': return hex_code(4, 4);
      case 'U': return hex_code(8, 8);
      case 'x': return hex_code(1, 8);
      case 'c': {
        at_ += 2;
        return at_ <= text_.size() ? static_cast<char32_t>(text_[at_ - 1] & 31) : (bad(), U'\0');
      }
      default: break;
    }
    const bool other_letter = static_cast<uint8_t>(letter) < 0x80 &&
                              is_word_character(static_cast<uint8_t>(letter)) && letter != '_';
    if (at_end() || other_letter) {
      bad();
      return 0;
    }
    return read_character(text_, at_);
  }

  char32_t hex_code(size_t least, size_t most) {
    ++at_;
    const size_t count = std::min(most, text_.size() - at_);
    uint32_t code = 0;
    const char* const start = text_.data() + at_;
    const char* const end = std::from_chars(start, start + count, code, 16).ptr;
    if (end - start < static_cast<ptrdiff_t>(least) || code > kCodeMax) bad();
    at_ = ok() ? static_cast<size_t>(end - text_.data()) : text_.size();
    return code;
  }

  uint32_t bracket() {
    ++at_;
    RegexClass set;
    set.negated = accept('^');
    bool first = true;
    while (ok() && (first || peek() != ']')) {
      if (at_end()) bad();
      first = false;
      bracket_item(set);
    }
    if (ok()) ++at_;
    return make_class(std::move(set));
  }

  void bracket_item(RegexClass& set) {
    if (!ok()) return;
    if (peek() == '[' && (peek(1) == '=' || peek(1) == '.')) return fail(kFeatureNotSupported);
    if (peek() == '[' && peek(1) == ':') return named_class(set);
    if (peek() == '\\' && at_ + 1 < text_.size() && add_shorthand(text_[at_ + 1], set)) {
      at_ += 2;
      return;
    }
    const char32_t from = bracket_character();
    char32_t to = from;
    if (peek() == '-' && at_ + 1 < text_.size() && peek(1) != ']') {
      ++at_;
      to = bracket_character();
    }
    if (to < from) return bad();
    set.ranges.push_back({from, to});
  }

  char32_t bracket_character() {
    if (at_end()) {
      bad();
      return 0;
    }
    if (accept('\\')) return escaped_character();
    return read_character(text_, at_);
  }

  void named_class(RegexClass& set) {
    const size_t close = text_.find(":]", at_ + 2);
    if (close == text_.npos) return bad();
    const std::string_view name = text_.substr(at_ + 2, close - at_ - 2);
    for (const NamedClass& known : kNamedClasses) {
      if (known.name != name) continue;
      add_ranges(known.ranges, set);
      set.properties |= known.properties;
      at_ = close + 2;
      return;
    }
    bad();
  }

  std::string_view text_;
  RegexProgram& program_;
  size_t at_ = 0;
  uint32_t depth_ = 0;
  SqlState state_;
};

}  // namespace

SqlState parse_regex(std::string_view pattern, RegexProgram& program, RegexTree& tree) {
  Parser parser(pattern, program);
  const SqlState state = parser.run(tree.root);
  tree.nodes = std::move(parser.nodes);
  return state;
}

}  // namespace rowtine::expr
