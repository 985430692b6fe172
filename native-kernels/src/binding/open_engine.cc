#include "binding/open_engine.h"

#include <map>
#include <mutex>
#include <utility>

namespace rowtine::binding {
namespace {

/// All engines of the process, by number. Leaked on purpose: threads may outlive static destruction.
/// The lock is for opening and closing; the store thread and the main thread look engines up under it.
class Registry {
 public:
  static Registry& the() {
    static auto* registry = new Registry;
    return *registry;
  }
  uint32_t add(std::shared_ptr<OpenEngine> engine) {
    const std::lock_guard lock(mutex_);
    engines_[next_] = std::move(engine);
    return next_++;
  }
  std::shared_ptr<OpenEngine> find(uint32_t number) {
    const std::lock_guard lock(mutex_);
    const auto found = engines_.find(number);
    return found == engines_.end() ? nullptr : found->second;
  }
  std::shared_ptr<OpenEngine> remove(uint32_t number) {
    const std::lock_guard lock(mutex_);
    auto node = engines_.extract(number);
    return node.empty() ? nullptr : std::move(node.mapped());
  }

 private:
  std::mutex mutex_;
  std::map<uint32_t, std::shared_ptr<OpenEngine>> engines_;
  uint32_t next_ = 1;
};

}  // namespace

uint32_t add_engine(std::shared_ptr<OpenEngine> engine) {
  return Registry::the().add(std::move(engine));
}

std::shared_ptr<OpenEngine> find_engine(uint32_t number) { return Registry::the().find(number); }

void destroy_engine(uint32_t number) {
  const auto engine = Registry::the().remove(number);
  if (engine == nullptr) return;
  engine->engine.reset();
  engine->main.close();
}

std::shared_ptr<OpenEngine> engine_of(Reader& reader, const Napi::CallbackInfo& info) {
  const int64_t number = reader.integer(info[0], "engine", 0, UINT32_MAX);
  auto engine = reader.ok() ? Registry::the().find(static_cast<uint32_t>(number)) : nullptr;
  if (engine == nullptr) reader.mistake("there is no such engine: it was closed, or never opened");
  return engine;
}

uint32_t number_at(Reader& reader, const Napi::CallbackInfo& info, size_t index, const char* name) {
  return static_cast<uint32_t>(reader.integer(info[index], name, 0, INT32_MAX));
}

uint64_t handle_at(Reader& reader, const Napi::CallbackInfo& info, size_t index) {
  return static_cast<uint64_t>(reader.integer(info[index], "handle", 0, 1LL << 53));
}

}  // namespace rowtine::binding
