#include "binding/wake.h"

namespace rowtine::binding {

bool Wake::open(Napi::Env env, Napi::Function callback) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return false;
  auto* handle = new Handle{{}, Napi::Persistent(callback)};
  handle->async.data = handle;
  if (uv_async_init(loop, &handle->async, &Wake::call) != 0) {
    delete handle;
    return false;
  }
  const std::lock_guard lock(mutex_);
  handle_ = handle;
  return true;
}

void Wake::send() {
  const std::lock_guard lock(mutex_);
  if (handle_ != nullptr) uv_async_send(&handle_->async);
}

void Wake::close() {
  Handle* handle = nullptr;
  {
    const std::lock_guard lock(mutex_);
    std::swap(handle, handle_);
  }
  if (handle == nullptr) return;
  handle->callback.Reset();
  uv_close(reinterpret_cast<uv_handle_t*>(&handle->async), [](uv_handle_t* closed) {
    delete static_cast<Handle*>(closed->data);
  });
}

void Wake::call(uv_async_t* async) {
  auto* handle = static_cast<Handle*>(async->data);
  if (handle->callback.IsEmpty()) return;
  const Napi::Env env = handle->callback.Env();
  const Napi::HandleScope scope(env);
  handle->callback.MakeCallback(env.Global(), std::initializer_list<napi_value>{});
  // What user code threw in the ticks and microtasks that ran behind the callback.
  if (!env.IsExceptionPending()) return;
  napi_fatal_exception(env, env.GetAndClearPendingException().Value());
}

}  // namespace rowtine::binding
