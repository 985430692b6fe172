#include "expr/signature.h"

#include <array>
#include <optional>
#include <string_view>

#include "expr/families.h"

namespace rowtine::expr {
namespace {

using KernelSelector = KernelFunction (*)(Opcode, Types);

struct Declaration {
  std::string_view signature;
  KernelSelector select;
};

constexpr Declaration kDeclarations[] = {
#define OPCODE(Name, family, signature, summary) {signature, family##_kernel},
#include "program/opcodes.def"
#undef OPCODE
};

constexpr std::string_view kVolatile = " volatile";
constexpr std::string_view kTotal = " total";

constexpr std::string_view kTypeNames[vector::kPhysicalTypeCount] = {
    "Bool",    "Int16",   "Int32",  "Int64",    "Float32",
    "Float64", "Decimal", "String", "Interval", "Uuid"};

std::optional<PhysicalType> type_named(std::string_view name) {
  for (uint8_t i = 0; i < vector::kPhysicalTypeCount; ++i) {
    if (kTypeNames[i] == name) return static_cast<PhysicalType>(i);
  }
  return std::nullopt;
}

bool is_in_class(char variable, PhysicalType type) {
  const bool integer = type >= PhysicalType::Int16 && type <= PhysicalType::Int64;
  const bool floating = type == PhysicalType::Float32 || type == PhysicalType::Float64;
  switch (variable) {
    case 'I': return integer;
    case 'F': return floating;
    case 'M': return integer || floating;
    case 'N': return integer || floating || type == PhysicalType::Decimal;
    default: return true;  // T, A
  }
}

/// The types that the letters of one alternative stand for, as far as they are known.
class Bindings {
 public:
  bool accept(std::string_view name, PhysicalType type) {
    if (name.size() > 1) return type_named(name) == type;
    if (!is_in_class(name[0], type)) return false;
    if (name[0] == 'A') return true;
    std::optional<PhysicalType>& bound = bound_[static_cast<size_t>(name[0] - 'A')];
    if (!bound) bound = type;
    return *bound == type;
  }
  PhysicalType result(std::string_view name) const {
    if (name.size() > 1) return type_named(name).value_or(PhysicalType::Bool);
    return bound_[static_cast<size_t>(name[0] - 'A')].value_or(PhysicalType::Bool);
  }

 private:
  std::array<std::optional<PhysicalType>, 26> bound_{};
};

/// Cuts the text before `separator` off the front of `rest`, spaces around it dropped.
std::string_view cut(std::string_view& rest, std::string_view separator) {
  const size_t end = rest.find(separator);
  std::string_view head = rest.substr(0, end);
  rest = end == rest.npos ? std::string_view{} : rest.substr(end + separator.size());
  while (!head.empty() && head.front() == ' ') head.remove_prefix(1);
  while (!head.empty() && head.back() == ' ') head.remove_suffix(1);
  return head;
}

bool match_arguments(std::string_view list, Types arguments, Bindings& bindings) {
  size_t next = 0;
  while (!list.empty()) {
    std::string_view name = cut(list, ",");
    if (name.ends_with("...")) {
      name.remove_suffix(3);
      for (; next < arguments.size(); ++next) {
        if (!bindings.accept(name, arguments[next])) return false;
      }
    } else if (next == arguments.size() || !bindings.accept(name, arguments[next++])) {
      return false;
    }
  }
  return next == arguments.size();
}

struct Range {
  std::string_view name;
  int64_t least, most;
};
constexpr int64_t kDateFieldMax = static_cast<int64_t>(program::DateField::TimezoneMinute);
constexpr Range kImmediateRanges[] = {
    {"scale", 0, 38},         {"precision", 1, 38}, {"field", 0, kDateFieldMax},
    {"state", 1, 0x3fffffff}, {"flags", 0, 3},      {"length", 1, 10485760},
};

bool match_immediates(std::string_view list, std::span<const int64_t> immediates) {
  size_t next = 0;
  while (!list.empty()) {
    const std::string_view name = cut(list, ",");
    if (next == immediates.size()) return false;
    const int64_t value = immediates[next++];
    for (const Range& range : kImmediateRanges) {
      if (range.name == name && (value < range.least || value > range.most)) return false;
    }
  }
  return next == immediates.size();
}

/// Does `(types) [immediates] -> result` accept the call?
bool match_alternative(std::string_view text, Types arguments, std::span<const int64_t> immediates,
                       Resolved& out) {
  cut(text, "(");
  const std::string_view types = cut(text, ")");
  std::string_view before_arrow = cut(text, "-> ");
  const std::string_view result = text;
  cut(before_arrow, "[");
  Bindings bindings;
  if (!match_arguments(types, arguments, bindings)) return false;
  if (!match_immediates(cut(before_arrow, "]"), immediates)) return false;
  out.result = bindings.result(result);
  return true;
}

}  // namespace

bool resolve(Opcode opcode, Types arguments, std::span<const int64_t> immediates, Resolved& out) {
  const auto number = static_cast<size_t>(opcode);
  if (number >= program::kOpcodeCount || arguments.size() > kArgumentCountMax) return false;
  std::string_view rest = kDeclarations[number].signature;
  if (rest.ends_with(kTotal)) rest.remove_suffix(kTotal.size());
  out.immutable = !rest.ends_with(kVolatile);
  if (!out.immutable) rest.remove_suffix(kVolatile.size());
  while (!rest.empty()) {
    if (!match_alternative(cut(rest, " | "), arguments, immediates, out)) continue;
    out.function = kDeclarations[number].select(opcode, arguments);
    return out.function != nullptr;
  }
  return false;
}

}  // namespace rowtine::expr
