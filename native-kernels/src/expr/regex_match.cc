#include <algorithm>

#include "expr/regex.h"
#include "expr/unicode_case.h"
#include "expr/utf8.h"

namespace rowtine::expr {
namespace {

using Kind = RegexInstruction::Kind;
constexpr uint32_t kRestore = ~0U;

bool has_property(uint8_t properties, char32_t code) {
  if (properties == 0) return false;
  if ((properties & RegexClass::kNotWord) != 0 && !is_word_character(code)) return true;
  if (code < 0x80) return false;
  return ((properties & RegexClass::kWordBeyondAscii) != 0 && is_word_character(code)) ||
         ((properties & RegexClass::kUpper) != 0 && to_lower(code) != code) ||
         ((properties & RegexClass::kLower) != 0 && to_upper(code) != code);
}

bool is_listed(const RegexClass& set, char32_t code) {
  for (const RegexClass::Range& range : set.ranges) {
    if (code >= range.first && code <= range.last) return true;
  }
  return has_property(set.properties, code);
}

/// The character before `at`, 0 at the start.
char32_t character_before(std::string_view text, size_t at) {
  if (at == 0) return 0;
  do --at;
  while (at > 0 && is_continuation(text[at]));
  return read_character(text, at);
}

}  // namespace

bool RegexMachine::consumes(const RegexInstruction& instruction, char32_t code,
                            char32_t folded) const {
  switch (instruction.kind) {
    case Kind::Char: return instruction.first == folded;
    case Kind::Any: return true;
    case Kind::Class: {
      const RegexClass& set = program_.classes[instruction.first];
      const bool listed =
          is_listed(set, code) ||
          (program_.ignore_case && (is_listed(set, folded) || is_listed(set, to_upper(code))));
      return listed != set.negated;
    }
    default: return false;
  }
}

bool RegexMachine::holds(RegexAssertion assertion, size_t at) const {
  if (assertion == RegexAssertion::TextStart) return at == 0;
  if (assertion == RegexAssertion::TextEnd) return at == text_.size();
  const bool before = at > 0 && is_word_character(character_before(text_, at));
  size_t ahead = at;
  const bool after = at < text_.size() && is_word_character(read_character(text_, ahead));
  switch (assertion) {
    case RegexAssertion::WordStart: return !before && after;
    case RegexAssertion::WordEnd: return before && !after;
    case RegexAssertion::WordEdge: return before != after;
    default: return before == after;
  }
}

/// Adds the thread at `counter` with the captures in registers_, following what consumes nothing.
void RegexMachine::add(Threads& threads, uint32_t counter, size_t at) {
  pending_.push_back({counter, 0, 0});
  while (!pending_.empty()) {
    const Pending top = pending_.back();
    pending_.pop_back();
    if (top.counter == kRestore) {
      registers_[top.slot] = top.value;
      continue;
    }
    if (threads.has(top.counter)) continue;
    threads.position[top.counter] = static_cast<uint32_t>(threads.order.size());
    threads.order.push_back(top.counter);
    threads.slots.insert(threads.slots.end(), registers_.begin(), registers_.end());
    const RegexInstruction& instruction = program_.instructions[top.counter];
    switch (instruction.kind) {
      case Kind::Jump: pending_.push_back({instruction.first, 0, 0}); break;
      case Kind::Split:
        pending_.push_back({instruction.second, 0, 0});
        pending_.push_back({instruction.first, 0, 0});
        break;
      case Kind::Save:
        if (instruction.first < slot_count_) {
          pending_.push_back({kRestore, instruction.first, registers_[instruction.first]});
          registers_[instruction.first] = at;
        }
        pending_.push_back({top.counter + 1, 0, 0});
        break;
      case Kind::Assert:
        if (holds(static_cast<RegexAssertion>(instruction.first), at)) {
          pending_.push_back({top.counter + 1, 0, 0});
        }
        break;
      default: break;
    }
  }
}

/// Keeps the match of a thread if it is better than the one before: further left, then longer.
/// Returns: should less preferred threads of this position be dropped?
bool RegexMachine::note_match(size_t thread, size_t at, RegexMatch* match) {
  const size_t* slots = current_.slots.data() + thread * slot_count_;
  const RegexMatch::Part best = match->parts[0];
  const bool better = !found_ || slots[0] < best.begin || (slots[0] == best.begin && at > best.end);
  if (program_.longest && !better) return false;
  found_ = true;
  for (size_t i = 0; i * 2 + 1 < slot_count_; ++i) {
    match->parts[i] = {slots[2 * i], slots[2 * i + 1]};
  }
  match->parts[0].end = at;
  return !program_.longest;
}

/// Moves all threads over the character at `at`. Returns: is the search over?
bool RegexMachine::step(size_t at, RegexMatch* match) {
  size_t after = at;
  const bool at_end = at == text_.size();
  const char32_t code = at_end ? 0 : read_character(text_, after);
  const char32_t folded = program_.ignore_case ? to_lower(code) : code;
  for (size_t thread = 0; thread < current_.order.size(); ++thread) {
    const uint32_t counter = current_.order[thread];
    const RegexInstruction& instruction = program_.instructions[counter];
    const auto slots = current_.slots.begin() + static_cast<ptrdiff_t>(thread * slot_count_);
    if (found_ && program_.longest && slots[0] > match->parts[0].begin) continue;
    if (instruction.kind == Kind::Match) {
      if (match == nullptr) {
        found_ = true;
        return true;
      }
      if (note_match(thread, at, match)) break;
    } else if (!at_end && consumes(instruction, code, folded)) {
      registers_.assign(slots, slots + slot_count_);
      add(next_, counter + 1, after);
    }
  }
  return false;
}

/// Moves `at` to the next place where a match can begin. Returns: is there one?
bool RegexMachine::skip_to_prefix(size_t& at) const {
  if (program_.prefix.empty()) return true;
  at = text_.find(program_.prefix, at);
  return at != text_.npos;
}

bool RegexMachine::search(std::string_view text, size_t from, RegexMatch* match) {
  text_ = text;
  found_ = false;
  if (program_.is_literal) {
    if (!skip_to_prefix(from)) return false;
    if (match != nullptr) match->parts[0] = {from, from + program_.prefix.size()};
    return true;
  }
  slot_count_ = match == nullptr ? 0 : 2 * (program_.group_count + 1);
  for (Threads* threads : {&current_, &next_}) {
    threads->order.clear();
    threads->slots.clear();
    threads->position.resize(program_.instructions.size());
  }
  size_t start = from;  // where the next match can begin at the earliest
  bool may_start = skip_to_prefix(start);
  for (size_t at = from;;) {
    if (current_.order.empty()) {
      if (found_ || !may_start) break;
      at = start;
    }
    if (!found_ && may_start && at == start) {
      registers_.assign(slot_count_, RegexMatch::npos);
      add(current_, 0, at);
      start = at == text.size() ? at : at + character_bytes(text, at);
      may_start = start > at && skip_to_prefix(start);
    }
    if (step(at, match) || at == text.size()) break;
    at += character_bytes(text, at);
    std::swap(current_, next_);
    next_.order.clear();
    next_.slots.clear();
  }
  return found_;
}

}  // namespace rowtine::expr
