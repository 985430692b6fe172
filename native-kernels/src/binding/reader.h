// Reads JavaScript values into C++ ones and remembers the first mistake: the addon believes nothing
// that its caller says. Only src/binding sees <napi.h>.
#pragma once

#include <napi.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rowtine::binding {

/// Converts one call's arguments. After a mistake every read gives an empty value; the function then
/// returns `reader.refuse()` before it has changed anything.
class Reader {
 public:
  explicit Reader(Napi::Env env) : env_(env) {}

  bool ok() const { return mistake_.empty(); }
  void mistake(const std::string& what) {
    if (ok()) mistake_ = what;
  }
  /// Throws TypeError with code 22023 in JavaScript.
  Napi::Value refuse() const {
    auto error = Napi::TypeError::New(env_, mistake_);
    error.Value().Set("code", "22023");
    error.ThrowAsJavaScriptException();
    return env_.Undefined();
  }

  int64_t integer(const Napi::Value& value, const char* name, int64_t low, int64_t high) {
    if (value.IsBigInt()) {
      bool lossless = false;
      const int64_t number = value.As<Napi::BigInt>().Int64Value(&lossless);
      if (lossless && number >= low && number <= high) return number;
    } else if (value.IsNumber()) {
      const double number = value.As<Napi::Number>().DoubleValue();
      if (number >= static_cast<double>(low) && number <= static_cast<double>(high) &&
          number == static_cast<double>(static_cast<int64_t>(number))) {
        return static_cast<int64_t>(number);
      }
    }
    mistake(std::string(name) + " is not an integer within its range");
    return low;
  }
  bool boolean(const Napi::Value& value, const char* name) {
    if (value.IsBoolean()) return value.As<Napi::Boolean>().Value();
    mistake(std::string(name) + " is not a boolean");
    return false;
  }
  std::string text(const Napi::Value& value, const char* name) {
    if (value.IsString()) return value.As<Napi::String>().Utf8Value();
    mistake(std::string(name) + " is not a string");
    return {};
  }
  Napi::Object object(const Napi::Value& value, const char* name) {
    if (value.IsObject()) return value.As<Napi::Object>();
    mistake(std::string(name) + " is not an object");
    return Napi::Object::New(env_);
  }
  Napi::Function function(const Napi::Value& value, const char* name) {
    if (value.IsFunction()) return value.As<Napi::Function>();
    mistake(std::string(name) + " is not a function");
    return {};
  }
  /// Calls `each(element)` for every element of an array.
  template <class Each>
  void list(const Napi::Value& value, const char* name, Each each) {
    if (!value.IsArray()) return mistake(std::string(name) + " is not an array");
    const auto array = value.As<Napi::Array>();
    for (uint32_t i = 0; i < array.Length() && ok(); ++i) each(array.Get(i));
  }
  /// The bytes under a typed array of elements of T's size; valid during the call.
  template <class T>
  std::span<const T> array(const Napi::Value& value, const char* name) {
    if (!value.IsTypedArray() || value.As<Napi::TypedArray>().ElementSize() != sizeof(T)) {
      mistake(std::string(name) + " is not a typed array of " + std::to_string(sizeof(T)) +
              "-byte elements");
      return {};
    }
    const auto typed = value.As<Napi::TypedArray>();
    const auto* start = static_cast<const uint8_t*>(typed.ArrayBuffer().Data()) + typed.ByteOffset();
    return {reinterpret_cast<const T*>(start), typed.ElementLength()};
  }

  Napi::Env env() const { return env_; }

 private:
  Napi::Env env_;
  std::string mistake_;
};

}  // namespace rowtine::binding
