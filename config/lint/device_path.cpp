#include "config/lint/device_path.h"

#include <array>
#include <cctype>

namespace shstore::config::lint {
namespace {

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// Takes `prefix` and at least one digit off the front.
bool take_numbered(std::string_view& name, std::string_view prefix) {
  if (!name.starts_with(prefix) || name.size() == prefix.size() || !is_digit(name[prefix.size()])) return false;
  name.remove_prefix(prefix.size());
  while (!name.empty() && is_digit(name.front())) name.remove_prefix(1);
  return true;
}

struct Family {
  std::string_view rewinding, stays;  ///< what comes before the number
  std::string_view suffixes;          ///< letters that may follow it (density, partition)
};

constexpr std::array kFamilies{
    Family{"st", "nst", "alm"},                              // Linux
    Family{"rst", "nrst", ""}, Family{"erst", "enrst", ""},  // NetBSD, OpenBSD
};

/// FreeBSD: sa0, and sa0.1 for another mode of it; nsa0 stays.
bool is_sa(std::string_view name, std::string_view prefix) {
  return take_numbered(name, prefix) && (name.empty() || name.front() == '.');
}

/// What follows /dev/rmt/ on Solaris: 0, 0cbn: a number, density and options; n means "do not rewind".
NodeKind solaris_kind(std::string_view name) {
  if (!take_numbered(name, "") || name.find_first_not_of("lmhcubn") != std::string_view::npos) return NodeKind::other;
  return name.find('n') == std::string_view::npos ? NodeKind::rewinding : NodeKind::tape;
}

NodeKind kind_in_dev(std::string_view name) {
  for (const Family& family : kFamilies) {
    for (const bool stays : {false, true}) {
      std::string_view rest = name;
      if (take_numbered(rest, stays ? family.stays : family.rewinding) &&
          (rest.empty() || (rest.size() == 1 && family.suffixes.find(rest[0]) != std::string_view::npos))) {
        return stays ? NodeKind::tape : NodeKind::rewinding;
      }
    }
  }
  if (is_sa(name, "sa")) return NodeKind::rewinding;
  if (is_sa(name, "nsa") || is_sa(name, "esa")) return NodeKind::tape;
  std::string_view rest = name;
  if (take_numbered(rest, "sg") && rest.empty()) return NodeKind::generic;
  rest = name;
  if (take_numbered(rest, "IBMtape")) {
    if (rest.empty()) return NodeKind::rewinding;
    if (rest == "n") return NodeKind::tape;
  }
  return NodeKind::other;
}

bool take(std::string_view& path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return false;
  path.remove_prefix(prefix.size());
  return true;
}

}  // namespace

NodeKind node_kind(std::string_view path) {
  if (take(path, "/dev/tape/by-id/") || take(path, "/dev/tape/by-path/")) {
    if (path.empty() || path.ends_with("-changer")) return NodeKind::other;
    if (path.ends_with("-sg")) return NodeKind::generic;
    return path.ends_with("-nst") ? NodeKind::tape : NodeKind::rewinding;
  }
  if (take(path, "/dev/rmt/")) return solaris_kind(path);
  return take(path, "/dev/") ? kind_in_dev(path) : NodeKind::other;
}

bool is_tape_node(std::string_view path) {
  const NodeKind kind = node_kind(path);
  return kind == NodeKind::tape || kind == NodeKind::rewinding;
}

bool is_robot_node(std::string_view path) {
  if (path.starts_with("/dev/tape/") || path.starts_with("/dev/changer")) {
    return path == "/dev/changer" || path.ends_with("-changer");
  }
  if (!take(path, "/dev/")) return false;
  for (const std::string_view prefix : {"sch", "ch", "IBMchanger"}) {
    std::string_view rest = path;
    if (take_numbered(rest, prefix) && rest.empty()) return true;
  }
  return false;
}

std::string non_rewinding(std::string_view path) {
  if (node_kind(path) != NodeKind::rewinding) return {};
  if (path.starts_with("/dev/tape/")) return std::string(path) + "-nst";
  if (path.starts_with("/dev/rmt/") || path.starts_with("/dev/IBMtape")) return std::string(path) + "n";
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (name.starts_with("erst")) return "/dev/en" + std::string(name.substr(1));
  return "/dev/n" + std::string(name);
}

bool is_numbered_node(std::string_view path) {
  for (const std::string_view prefix : {"/dev/nst", "/dev/st", "/dev/sg"}) {
    std::string_view rest = path;
    if (take_numbered(rest, prefix)) return node_kind(path) != NodeKind::other;
  }
  return false;
}

}  // namespace shstore::config::lint
