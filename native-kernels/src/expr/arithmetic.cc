// + - * / % on the number types, the signs and the bits, with PostgreSQL's overflow rules. Integer
// overflow is found by sign arithmetic, so that the loops stay free of branches and vectorise.
#include <cmath>
#include <limits>
#include <type_traits>

#include "expr/apply.h"
#include "expr/decimal.h"
#include "expr/families.h"

namespace rowtine::expr {
namespace {

using vector::Decimal;

template <class T>
concept MachineInteger = std::is_integral_v<T> && sizeof(T) <= 8;

/// The unsigned type of the same width, in which overflow is defined.
template <class T>
using Unsigned = std::make_unsigned_t<T>;

template <class T>
struct Binary {
  using Left = T;
  using Right = T;
  using Result = T;
  using Flag = uint8_t;
  static bool failed(Flag flag) { return flag != 0; }
  static SqlState state(T, T) { return kNumericValueOutOfRange; }
};

template <MachineInteger T>
struct BinarySigned : Binary<T> {
  using Flag = Unsigned<T>;  // the sign bit is set when a row failed
  static bool failed(Flag flag) { return static_cast<T>(flag) < 0; }
};

template <class T>
struct Add;
template <class T>
struct Subtract;
template <class T>
struct Multiply;
template <class T>
struct Divide;
template <class T>
struct Modulo;

template <MachineInteger T>
struct Add<T> : BinarySigned<T> {
  static void apply(T a, T b, T& out, Unsigned<T>& flag) {
    out = static_cast<T>(static_cast<Unsigned<T>>(a) + static_cast<Unsigned<T>>(b));
    flag = static_cast<Unsigned<T>>(flag | ((a ^ out) & (b ^ out)));
  }
};

template <MachineInteger T>
struct Subtract<T> : BinarySigned<T> {
  static void apply(T a, T b, T& out, Unsigned<T>& flag) {
    out = static_cast<T>(static_cast<Unsigned<T>>(a) - static_cast<Unsigned<T>>(b));
    flag = static_cast<Unsigned<T>>(flag | ((a ^ b) & (a ^ out)));
  }
};

template <MachineInteger T>
struct Multiply<T> : Binary<T> {
  using Flag = std::conditional_t<sizeof(T) == 8, uint8_t, uint32_t>;
  static bool failed(Flag flag) { return flag != 0; }
  static void apply(T a, T b, T& out, Flag& flag) {
    if constexpr (sizeof(T) == 8) {
      flag = static_cast<Flag>(flag | __builtin_mul_overflow(a, b, &out));
    } else {
      const int64_t wide = static_cast<int64_t>(a) * b;
      out = static_cast<T>(wide);
      flag |= static_cast<Flag>(wide != out);
    }
  }
};

template <MachineInteger T>
struct Divide<T> : Binary<T> {
  static void apply(T a, T b, T& out, uint8_t& flag) {
    const bool overflow = b == -1 && a == std::numeric_limits<T>::min();
    flag = static_cast<uint8_t>(flag | (b == 0) | overflow);
    out = static_cast<T>(a / (b == 0 || overflow ? T{1} : b));
  }
  static SqlState state(T, T b) { return b == 0 ? kDivisionByZero : kNumericValueOutOfRange; }
};

template <MachineInteger T>
struct Modulo<T> : Binary<T> {
  static void apply(T a, T b, T& out, uint8_t& flag) {
    flag = static_cast<uint8_t>(flag | (b == 0));
    out = static_cast<T>(b == 0 || b == -1 ? 0 : a % b);
  }
  static SqlState state(T, T) { return kDivisionByZero; }
};

// Floats: an infinity that was not in the input is an overflow, a zero that is no product or
// quotient of a zero an underflow, both 22003 (PostgreSQL's float.h).

template <std::floating_point T>
bool is_infinite(T value) {
  return std::abs(value) > std::numeric_limits<T>::max();
}

template <std::floating_point T>
struct BinaryFloat : Binary<T> {
  using Flag = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
  static bool failed(Flag flag) { return flag != 0; }
};

template <std::floating_point T>
struct Add<T> : BinaryFloat<T> {
  static void apply(T a, T b, T& out, typename BinaryFloat<T>::Flag& flag) {
    out = a + b;
    flag |= is_infinite(out) & !is_infinite(a) & !is_infinite(b);
  }
};

template <std::floating_point T>
struct Subtract<T> : BinaryFloat<T> {
  static void apply(T a, T b, T& out, typename BinaryFloat<T>::Flag& flag) {
    out = a - b;
    flag |= is_infinite(out) & !is_infinite(a) & !is_infinite(b);
  }
};

template <std::floating_point T>
struct Multiply<T> : BinaryFloat<T> {
  static void apply(T a, T b, T& out, typename BinaryFloat<T>::Flag& flag) {
    out = a * b;
    flag |=
        (is_infinite(out) & !is_infinite(a) & !is_infinite(b)) | ((out == 0) & (a != 0) & (b != 0));
  }
};

template <std::floating_point T>
struct Divide<T> : BinaryFloat<T> {
  static void apply(T a, T b, T& out, typename BinaryFloat<T>::Flag& flag) {
    out = a / b;
    flag |= ((b == 0) & (a == a)) | (is_infinite(out) & !is_infinite(a)) |
            ((out == 0) & (a != 0) & !is_infinite(b));
  }
  static SqlState state(T, T b) { return b == 0 ? kDivisionByZero : kNumericValueOutOfRange; }
};

template <std::floating_point T>
struct Modulo<T> : BinaryFloat<T> {
  static void apply(T a, T b, T& out, typename BinaryFloat<T>::Flag& flag) {
    out = std::fmod(a, b);
    flag |= b == 0;
  }
  static SqlState state(T, T) { return kDivisionByZero; }
};

template <>
struct Add<Decimal> : Binary<Decimal> {
  static void apply(Decimal a, Decimal b, Decimal& out, uint8_t& flag) {
    flag = static_cast<uint8_t>(flag | __builtin_add_overflow(a, b, &out) | !is_decimal(out));
  }
};

template <>
struct Subtract<Decimal> : Binary<Decimal> {
  static void apply(Decimal a, Decimal b, Decimal& out, uint8_t& flag) {
    flag = static_cast<uint8_t>(flag | __builtin_sub_overflow(a, b, &out) | !is_decimal(out));
  }
};

template <>
struct Multiply<Decimal> : Binary<Decimal> {
  static void apply(Decimal a, Decimal b, Decimal& out, uint8_t& flag) {
    flag = static_cast<uint8_t>(flag | __builtin_mul_overflow(a, b, &out) | !is_decimal(out));
  }
};

template <>
struct Modulo<Decimal> : Binary<Decimal> {
  static void apply(Decimal a, Decimal b, Decimal& out, uint8_t& flag) {
    flag = static_cast<uint8_t>(flag | (b == 0));
    out = b == 0 || b == -1 ? 0 : a % b;
  }
  static SqlState state(Decimal, Decimal) { return kDivisionByZero; }
};

template <class T>
struct Unary {
  using Value = T;
  using Result = T;
  using Flag = uint8_t;
  static bool failed(Flag flag) { return flag != 0; }
  static SqlState state(T) { return kNumericValueOutOfRange; }
};

template <class T>
struct Negate : Unary<T> {
  static void apply(T a, T& out, uint8_t& flag) {
    if constexpr (MachineInteger<T>) {
      flag = static_cast<uint8_t>(flag | (a == std::numeric_limits<T>::min()));
      out = static_cast<T>(Unsigned<T>{0} - static_cast<Unsigned<T>>(a));
    } else {
      out = -a;
    }
  }
};

template <class T>
struct Abs : Unary<T> {
  static void apply(T a, T& out, uint8_t& flag) {
    if constexpr (std::is_floating_point_v<T>) {
      out = std::abs(a);
    } else {
      // Only the least integer fails, and that is negative: the flag is right for all others.
      Negate<T>::apply(a, out, flag);
      if (a >= 0) out = a;
    }
  }
};

template <class T>
struct Sign : Unary<T> {
  static void apply(T a, T& out, uint8_t&) { out = a != a ? a : static_cast<T>((a > 0) - (a < 0)); }
};

template <class T>
struct BinaryBits : Infallible {
  using Left = T;
  using Right = T;
  using Result = T;
};

template <class T>
struct BitAnd : BinaryBits<T> {
  static void apply(T a, T b, T& out, uint8_t&) { out = static_cast<T>(a & b); }
};
template <class T>
struct BitOr : BinaryBits<T> {
  static void apply(T a, T b, T& out, uint8_t&) { out = static_cast<T>(a | b); }
};
template <class T>
struct BitXor : BinaryBits<T> {
  static void apply(T a, T b, T& out, uint8_t&) { out = static_cast<T>(a ^ b); }
};
template <class T>
struct BitNot : Unary<T> {
  static void apply(T a, T& out, uint8_t&) { out = static_cast<T>(~a); }
};

/// The machine's shift as PostgreSQL inherits it: the distance wraps at the width.
template <class T>
int32_t shift_distance(int32_t distance) {
  constexpr int32_t kWidth = sizeof(T) == 8 ? 64 : 32;
  return distance & (kWidth - 1);
}

template <class T>
struct Shift : Infallible {
  using Left = T;
  using Right = int32_t;
  using Result = T;
};
template <class T>
struct ShiftLeft : Shift<T> {
  static void apply(T a, int32_t b, T& out, uint8_t&) {
    out = static_cast<T>(static_cast<uint64_t>(a) << shift_distance<T>(b));
  }
};
template <class T>
struct ShiftRight : Shift<T> {
  static void apply(T a, int32_t b, T& out, uint8_t&) {
    out = static_cast<T>(static_cast<int64_t>(a) >> shift_distance<T>(b));
  }
};

template <template <class> class Op>
KernelFunction integers_binary(PhysicalType type) {
  switch (type) {
    case PhysicalType::Int16: return binary_kernel<Op<int16_t>>;
    case PhysicalType::Int32: return binary_kernel<Op<int32_t>>;
    case PhysicalType::Int64: return binary_kernel<Op<int64_t>>;
    default: return nullptr;
  }
}

template <template <class> class Op>
KernelFunction machine_binary(PhysicalType type) {
  switch (type) {
    case PhysicalType::Float32: return binary_kernel<Op<float>>;
    case PhysicalType::Float64: return binary_kernel<Op<double>>;
    default: return integers_binary<Op>(type);
  }
}

template <template <class> class Op>
KernelFunction numbers_binary(PhysicalType type) {
  if (type == PhysicalType::Decimal) return binary_kernel<Op<Decimal>>;
  return machine_binary<Op>(type);
}

template <template <class> class Op>
KernelFunction numbers_unary(PhysicalType type) {
  switch (type) {
    case PhysicalType::Int16: return unary_kernel<Op<int16_t>>;
    case PhysicalType::Int32: return unary_kernel<Op<int32_t>>;
    case PhysicalType::Int64: return unary_kernel<Op<int64_t>>;
    case PhysicalType::Float32: return unary_kernel<Op<float>>;
    case PhysicalType::Float64: return unary_kernel<Op<double>>;
    case PhysicalType::Decimal: return unary_kernel<Op<Decimal>>;
    default: return nullptr;
  }
}

KernelFunction bit_not(PhysicalType type) {
  switch (type) {
    case PhysicalType::Int16: return unary_kernel<BitNot<int16_t>>;
    case PhysicalType::Int32: return unary_kernel<BitNot<int32_t>>;
    default: return unary_kernel<BitNot<int64_t>>;
  }
}

}  // namespace

KernelFunction arithmetic_kernel(Opcode opcode, Types types) {
  const PhysicalType type = types[0];
  switch (opcode) {
    case Opcode::Add: return numbers_binary<Add>(type);
    case Opcode::Subtract: return numbers_binary<Subtract>(type);
    case Opcode::Multiply: return numbers_binary<Multiply>(type);
    case Opcode::Divide: return machine_binary<Divide>(type);
    case Opcode::Modulo: return numbers_binary<Modulo>(type);
    case Opcode::Negate: return numbers_unary<Negate>(type);
    case Opcode::Abs: return numbers_unary<Abs>(type);
    case Opcode::Sign: return numbers_unary<Sign>(type);
    case Opcode::BitAnd: return integers_binary<BitAnd>(type);
    case Opcode::BitOr: return integers_binary<BitOr>(type);
    case Opcode::BitXor: return integers_binary<BitXor>(type);
    case Opcode::BitNot: return bit_not(type);
    case Opcode::ShiftLeft: return integers_binary<ShiftLeft>(type);
    case Opcode::ShiftRight: return integers_binary<ShiftRight>(type);
    default: return nullptr;
  }
}

}  // namespace rowtine::expr
