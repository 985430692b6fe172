// The built-in devices' columns, in the order that engine/relations/devices.ts declares them.
#pragma once

#include <cstdint>
#include <string_view>

namespace rowtine::runtime {

enum class Device : uint8_t {
  None,
  Connections,
  Listeners,
  NetworkReceive,
  NetworkSend,
  MessagesReceive,
  MessagesSend,
  HttpRequests,
  HttpResponses,
  Ticks,
  CoroutineEvents,
  Errors,
  Workers,
  Buffers,
  Coroutines,
  Relations,
  Columns,
};

/// The device that a relation's spec names; None for an unknown name.
constexpr Device device_named(std::string_view name) {
  constexpr struct {
    std::string_view name;
    Device device;
  } table[] = {
      {"connections", Device::Connections},       {"listeners", Device::Listeners},
      {"network_recv", Device::NetworkReceive},   {"network_send", Device::NetworkSend},
      {"messages_recv", Device::MessagesReceive}, {"messages_send", Device::MessagesSend},
      {"http_requests", Device::HttpRequests},    {"http_responses", Device::HttpResponses},
      {"ticks", Device::Ticks},                   {"coroutine_events", Device::CoroutineEvents},
      {"sys.errors", Device::Errors},             {"sys.workers", Device::Workers},
      {"sys.buffers", Device::Buffers},           {"sys.coroutines", Device::Coroutines},
      {"sys.relations", Device::Relations},       {"sys.columns", Device::Columns},
  };
  for (const auto& entry : table) {
    if (entry.name == name) return entry.device;
  }
  return Device::None;
}

// Every event relation ends with these, after its own columns.
inline constexpr uint32_t kSystemColumns = 4;  // seq, at, root, cause

namespace connections {
enum : uint32_t { kId, kProtocol, kPeer, kOpened, kSeq, kAt, kRoot, kCause, kColumns };
}
namespace listeners {
enum : uint32_t { kId, kProtocol, kAddress, kOptions, kColumns };
}
namespace network {  // network_recv, network_send
enum : uint32_t { kId, kConnectionId, kData, kColumns };
}
namespace messages {  // messages_recv, messages_send
enum : uint32_t { kId, kConnectionId, kText, kColumns };
}
namespace http_requests {
enum : uint32_t { kId, kConnectionId, kMethod, kPath, kQueryRaw, kHeadRaw, kBody, kColumns };
}
namespace http_responses {
enum : uint32_t { kId, kRequestId, kStatus, kHeaders, kBody, kMore, kColumns };
}
namespace ticks {
enum : uint32_t { kId, kEvery, kFiredAt, kColumns };
}
namespace coroutine_events {
enum : uint32_t { kCoroutine, kEvent, kInstance, kError, kColumns };
}
namespace errors {
enum : uint32_t { kCoroutine, kLine, kStatement, kState, kMessage, kLocals, kColumns };
}

}  // namespace rowtine::runtime
