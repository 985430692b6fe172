// Regular expressions in time linear in the text: PostgreSQL's advanced expressions without what
// needs backtracking. Refused with 0A000: back references, lookaround, collating elements.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/sql_state.h"

namespace rowtine::expr {

/// Bytes of a pattern, parentheses inside parentheses, compiled instructions and {m,n}, at most.
inline constexpr size_t kRegexPatternBytesMax = 10000;
inline constexpr uint32_t kRegexDepthMax = 200;
inline constexpr uint32_t kRegexInstructionsMax = 10000;
inline constexpr int32_t kRegexRepeatMax = 255;
/// Groups that can be asked for; others only group.
inline constexpr uint32_t kRegexGroupsMax = 9;

enum class RegexAssertion : uint8_t {
  TextStart,
  TextEnd,
  WordStart,
  WordEnd,
  WordEdge,
  NoWordEdge
};

/// One instruction of the matching machine.
struct RegexInstruction {
  enum class Kind : uint8_t { Char, Any, Class, Split, Jump, Save, Assert, Match };
  Kind kind = Kind::Match;
  uint32_t first =
      0;  // Char: code point; Class, Save, Assert: which; Split: preferred target; Jump: target
  uint32_t second = 0;  // Split: the other target
};

/// A set of characters: ranges, and properties of characters beyond ASCII.
struct RegexClass {
  struct Range {
    char32_t first, last;
  };
  enum Property : uint8_t { kWordBeyondAscii = 1, kNotWord = 2, kUpper = 4, kLower = 8 };
  std::vector<Range> ranges;
  uint8_t properties = 0;
  bool negated = false;
};

struct RegexProgram {
  std::vector<RegexInstruction> instructions;
  std::vector<RegexClass> classes;
  std::string prefix;       // every match begins with these bytes
  bool is_literal = false;  // and consists of nothing else
  bool ignore_case = false;
  bool longest = true;       // no lazy quantifier
  uint32_t group_count = 0;  // at most kRegexGroupsMax
};

/// Prepares `pattern`. Errors: 2201B (malformed), 0A000 (not supported), 54000 (too large).
SqlState compile_regex(std::string_view pattern, bool ignore_case, RegexProgram& out);

/// Byte offsets of the whole match (0) and of the groups; npos where a group took no part.
struct RegexMatch {
  static constexpr size_t npos = std::string_view::npos;
  struct Part {
    size_t begin = npos, end = npos;
  };
  std::array<Part, kRegexGroupsMax + 1> parts;
};

/// Runs one program over texts; keeps its work space between them.
/// Source: R. Cox, "Regular Expression Matching: the Virtual Machine Approach" (Pike's machine).
class RegexMachine {
 public:
  explicit RegexMachine(const RegexProgram& program) : program_(program) {}

  /// Finds the leftmost match at or after `from`: the longest, or, if the pattern has a lazy
  /// quantifier, the first in the order of preference. `match` may be null.
  /// Complexity: text size times program size.
  bool search(std::string_view text, size_t from, RegexMatch* match);

 private:
  struct Threads {
    std::vector<uint32_t> order;     // program counters by preference
    std::vector<uint32_t> position;  // where in `order` a counter stands, if it does
    std::vector<size_t> slots;       // captures, slot_count_ for each thread in order

    bool has(uint32_t counter) const {
      return position[counter] < order.size() && order[position[counter]] == counter;
    }
  };
  struct Pending {
    uint32_t counter;  // to visit, or kRestore
    uint32_t slot;
    size_t value;  // what `slot` was before
  };

  bool skip_to_prefix(size_t& at) const;
  void add(Threads& threads, uint32_t counter, size_t at);
  bool step(size_t at, RegexMatch* match);
  bool consumes(const RegexInstruction& instruction, char32_t code, char32_t folded) const;
  bool holds(RegexAssertion assertion, size_t at) const;
  bool note_match(size_t thread, size_t at, RegexMatch* match);

  const RegexProgram& program_;
  std::string_view text_;
  uint32_t slot_count_ = 0;
  bool found_ = false;
  Threads current_, next_;
  std::vector<Pending> pending_;
  std::vector<size_t> registers_;  // captures of the thread being added
};

}  // namespace rowtine::expr
