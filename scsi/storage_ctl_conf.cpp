#include "scsi/storage_ctl_conf.h"

#include <fmt/format.h>

#include <filesystem>

#include "scsi/settings_file.h"

namespace shstore::scsi {
namespace {

constexpr std::string_view kPeer = "peer_";

bool is_host_name(std::string_view s) {
  return !s.empty() && s.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") ==
                           std::string_view::npos;
}

bool add_peer(const Setting& s, StorageCtlConf& conf) {
  const auto key = parse_key(s.name.substr(kPeer.size()));
  if (!key || !is_host_name(s.value)) return false;
  conf.peers[*key] = s.value;
  return true;
}

// The settings we know; true in `found` if this was one of them.
Result<bool> apply(const Setting& s, StorageCtlConf& conf, bool& have_key) {
  constexpr unsigned kLongestWait = 7 * 24 * 3600;
  if (s.name == "key") {
    have_key = true;
    return parse_key(s.value).map([&](ReservationKey key) {
      conf.key = key;
      return true;
    });
  }
  if (s.name == "debug_log")
    return setting_number(s, 1).map([&](unsigned n) {
      conf.debug_log = n != 0;
      return true;
    });
  if (s.name == "max_lock_wait") {
    return setting_number(s, kLongestWait).map([&](unsigned n) {
      conf.max_lock_wait = std::chrono::seconds(n);
      return true;
    });
  }
  if (s.name == "watch_opens")
    return setting_number(s, 1).map([&](unsigned n) {
      conf.watch_opens = n != 0;
      return true;
    });
  if (s.name == "notify") {
    if (!s.value.empty() && !s.value.starts_with('/')) {
      return fail(Error::Kind::config,
                  fmt::format("notify={}: the program's absolute path is needed, without arguments", s.value));
    }
    conf.notify = s.value;
    return true;
  }
  if (s.name == "notify_wait") {
    return setting_number(s, kLongestWait).map([&](unsigned n) {
      conf.notify_wait = std::chrono::seconds(n);
      return true;
    });
  }
  if (s.name == "idle_lock_release") {
    return setting_number(s, kLongestWait).map([&](unsigned n) {
      conf.idle_lock_release = std::chrono::seconds(n);
      return true;
    });
  }
  if (s.name == "mutual_wait") {
    const auto number = setting_number(s, kLongestWait);
    if (!number) return tl::make_unexpected(number.error());
    if (*number != 0 && *number < kShortestMutualWait)
      return fail(Error::Kind::config,
                  fmt::format("mutual_wait={}: 0, or {} seconds at least", s.value, kShortestMutualWait));
    conf.mutual_wait = std::chrono::seconds(*number);
    return true;
  }
  if (s.name == "SG_PERSIST") {
    conf.sg_persist = s.value;
    return true;
  }
  return s.name.starts_with(kPeer) && add_peer(s, conf);
}

}  // namespace

Result<StorageCtlConf> parse_storage_ctl_conf(std::string_view text, const std::string& file) {
  const auto settings = parse_settings(text, file);
  if (!settings) return tl::make_unexpected(settings.error());
  StorageCtlConf conf;
  bool have_key = false;
  for (const auto& s : *settings) {
    const auto known = apply(s, conf, have_key);
    if (!known) return fail(Error::Kind::config, fmt::format("{}:{}: {}", file, s.line, known.error().message));
    if (!*known) conf.unknown.push_back(fmt::format("{} at line {}", s.name, s.line));
  }
  if (!have_key) {
    return fail(
        Error::Kind::config,
        fmt::format("{}: no key is set. Give each Storage Daemon its own: a line such as key=bac001 in that file",
                    file));
  }
  return conf;
}

Result<StorageCtlConf> load_storage_ctl_conf(const std::string& path) {
  const auto text = read_settings_file(path);
  if (text) return parse_storage_ctl_conf(*text, path);
  std::error_code unseen;
  if (std::filesystem::exists(path, unseen) || unseen) return tl::make_unexpected(text.error());
  return fail(Error::Kind::config,
              text.error().message +
                  ". Write it, with a key that no other host has, for example: key=bac001; or name "
                  "another file with --config");
}

}  // namespace shstore::scsi
