#include "expr/json_edit.h"

#include <algorithm>
#include <charconv>

#include "expr/json_compare.h"
#include "expr/json_scan.h"

namespace rowtine::expr {
namespace {

/// Writes commas between the items of one container.
class Items {
 public:
  Items(TextWriter& writer, char open, char close) : writer_(writer), close_(close) {
    writer_.append(open);
  }
  void separate() {
    if (any_) writer_.append(',');
    any_ = true;
  }
  void member(std::string_view key) {
    separate();
    writer_.append('"');
    writer_.append(key);
    writer_.append("\":");
  }
  void close() { writer_.append(close_); }

 private:
  TextWriter& writer_;
  char close_;
  bool any_ = false;
};

/// Copies the members of `object` for which `keep(key)` holds.
template <class Keep>
void copy_members(std::string_view object, Items& items, TextWriter& writer, Keep keep) {
  for (JsonMembers members(object); members.next();) {
    if (!keep(members.key)) continue;
    items.member(members.key);
    writer.append(members.value);
  }
}

bool parse_index(std::string_view step, int64_t& index) {
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  return error == std::errc{} && end == step.data() + step.size();
}

int64_t element_count(std::string_view array) {
  int64_t count = 0;
  for (JsonElements elements(array); elements.next();) ++count;
  return count;
}

void set_in_object(std::string_view object, std::span<const std::string_view> path,
                   std::string_view replacement, TextWriter& writer) {
  Items items(writer, '{', '}');
  bool found = false;
  for (JsonMembers members(object); members.next();) {
    items.member(members.key);
    if (json_content_equals(members.key, path[0])) {
      found = true;
      set_json(members.value, path.subspan(1), replacement, writer);
    } else {
      writer.append(members.value);
    }
  }
  if (!found && path.size() == 1) {
    items.separate();
    quote_json(path[0], writer);
    writer.append(':');
    writer.append(replacement);
  }
  items.close();
}

void set_in_array(std::string_view array, std::span<const std::string_view> path,
                  std::string_view replacement, TextWriter& writer) {
  int64_t wanted = 0;
  if (!parse_index(path[0], wanted)) return writer.append(array);
  const int64_t count = element_count(array);
  if (wanted < 0) wanted += count;
  const bool append_new = path.size() == 1;
  Items items(writer, '[', ']');
  const auto add = [&](std::string_view value) {
    items.separate();
    writer.append(value);
  };
  if (wanted < 0 && append_new) add(replacement);
  int64_t index = 0;
  for (JsonElements elements(array); elements.next(); ++index) {
    if (index != wanted) {
      add(elements.value);
      continue;
    }
    items.separate();
    set_json(elements.value, path.subspan(1), replacement, writer);
  }
  if (wanted >= count && append_new) add(replacement);
  items.close();
}

struct Member {
  std::string_view key;  // content, escapes as they are
  std::string_view value;
  size_t position;
};

/// By key, and of equal keys the last first: it is the one that counts.
bool comes_before(const Member& left, const Member& right) {
  const int order = compare_json_contents(left.key, right.key);
  return order != 0 ? order < 0 : left.position > right.position;
}

/// The members in an array of the arena. Returns: false when the arena is full.
bool collect_members(std::string_view object, Arena& arena, std::span<Member>& out) {
  size_t count = 0;
  for (JsonMembers members(object); members.next();) ++count;
  auto* list = arena.allocate_array<Member>(count);
  if (list == nullptr) return false;
  size_t next = 0;
  for (JsonMembers members(object); members.next(); ++next) {
    list[next] = {members.key, members.value, next};
  }
  out = {list, count};
  return true;
}

bool normalise_object(std::string_view object, Arena& arena, TextWriter& writer) {
  std::span<Member> members;
  if (!collect_members(object, arena, members)) return false;
  std::sort(members.begin(), members.end(), comes_before);
  Items items(writer, '{', '}');
  for (size_t i = 0; i < members.size(); ++i) {
    if (i > 0 && compare_json_contents(members[i - 1].key, members[i].key) == 0) continue;
    items.separate();
    requote_json(members[i].key, writer);
    writer.append(':');
    if (!normalise_json(members[i].value, arena, writer)) return false;
  }
  items.close();
  return true;
}

bool normalise_array(std::string_view array, Arena& arena, TextWriter& writer) {
  Items items(writer, '[', ']');
  for (JsonElements elements(array); elements.next();) {
    items.separate();
    if (!normalise_json(elements.value, arena, writer)) return false;
  }
  items.close();
  return true;
}

}  // namespace

void strip_json_nulls(std::string_view value, TextWriter& writer) {
  if (json_kind(value) == JsonKind::Array) {
    Items items(writer, '[', ']');
    for (JsonElements elements(value); elements.next();) {
      items.separate();
      strip_json_nulls(elements.value, writer);
    }
    items.close();
  } else if (json_kind(value) == JsonKind::Object) {
    Items items(writer, '{', '}');
    for (JsonMembers members(value); members.next();) {
      if (json_kind(members.value) == JsonKind::Null) continue;
      items.member(members.key);
      strip_json_nulls(members.value, writer);
    }
    items.close();
  } else {
    writer.append(value);
  }
}

bool normalise_json(std::string_view value, Arena& arena, TextWriter& writer) {
  switch (json_kind(value)) {
    case JsonKind::Object: return normalise_object(value, arena, writer);
    case JsonKind::Array: return normalise_array(value, arena, writer);
    case JsonKind::String: requote_json(json_string_content(value), writer); return true;
    case JsonKind::Number: normalise_json_number(value, writer); return true;
    default: writer.append(value); return true;
  }
}

void set_json(std::string_view value, std::span<const std::string_view> path,
              std::string_view replacement, TextWriter& writer) {
  if (path.empty()) return writer.append(replacement);
  switch (json_kind(value)) {
    case JsonKind::Object: return set_in_object(value, path, replacement, writer);
    case JsonKind::Array: return set_in_array(value, path, replacement, writer);
    default: return writer.append(value);
  }
}

bool concat_json(std::string_view left, std::string_view right, TextWriter& writer) {
  const JsonKind left_kind = json_kind(left), right_kind = json_kind(right);
  if (left_kind == JsonKind::Object && right_kind == JsonKind::Object) {
    Items items(writer, '{', '}');
    copy_members(left, items, writer, [&](std::string_view key) {
      for (JsonMembers members(right); members.next();) {
        if (compare_json_contents(members.key, key) == 0) return false;
      }
      return true;
    });
    copy_members(right, items, writer, [](std::string_view) { return true; });
    items.close();
    return true;
  }
  const bool arrays = left_kind == JsonKind::Array || right_kind == JsonKind::Array;
  const bool objects = left_kind == JsonKind::Object || right_kind == JsonKind::Object;
  if (objects && !arrays) return false;
  Items items(writer, '[', ']');
  for (const std::string_view side : {left, right}) {
    if (json_kind(side) != JsonKind::Array) {
      items.separate();
      writer.append(side);
    }
    for (JsonElements elements(side); elements.next();) {
      items.separate();
      writer.append(elements.value);
    }
  }
  items.close();
  return true;
}

bool remove_json(std::string_view value, std::string_view key, TextWriter& writer) {
  if (json_kind(value) == JsonKind::Object) {
    Items items(writer, '{', '}');
    copy_members(value, items, writer,
                 [&](std::string_view name) { return !json_content_equals(name, key); });
    items.close();
    return true;
  }
  if (json_kind(value) != JsonKind::Array) return false;
  Items items(writer, '[', ']');
  for (JsonElements elements(value); elements.next();) {
    if (is_json_string(elements.value, key)) continue;
    items.separate();
    writer.append(elements.value);
  }
  items.close();
  return true;
}

}  // namespace rowtine::expr
