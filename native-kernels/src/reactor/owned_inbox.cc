#include "reactor/owned_inbox.h"

#include <cstring>

#include "base/invariant.h"

namespace rowtine::reactor {
namespace {

void own(Arena& arena, std::string_view& view) {
  auto* copy = static_cast<char*>(arena.allocate(view.size() + 1, 1));
  invariant(copy != nullptr, "an inbox arena has no limit of its own");
  if (!view.empty()) std::memcpy(copy, view.data(), view.size());
  view = {copy, view.size()};
}

}  // namespace

OwnedInbox::OwnedInbox(const Inbox& from) : inbox(from) {
  for (HttpRequest& request : inbox.requests) {
    own(bytes, request.method);
    own(bytes, request.path);
    own(bytes, request.query);
    own(bytes, request.head);
    own(bytes, request.body);
  }
  for (Received& received : inbox.received) own(bytes, received.data);
  for (Received& line : inbox.lines) own(bytes, line.data);
}

}  // namespace rowtine::reactor
