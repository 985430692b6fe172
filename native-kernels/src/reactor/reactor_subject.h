// What a reactor's tests run against: a backend and a topology.
#pragma once

#include <memory>
#include <string>

#include "reactor/backend.h"
#include "reactor/split_reactor.h"

namespace rowtine::reactor {

struct Subject {
  std::unique_ptr<Backend> (*make_backend)(const ReceiveBuffers&, std::string&);
  /// The halves have threads of their own, so what respond() and send() return says less.
  bool is_split = false;

  std::unique_ptr<Reactor> make(const ReactorOptions& options, const ReceiveBuffers& buffers,
                                std::string& why) const {
    if (!is_split) {
      auto backend = make_backend(buffers, why);
      return backend == nullptr ? nullptr : Reactor::make(std::move(backend), options);
    }
    SplitOptions split;
    split.reactor = options;
    split.make_backend = [*this, buffers](std::string& reason) {
      return make_backend(buffers, reason);
    };
    return SplitReactor::make(split, why);
  }
};

}  // namespace rowtine::reactor
