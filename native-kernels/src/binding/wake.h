// Calls a JavaScript function on its own thread when another thread asks for it: a uv_async_t, which
// is an order of magnitude quicker than a ThreadSafeFunction, and coalesces.
#pragma once

#include <napi.h>
#include <uv.h>

#include <mutex>

namespace rowtine::binding {

/// Made and closed on the JavaScript thread; send() from any thread, at any time in between and after.
class Wake {
 public:
  Wake() = default;
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

  /// Returns: false when the event loop refuses the handle.
  bool open(Napi::Env env, Napi::Function callback);
  void send();
  /// Ends it; a callback that is already due may still come.
  void close();

 private:
  struct Handle {
    uv_async_t async;
    Napi::FunctionReference callback;
  };
  static void call(uv_async_t* async);

  std::mutex mutex_;  // between send() and close() only; never held while JavaScript runs
  Handle* handle_ = nullptr;
};

}  // namespace rowtine::binding
