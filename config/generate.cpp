#include "config/generate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>

namespace shstore::config {
namespace {

constexpr std::string_view kNoRobot = "/dev/null";  // Bacula's virtual changer, which moves nothing
constexpr size_t kLongestValue = 127;               // MAX_NAME_LENGTH less the end of the string

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return text.ends_with(end); });
}

/// "nst0" of "/dev/nst0" begins with `prefix` and goes on with digits.
bool is_numbered(std::string_view path, std::string_view prefix) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  if (!name.starts_with(prefix) || name.size() == prefix.size()) return false;
  name.remove_prefix(prefix.size());
  return std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::string first_that(const std::vector<std::string>& nodes, bool (*wanted)(std::string_view)) {
  const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const std::string& node) { return wanted(node); });
  return found == nodes.end() ? std::string() : *found;
}

bool is_generic(std::string_view node) { return node.ends_with("-sg") || is_numbered(node, "sg"); }

/// The names that outlive a reboot come first.
std::string archive_node(const std::vector<std::string>& nodes) {
  for (bool (*wanted)(std::string_view) :
       {+[](std::string_view n) { return n.starts_with("/dev/tape/by-id/") && n.ends_with("-nst"); },
        +[](std::string_view n) { return n.starts_with("/dev/tape/") && n.ends_with("-nst"); },
        +[](std::string_view n) { return is_numbered(n, "nst"); },
        +[](std::string_view n) { return !n.starts_with("/dev/") && !is_generic(n); }}) {
    if (std::string node = first_that(nodes, wanted); !node.empty()) return node;
  }
  return {};
}

std::string control_node(const std::vector<std::string>& nodes) {
  for (bool (*wanted)(std::string_view) :
       {+[](std::string_view n) { return n.starts_with("/dev/tape/by-id/") && n.ends_with("-sg"); },
        +[](std::string_view n) { return is_generic(n); }}) {
    if (std::string node = first_that(nodes, wanted); !node.empty()) return node;
  }
  return {};
}

std::string robot_node(const std::vector<std::string>& nodes) {
  for (bool (*wanted)(std::string_view) :
       {+[](std::string_view n) { return ends_with_any(n, {"-changer"}); },
        +[](std::string_view n) { return is_generic(n); }, +[](std::string_view n) { return !n.empty(); }}) {
    if (std::string node = first_that(nodes, wanted); !node.empty()) return node;
  }
  return std::string(kNoRobot);
}

std::string first_label(const std::string& host) { return host.substr(0, host.find('.')); }

/// Where a Bacula has its files.
struct Folders {
  std::string working, plugins, scripts, settings;
};

const Folders& debian() {
  static const Folders folders{"/var/lib/bacula", "/usr/lib/bacula", "/etc/bacula/scripts", "/etc/bacula"};
  return folders;
}

/// Bacula's own packages, from bacula.org.
const Folders& opt() {
  static const Folders folders{"/opt/bacula/working", "/opt/bacula/plugins", "/opt/bacula/scripts", "/opt/bacula/etc"};
  return folders;
}

bool is_under_opt(const Inventory& inventory, bool otherwise) {
  const auto is_there = [](const InventoryFile& file) { return file.exists == true; };
  const auto is_opt = [&](const InventoryFile& file) {
    return is_there(file) && file.path.starts_with("/opt/bacula/");
  };
  if (std::none_of(inventory.files.begin(), inventory.files.end(), is_there)) return otherwise;
  return std::any_of(inventory.files.begin(), inventory.files.end(), is_opt);
}

