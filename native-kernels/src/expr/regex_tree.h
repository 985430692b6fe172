// A regular expression as a tree: what its text says, before it is a program. Internal to this folder.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "expr/regex.h"

namespace rowtine::expr {

struct RegexNode {
  enum class Type : uint8_t { Empty, Char, Any, Class, Assert, Concat, Alternate, Repeat, Group };
  Type type = Type::Empty;
  uint32_t value = 0;           // Char: code; Class, Assert: which; Group: its number, 0 for none
  int32_t least = 0, most = 0;  // Repeat; most -1: no end
  bool lazy = false;
  std::vector<uint32_t> children;
};

struct RegexTree {
  std::vector<RegexNode> nodes;
  uint32_t root = 0;
};

/// Reads a pattern; classes and the number of groups go straight into `program`, options too.
/// Errors: 2201B, 0A000, 54000.
SqlState parse_regex(std::string_view pattern, RegexProgram& program, RegexTree& tree);

}  // namespace rowtine::expr
