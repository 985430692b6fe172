#include "reactor/owned_inbox.h"

#include <cstring>

namespace rowtine::reactor {
namespace {

template <class Each>
void each_view(Inbox& inbox, Each&& each) {
  for (HttpRequest& request : inbox.requests) {
    each(request.method);
    each(request.path);
    each(request.query);
    each(request.head);
    each(request.body);
  }
  for (Received& received : inbox.received) each(received.data);
  for (Received& line : inbox.lines) each(line.data);
}

}  // namespace

OwnedInbox::OwnedInbox(const Inbox& from) : inbox(from) {
  each_view(inbox, [this](std::string_view view) { byte_count += view.size(); });
  // Not value-initialised: all of it is written below.
  bytes.reset(new char[byte_count + 1]);
  char* next = bytes.get();
  each_view(inbox, [&next](std::string_view& view) {
    if (!view.empty()) std::memcpy(next, view.data(), view.size());
    view = {next, view.size()};
    next += view.size();
  });
}

}  // namespace rowtine::reactor