/// It becomes the name of a folder and of resources.
bool is_host_name(const std::string& host) {
  return !host.empty() && host.size() <= 100 && host.front() != '.' && host.front() != '-' &&
         std::all_of(host.begin(), host.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_'; });
}

/// A drive of a host, with the name that it has on all hosts.
struct GeneratedDrive {
  std::string name, media_type, archive, control;
  uint32_t index = 0;
};

struct GeneratedLibrary {
  std::string name, robot;  ///< no name: drives without a robot
  std::vector<GeneratedDrive> drives;
};

/// Libraries and drives by what they are, so that they have one name wherever they are seen.
class Names {
 public:
  std::string library(const std::string& serial) { return number("Library-", libraries_, serial); }
  std::string single(const std::string& serial) { return number("Drive-", singles_, serial); }

 private:
  static std::string number(const char* prefix, std::map<std::string, size_t>& numbers, const std::string& serial) {
    return fmt::format("{}{}", prefix, numbers.try_emplace(serial, numbers.size() + 1).first->second);
  }

  std::map<std::string, size_t> libraries_, singles_;
};

std::string identity(const std::string& serial, const std::string& host, const std::vector<std::string>& nodes) {
  return serial.empty() ? fmt::format("{} {}", host, nodes.empty() ? "?" : nodes.front()) : serial;
}

class Generator {
 public:
  Generator(const std::vector<Inventory>& inventories, const SiteFacts& facts)
      : inventories_(inventories), facts_(facts) {}

  tl::expected<std::vector<GeneratedFile>, std::string> run() {
    std::vector<std::string> hosts;
    for (const Inventory& inventory : inventories_) {
      if (std::find(hosts.begin(), hosts.end(), inventory.host) != hosts.end()) {
        return tl::make_unexpected(fmt::format("{}: a second inventory of host {}", inventory.file, inventory.host));
      }
      if (!is_host_name(inventory.host)) {
        return tl::make_unexpected(fmt::format("{}: \"{}\" is no host name", inventory.file, inventory.host));
      }
      hosts.push_back(inventory.host);
    }
    if (!check_known(hosts, facts_.passwords, "password") || !check_known(hosts, facts_.addresses, "address")) {
      return tl::make_unexpected(problem_);
    }
    for (const std::string& host : hosts) {
      const auto is_alike = [&](const std::string& other) {
        return lower(first_label(other)) == lower(first_label(host));
      };
      short_names_[host] = std::count_if(hosts.begin(), hosts.end(), is_alike) == 1 ? first_label(host) : host;
    }
    keys_ = keys_for(hosts);
    std::string director;
    for (const Inventory& inventory : inventories_) {
      const std::vector<GeneratedLibrary> libraries = libraries_of(inventory);
      if (libraries.empty()) {
        return tl::make_unexpected(
            fmt::format("{}: no tape drive of {} has a node to open and a generic node to lock it by", inventory.file,
                        inventory.host));
      }
      folders_ = folders_of(inventory);
      all_under_opt_ = all_under_opt_ && folders_.settings == opt().settings;
      files_.push_back({inventory.host + "/bacula-sd.conf", sd_conf(inventory.host, libraries), true});
      files_.push_back({inventory.host + "/storage-ctl.conf", storage_ctl(inventory.host), true});
      director += storages(inventory.host, libraries);
    }
    files_.push_back({"bacula-dir-storages.conf",
                      fmt::format("# Include this in bacula-dir.conf: @{}/bacula-dir-storages.conf\n{}",
                                  (all_under_opt_ ? opt() : debian()).settings, director),
                      true});
    if (!problem_.empty()) return tl::make_unexpected(problem_);
    return std::move(files_);
  }

 private:
  static std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
  }

  template <class Value>
  bool check_known(const std::vector<std::string>& hosts, const std::map<std::string, Value>& told, const char* what) {
    for (const auto& [host, value] : told) {
      if (std::find(hosts.begin(), hosts.end(), host) != hosts.end()) continue;
      problem_ =
          fmt::format("there is a {} for {}, but no inventory: those are of {}", what, host, fmt::join(hosts, ", "));
      return false;
    }
    return true;
  }

  Folders folders_of(const Inventory& inventory) const {
    Folders folders = is_under_opt(inventory, facts_.is_under_opt) ? opt() : debian();
    if (!facts_.working.empty()) folders.working = facts_.working;
    if (!facts_.plugins.empty()) folders.plugins = facts_.plugins;
    if (!facts_.scripts.empty()) folders.scripts = facts_.scripts;
    return folders;
  }

  const std::string& short_name(const std::string& host) const { return short_names_.at(host); }

  std::vector<GeneratedLibrary> libraries_of(const Inventory& inventory) {
    std::vector<GeneratedLibrary> libraries;
    std::set<std::string> is_named;
    for (const InventoryChanger& changer : inventory.changers) {
      GeneratedLibrary library{
          names_.library(identity(changer.serial, inventory.host, changer.nodes)), robot_node(changer.nodes), {}};
      std::vector<InventoryChanger::Drive> drives = changer.drives;
      std::sort(drives.begin(), drives.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
      for (const InventoryChanger::Drive& drive : drives) {
        const auto device =
            std::find_if(inventory.devices.begin(), inventory.devices.end(), [&](const InventoryDevice& d) {
              return d.type != "changer" && !drive.serial.empty() && d.serial == drive.serial;
            });
        if (device == inventory.devices.end()) continue;
        is_named.insert(drive.serial);
        add(library, *device, fmt::format("{}-Drive-{}", library.name, drive.index), drive.index);
      }
      if (!library.drives.empty()) libraries.push_back(std::move(library));
    }
    GeneratedLibrary rest;
    for (const InventoryDevice& device : inventory.devices) {
      if (device.type == "changer" || (!device.serial.empty() && is_named.contains(device.serial))) continue;
      if (!device.serial.empty()) is_named.insert(device.serial);  // a second path to it is no second drive
      add(rest, device, names_.single(identity(device.serial, inventory.host, device.nodes)), 0);
    }
    if (!rest.drives.empty()) libraries.push_back(std::move(rest));
    return libraries;
  }

  void add(GeneratedLibrary& library, const InventoryDevice& device, const std::string& name, uint32_t index) {
    GeneratedDrive drive{name, media_type_of(device.product), checked(archive_node(device.nodes)),
                         checked(control_node(device.nodes)), index};
    if (!drive.archive.empty() && !drive.control.empty()) library.drives.push_back(std::move(drive));
  }

  /// What goes into the text as it is.
  const std::string& checked(const std::string& value) {
    const auto is_bad = [](unsigned char c) { return c < ' ' || c == '"' || c == '\\' || c == 0x7F; };
    if (value.size() > kLongestValue || std::any_of(value.begin(), value.end(), is_bad)) {
      problem_ = fmt::format(
          "\"{}\" cannot be written into a configuration: it is too long, or has a quote or control character in it",
          value);
    }
    return value;
  }

  std::string password(const std::string& host) {
    const auto found = facts_.passwords.find(host);
    return found == facts_.passwords.end() ? "@PASSWORD@" : checked(found->second);
  }
  std::string address(const std::string& host) {
    const auto found = facts_.addresses.find(host);
    return checked(found == facts_.addresses.end() ? host : found->second);
  }
  uint32_t port(const std::string& host) const {
    const auto found = facts_.ports.find(host);
    return found == facts_.ports.end() ? 9103 : found->second;
  }

  std::string sd_conf(const std::string& host, const std::vector<GeneratedLibrary>& libraries) {
    std::string text = fmt::format(
        "# bacula-sd.conf of {0}, written from its inventory by shstore-lint --generate\n\n"
        "Storage {{\n  Name = {1}-sd\n  SD Port = {2}\n  Working Directory = \"{3}\"\n  Pid Directory = \"{3}\"\n"
        "  Plugin Directory = \"{4}\"\n  Maximum Concurrent Jobs = 50\n}}\n\n"
        "Director {{\n  Name = \"{5}\"\n  Password = \"{6}\"\n}}\n\n"
        "Messages {{\n  Name = Standard\n  Director = \"{5}\" = all\n}}\n",
        checked(host), short_name(host), port(host), checked(folders_.working), checked(folders_.plugins),
        checked(facts_.director), password(host));
    for (const GeneratedLibrary& library : libraries) {
      if (!library.name.empty()) {
        text += fmt::format("\nAutochanger {{\n  Name = {}\n", library.name);
        for (const GeneratedDrive& drive : library.drives) text += fmt::format("  Device = {}\n", drive.name);
        text +=
            library.robot == kNoRobot
                ? fmt::format(
                      "  Changer Device = {}\n  Changer Command = \"\"  # no robot that this host could move tapes with\n}}\n",
                      kNoRobot)
                : fmt::format(
                      "  Changer Device = \"{}\"\n  Changer Command = \"{}/shstore-changer %c %o %S %a %d %j\"\n}}\n",
                      checked(library.robot), checked(folders_.scripts));
      }
      for (const GeneratedDrive& drive : library.drives) text += device(drive, !library.name.empty());
    }
    return text;
  }

  std::string device(const GeneratedDrive& drive, bool has_robot) const {
    std::string text = fmt::format(
        "\nDevice {{\n  Name = {}\n  Media Type = {}\n  Device Type = {}\n  Archive Device = \"{}\"\n  Control Device = \"{}\"\n"
        "  Lock Command = \"{}/storage-ctl %l %o\"\n  Always Open = no\n  Automatic Mount = yes\n  Removable Media = yes\n",
        drive.name, drive.media_type, drive.archive.starts_with("/dev/") ? "Tape" : "Vtape", drive.archive,
        drive.control, folders_.scripts);
    if (has_robot) text += fmt::format("  Autochanger = yes\n  Drive Index = {}\n", drive.index);
    if (drive.media_type == "LTO-9")
      text += "  Maximum Changer Wait = 3 hours  # the first load of a new LTO-9 tape takes up to two\n";
    return text + "}\n";
  }

  std::string storage_ctl(const std::string& host) const {
    std::string text = fmt::format(
        "# storage-ctl.conf of {0}: it lies beside storage-ctl in {1}, and the daemon's user must be able to read it.\n\n"
        "# The key that this host takes locks with, made of its name; no other host may have it.\nkey={2}\n\n"
        "# 1: every SCSI command goes to /var/log/bacula/storage-ctl.log\ndebug_log=0\n\n"
        "# Seconds that lock and exec wait when they are run by hand. It bounds no job: see Max Wait Time in bacula-dir.conf.\n"
        "max_lock_wait=1800\n",
        host, folders_.scripts, keys_.at(host));
    if (keys_.size() > 1) text += "\n# Whose the other keys are\n";
    for (const auto& [other, key] : keys_) {
      if (other != host) text += fmt::format("peer_{}={}\n", key, short_name(other));
    }
    return text;
  }

  /// An Autochanger for each library and host, where those of later hosts share the first one's catalog, and a Storage for each
  /// drive.
  std::string storages(const std::string& host, const std::vector<GeneratedLibrary>& libraries) {
    std::string text;
    for (const GeneratedLibrary& library : libraries) {
      std::map<std::string, std::string> changer_of;  // by Media Type
      for (const GeneratedDrive& drive : library.drives) {
        if (!library.name.empty() && !changer_of.contains(drive.media_type)) {
          changer_of[drive.media_type] = changer(host, library, drive.media_type, text);
        }
        text += fmt::format("\nStorage {{\n  Name = {}-{}\n{}", drive.name, short_name(host),
                            common(host, drive.media_type));
        text += fmt::format("  Device = {}\n", drive.name);
        if (!library.name.empty()) text += fmt::format("  Autochanger = {}\n", changer_of.at(drive.media_type));
        text += "}\n";
      }
    }
    return text;
  }

  std::string changer(const std::string& host, const GeneratedLibrary& library, const std::string& media_type,
                      std::string& text) {
    const auto drives = std::count_if(library.drives.begin(), library.drives.end(),
                                      [&](const GeneratedDrive& drive) { return drive.media_type == media_type; });
    const std::string type_suffix = static_cast<size_t>(drives) == library.drives.size() ? "" : "-" + media_type;
    const std::string name = fmt::format("{}{}-{}", library.name, type_suffix, short_name(host));
    const auto [first, is_first] = first_changer_.try_emplace(library.name + type_suffix, name);
    text += fmt::format("\nAutochanger {{\n  Name = {}\n{}  Device = {}\n  Maximum Concurrent Jobs = {}\n", name,
                        common(host, media_type), library.name, drives);
    if (!is_first) text += fmt::format("  Shared Storage = {}\n", first->second);
    text += "}\n";
    return name;
  }

  std::string common(const std::string& host, const std::string& media_type) {
    return fmt::format("  Address = {}\n  SD Port = {}\n  Password = \"{}\"\n  Media Type = {}\n", address(host),
                       port(host), password(host), media_type);
  }

  const std::vector<Inventory>& inventories_;
  const SiteFacts& facts_;
  Names names_;
  std::map<std::string, std::string> keys_, first_changer_, short_names_;
  Folders folders_;  ///< of the host whose files are being written
  bool all_under_opt_ = true;
  std::vector<GeneratedFile> files_;
  std::string problem_;
};

/// FNV-1a, cut to 24 bits.
uint32_t key_hash_of(std::string_view text) {
  uint32_t hash = 2166136261U;
  for (const char c : text)
    hash = (hash ^ static_cast<uint8_t>(std::tolower(static_cast<unsigned char>(c)))) * 16777619U;
  return (hash ^ (hash >> 24U)) & 0xFFFFFFU;
}

}  // namespace

