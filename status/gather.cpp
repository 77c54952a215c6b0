#include "status/gather.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <system_error>
#include <thread>

#include "status/attentions.h"
#include "status/condition.h"
#include "status/state_file.h"

namespace shstore::status {
namespace {

using Facts = tl::expected<SdFacts, Unreadable>;
using Text = tl::expected<std::string, std::string>;

tl::unexpected<Unreadable> unreadable(Unreadable::Kind kind, std::string message) {
  return tl::make_unexpected(Unreadable{kind, std::move(message)});
}

Facts read_configuration(const std::string& path) {
  auto config = read_sd_config(path);
  if (!config) return unreadable(Unreadable::Kind::configuration, config.error());
  SdFacts facts;
  facts.file = path;
  facts.config = std::move(*config);
  facts.shared = changer::shared_devices(facts.config, changer::disk_conf_loader());
  return facts;
}

KnownState known_state(const std::string& file, const changer::SharedDevices& shared) {
  KnownState known;
  auto state = read_state(state_path(shared.working_directory, shared.sd_name));
  if (!state) {
    known.error = state.error().message;
    known.missing = state.error().missing;
    known.process = find_daemon(file);
    return known;
  }
  const auto writer = writer_of(*state);
  known.alive = writer == Writer::alive;
  known.hidden = writer == Writer::hidden;
  if (!known.alive) known.process = find_daemon(file);
  // One that has given everything back and is about to end.
  const bool same = known.process.pid == state->pid && process_start(state->pid) == state->pid_started;
  if (same) known.process.pid.reset();
  known.state = std::move(*state);
  return known;
}

// One round for the drives of all these daemons, so that they are asked at the same time.
void read_drives(const std::vector<SdFacts*>& daemons, std::chrono::milliseconds deadline) {
  std::vector<changer::SharedDevice> devices;
  const auto journals =
      std::make_shared<std::vector<std::string>>();  // in the same order; a late thread may still need it
  for (const auto* facts : daemons) {
    for (const auto& device : facts->shared.devices) {
      devices.push_back(device);
      journals->push_back(attentions_path(facts->shared.working_directory, facts->shared.sd_name));
    }
  }
  auto answers = read_live(devices, deadline, [journals](size_t i, const auto& device, const auto& codes) {
    return record_attentions((*journals)[i], device.control_device, codes);
  });
  auto next = answers.begin();
  for (auto* facts : daemons) {
    facts->live.assign(std::make_move_iterator(next),
                       std::make_move_iterator(next + static_cast<ptrdiff_t>(facts->shared.devices.size())));
    next += static_cast<ptrdiff_t>(facts->shared.devices.size());
  }
}

Text read_all(std::istream& in, const std::string& name) {
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return tl::make_unexpected("cannot read " + name);
  return text;
}

Text read_file(const std::string& path) {
  if (path == "-") return read_all(std::cin, "standard input");
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return tl::make_unexpected(
        fmt::format("cannot read {}: {}", path, std::generic_category().message(errno)));
  return read_all(in, path);
}

/// Bacula's own status of the daemon, if it was asked for.
tl::expected<void, std::string> read_bacula(const Question& question, size_t index, SdFacts& facts) {
  const bool ask = !question.bconsole.configuration.empty();
  if (!ask && question.bacula_status.empty()) return {};
  auto request = question.bconsole;
  if (index < question.storages.size()) request.storage = question.storages[index];
  auto text = ask ? bacula_status_text(request) : read_file(question.bacula_status);
  if (!text) return tl::make_unexpected(text.error());
  facts.bacula = parse_bacula_status(*text);
  facts.bacula_text = std::move(*text);
  if (facts.bacula) return {};
  return tl::make_unexpected(
      fmt::format("{} holds no status of a Storage Daemon (expected is the output of `status storage=NAME`)",
                  ask ? "what bconsole printed" : question.bacula_status));
}

// What the administrator calls a host goes before the name of its daemon.
PeerNames names_of(const std::vector<Facts>& all) {
  PeerNames names;
  for (const auto& facts : all) {
    if (!facts) continue;
    for (const auto& [key, name] : facts->shared.peers) names.emplace(scsi::to_text(key), name);
  }
  for (const auto& facts : all) {
    if (!facts) continue;
    for (const auto& device : facts->shared.devices) {
      if (device.problem.empty() && device.command.empty())
        names.emplace(device.key_text(), facts->shared.sd_name);
    }
  }
  return names;
}

void read_and_join(const std::vector<SdFacts*>& daemons, std::chrono::milliseconds deadline,
                   const PeerNames& names) {
  read_drives(daemons, deadline);
  for (auto* facts : daemons) {
    facts->state = known_state(facts->file, facts->shared);
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    facts->snapshot = join(facts->config, facts->shared, facts->state, facts->live,
                           {now, names, facts->bacula ? &*facts->bacula : nullptr});
  }
}

// The plugin writes a change down within 300 ms (plugin/state_publisher.h), so a lock that it has not taken
// may be one that it has just taken.
constexpr std::chrono::milliseconds kWrittenDown{500};

bool may_be_too_early(const SdSnapshot& s) {
  return std::any_of(s.devices.begin(), s.devices.end(),
                     [&](const auto& d) {
    const auto condition = condition_of(s, d);
    return condition == Condition::not_ours || condition == Condition::contradicts;
  });
}

}  // namespace

tl::expected<config::SdConfig, std::string> read_sd_config(const std::string& path) {
  const auto reader = config::disk_reader();
  auto config = config::load_sd_config(path, *reader);
  if (config.storage) return config;
  std::string why;
  for (const auto& d : config.diagnostics) why += config::to_text(d, config.files) + '\n';
  return tl::make_unexpected(
      why + fmt::format("shstore-status: {} is not the configuration of a storage daemon", path));
}

std::vector<Facts> gather(const Question& question) {
  std::vector<Facts> all;
  for (const auto& file : question.sd_files) all.push_back(read_configuration(file));
  const auto names = names_of(all);
  std::vector<SdFacts*> daemons, again;
  for (size_t i = 0; i < all.size(); ++i) {
    if (!all[i]) continue;
    if (const auto asked = read_bacula(question, i, *all[i]); !asked) {
      all[i] = unreadable(Unreadable::Kind::bacula, "shstore-status: " + asked.error());
    } else {
      daemons.push_back(&*all[i]);
    }
  }
  read_and_join(daemons, question.deadline, names);
  for (auto* facts : daemons) {
    if (may_be_too_early(facts->snapshot)) again.push_back(facts);
  }
  if (again.empty()) return all;
  std::this_thread::sleep_for(kWrittenDown);
  read_and_join(again, question.deadline, names);
  return all;
}

}  // namespace shstore::status
