// From a pattern's tree to a program.
#include "expr/regex.h"
#include "expr/regex_tree.h"
#include "expr/utf8.h"

namespace rowtine::expr {
namespace {

using Kind = RegexInstruction::Kind;

/// Writes the tree's instructions; stops at the limit, however often {m,n} repeats a part.
class Emitter {
 public:
  Emitter(const std::vector<RegexNode>& nodes, RegexProgram& program)
      : nodes_(nodes), out_(program.instructions) {}

  SqlState run(uint32_t root) {
    push(Kind::Save, 0);
    emit(root);
    push(Kind::Save, 1);
    push(Kind::Match);
    return out_.size() > kRegexInstructionsMax ? kProgramLimitExceeded : kSuccess;
  }

 private:
  uint32_t here() const { return static_cast<uint32_t>(out_.size()); }
  bool full() const { return out_.size() > kRegexInstructionsMax; }
  uint32_t push(Kind kind, uint32_t first = 0, uint32_t second = 0) {
    if (!full()) out_.push_back({kind, first, second});
    return here() - 1;
  }

  void emit(uint32_t index) {
    if (full()) return;
    const RegexNode& node = nodes_[index];
    switch (node.type) {
      case RegexNode::Type::Empty: return;
      case RegexNode::Type::Char: push(Kind::Char, node.value); return;
      case RegexNode::Type::Any: push(Kind::Any); return;
      case RegexNode::Type::Class: push(Kind::Class, node.value); return;
      case RegexNode::Type::Assert: push(Kind::Assert, node.value); return;
      case RegexNode::Type::Concat:
        for (const uint32_t child : node.children) emit(child);
        return;
      case RegexNode::Type::Alternate: return emit_alternate(node);
      case RegexNode::Type::Repeat: return emit_repeat(node);
      case RegexNode::Type::Group: return emit_group(node);
    }
  }

  void emit_group(const RegexNode& node) {
    if (node.value != 0) push(Kind::Save, 2 * node.value);
    emit(node.children[0]);
    if (node.value != 0) push(Kind::Save, 2 * node.value + 1);
  }

  void emit_alternate(const RegexNode& node) {
    std::vector<uint32_t> jumps;
    for (size_t i = 0; i + 1 < node.children.size(); ++i) {
      const uint32_t split = push(Kind::Split);
      emit(node.children[i]);
      jumps.push_back(push(Kind::Jump));
      set_targets(split, split + 1, here(), false);
    }
    emit(node.children.back());
    if (full()) return;
    for (const uint32_t jump : jumps) out_[jump].first = here();
  }

  /// A split between `enter` and `leave`; a lazy one prefers to leave.
  void set_targets(uint32_t split, uint32_t enter, uint32_t leave, bool lazy) {
    if (full()) return;
    out_[split].first = lazy ? leave : enter;
    out_[split].second = lazy ? enter : leave;
  }

  void emit_repeat(const RegexNode& node) {
    const uint32_t child = node.children[0];
    for (int32_t i = 0; i < node.least; ++i) emit(child);
    if (node.most < 0) {
      const uint32_t split = push(Kind::Split);
      emit(child);
      push(Kind::Jump, split);
      set_targets(split, split + 1, here(), node.lazy);
      return;
    }
    std::vector<uint32_t> splits;
    for (int32_t i = node.least; i < node.most && !full(); ++i) {
      splits.push_back(push(Kind::Split));
      emit(child);
    }
    for (const uint32_t split : splits) set_targets(split, split + 1, here(), node.lazy);
  }

  const std::vector<RegexNode>& nodes_;
  std::vector<RegexInstruction>& out_;
};

/// The characters that every match starts with: the instructions before the first choice.
void find_prefix(RegexProgram& program) {
  size_t next = 1;
  const auto& code = program.instructions;
  if (program.ignore_case) return;
  for (; code[next].kind == Kind::Char; ++next) {
    char bytes[4];
    const char* end = write_character(code[next].first, bytes);
    program.prefix.append(bytes, static_cast<size_t>(end - bytes));
  }
  program.is_literal = next > 1 && code[next].kind == Kind::Save && code[next].first == 1;
}

}  // namespace

SqlState compile_regex(std::string_view pattern, bool ignore_case, RegexProgram& out) {
  out = {};
  out.ignore_case = ignore_case;
  if (pattern.size() > kRegexPatternBytesMax) return kProgramLimitExceeded;
  RegexTree tree;
  SqlState state = parse_regex(pattern, out, tree);
  if (state.ok()) state = Emitter(tree.nodes, out).run(tree.root);
  if (state.ok()) find_prefix(out);
  return state;
}

}  // namespace rowtine::expr