tl::expected<std::vector<GeneratedFile>, std::string> generate(const std::vector<Inventory>& inventories,
                                                               const SiteFacts& facts) {
  return Generator(inventories, facts).run();
}

std::map<std::string, std::string> keys_for(const std::vector<std::string>& hosts) {
  std::vector<std::string> sorted = hosts;
  std::sort(sorted.begin(), sorted.end());
  std::map<std::string, std::string> keys;
  std::set<uint32_t> taken{0};
  for (const std::string& host : sorted) {
    uint32_t key = key_hash_of(host);
    while (!taken.insert(key).second) key = (key + 1) & 0xFFFFFFU;
    keys[host] = fmt::format("{:06x}", key);
  }
  return keys;
}

std::string media_type_of(std::string_view product) {
  std::string plain;
  for (const unsigned char c : product) {
    if (std::isalnum(c)) plain += static_cast<char>(std::tolower(c));
  }
  for (const std::string_view family : {"ultrium", "ult3580", "lto"}) {
    const size_t at = plain.find(family);
    if (at == std::string::npos) continue;
    size_t digit = at + family.size();
    while (digit < plain.size() && !std::isdigit(static_cast<unsigned char>(plain[digit]))) ++digit;
    size_t end = digit;
    while (end < plain.size() && std::isdigit(static_cast<unsigned char>(plain[end]))) ++end;
    if (end > digit && end - digit <= 2) return "LTO-" + plain.substr(digit, end - digit);
  }
  std::string name;
  for (const unsigned char c : product) {
    if (std::isalnum(c))
      name += static_cast<char>(c);
    else if (!name.empty() && name.back() != '-')
      name += '-';
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) ? "Tape-" + name : name;
}

}  // namespace shstore::config
