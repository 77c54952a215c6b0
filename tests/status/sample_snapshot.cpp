#include "sample_snapshot.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace shstore::tests {
namespace {

using namespace std::chrono_literals;
using namespace status;
using reserve::Refusal;
using Why = LiveLock::Why;

/// What join() is given.
struct Found {
  std::string devices =
      R"(Autochanger { Name = tape; Device = Drive-0; Changer Device = /dev/sg9; Changer Command = "" }
Device { Name = Drive-0; Media Type = tape; Archive Device = /dev/nst0; Control Device = /dev/sg0; Autochanger = yes
  Lock Command = "/etc/bacula/scripts/storage-ctl %l %o" })";
  std::string settings = "key=bac001\n";  ///< storage-ctl.conf
  KnownState known{};
  LiveLock live{};

  record::DriveState& plugin() { return known.state->drives.at(0); }
};

class Text final : public config::FileReader {
 public:
  explicit Text(std::string text) : text_(std::move(text)) {}
  tl::expected<std::string, std::string> read(const std::string&) override { return text_; }

 private:
  std::string text_;
};

SdSnapshot joined(const Found& found) {
  Text reader(
      "Storage { Name = cibou-sd; Working Directory = /w; Pid Directory = /p }\nDirector { Name = d; Password = x }\n"
      "Messages { Name = m; director = d = all }\n" +
      found.devices);
  const auto config = config::load_sd_config("bacula-sd.conf", reader);
  const auto shared = config::shared_devices(
      config, [&](const std::string& path) { return scsi::parse_storage_ctl_conf(found.settings, path); });
  std::vector<LiveLock> live(shared.devices.size(), found.live);
  for (size_t i = 0; i < live.size(); ++i) {  // as read_live() does
    if (shared.devices[i].problem.empty()) continue;
    live[i].why = Why::misconfigured;
    live[i].error = shared.devices[i].problem;
  }
  return join(config, shared, found.known, live, {sample_time(), {{"0xbac001", "cibou"}, {"0xbac999", "dir"}}});
}

// Nobody holds the drive; the plugin runs.
Found free() {
  Found f;
  record::DriveState p;
  p.name = "Drive-0";
  p.archive_device = "/dev/nst0";
  p.control_device = "/dev/sg0";
  p.media_type = p.autochanger = "tape";
  p.key = "0xbac001";
  record::SdState state;
  state.sd_name = "cibou-sd";
  state.plugin_version = "0.1.0";
  state.bacula_version = "9.6.7";
  state.pid = 815;
  state.started = sample_time() - 3600s;
  state.updated = sample_time() - 1s;
  state.drives = {p};
  f.known.state = state;
  f.known.alive = true;
  f.live.generation = 0x493;
  f.live.vendor = "HP";
  f.live.product = "Ultrium 4-SCSI";
  f.live.revision = "H61W";
  f.live.serial = "HU10450A01";
  return f;
}

// What the drive says of a lock under `key`.
void hold(LiveLock& live, const std::string& key, const std::string& initiator) {
  live.registered = true;
  live.locked = key == "0xbac001";
  if (!live.locked) {
    live.blocked_by = key;
    live.registrants.push_back({"0xbac001", "21:01:00:1b:32:21:73:ee", false});
  }
  live.registrants.push_back({key, initiator, true});
  live.type = "Exclusive Access";
  live.generation = 0x495;
}

Found locked_by_us() {
  auto f = free();
  hold(f.live, "0xbac001", "21:01:00:1b:32:21:73:ee");
  f.plugin().registered = f.plugin().locked = true;
  f.plugin().locked_since = sample_time() - 68s;
  return f;
}

Found locked_with_jobs() {
  auto f = locked_by_us();
  f.plugin().claims = {{2, sample_time() - 68s}, {7, sample_time() - 5s}};
  return f;
}

Found blocked() {
  auto f = free();
  hold(f.live, "0xbac999", "21:00:00:1b:32:1f:43:65");
  f.live.registered = false;
  f.live.registrants.erase(f.live.registrants.begin());
  return f;
}

Found other_product() {
  auto f = free();
  auto& live = f.live;
  live.other_product = true;
  live.blocked_by = "0x123456789abcdef0";
  live.type = "Write Exclusive";
  live.registrants = {{live.blocked_by, "21:00:00:1b:32:1f:43:65", true}};
  return f;
}

Found waiting() {
  auto f = free();
  hold(f.live, "0xbac999", "21:00:00:1b:32:1f:43:65");
  f.plugin().registered = true;
  f.plugin().blocked_by = "0xbac999";
  f.plugin().waiting = {{2, sample_time() - 40s, {Refusal::Kind::held_by_other, "0xbac999", {}}}};
  return f;
}

Found kept() {
  auto f = locked_by_us();
  f.plugin().kept_for_open_device = true;
  return f;
}

Found promised() {
  auto f = locked_by_us();
  f.plugin().promised_to = 9;
  f.plugin().waiting = {{9, sample_time() - 90s, {Refusal::Kind::held_by_other, "0xbac999", {}}},
                        {12, sample_time() - 9s, {Refusal::Kind::promised, {}, {}, 9}}};
  return f;
}

Found yielding() {
  auto f = free();
  f.plugin().registered = f.live.registered = true;
  f.live.registrants = {{"0xbac001", "21:01:00:1b:32:21:73:ee", false}, {"0xbac999", "21:00:00:1b:32:1f:43:65", false}};
  f.plugin().yielding_to = "0xbac999";
  f.plugin().waiting = {{12, sample_time() - 3s, {Refusal::Kind::yielding, "0xbac999", {}}}};
  return f;
}

Found lost() {
  auto f = blocked();
  f.plugin().lost = true;
  f.plugin().blocked_by = "0xbac999";
  f.plugin().claims = {{2, sample_time() - 68s}};
  return f;
}

// The lock is back, and bacula-sd still has the device open.
Found must_close() {
  auto f = locked_by_us();
  f.plugin().lost = f.plugin().kept_for_open_device = true;
  f.plugin().waiting = {{9, sample_time() - 90s, {Refusal::Kind::error, {}, "the drive was reset"}}};
  return f;
}

// The daemon ended without giving anything back.
Found dead(Found f) {
  f.known.alive = false;
  f.known.state->updated = sample_time() - 68s;
  return f;
}

// Whether its process is there cannot be told.
Found hidden(Found f) {
  f = dead(std::move(f));
  f.known.hidden = true;
  return f;
}

// A bacula-sd runs with this configuration all the same.
Found without_plugin(Found f) {
  f.known.alive = false;
  f.known.process.pid = 4711;
  return f;
}

Found without_state(Found f, const std::string& why) {
  f.known = {};
  f.known.error = "cannot read /w/cibou-sd.shstore.json: " + why;
  return f;
}

Found no_plugin() {
  auto f = without_state(free(), "No such file or directory");
  f.known.missing = true;
  return f;
}

Found not_ours() {
  auto f = locked_by_us();
  f.plugin().registered = f.plugin().locked = false;
  f.plugin().locked_since.reset();
  return f;
}

// What the plugin says of a lock that the drive does not have.
Found contradicts(Found plugin_says, const Found& drive_says) {
  plugin_says.live = drive_says.live;
  return plugin_says;
}

Found added_after_the_start() {
  auto f = free();
  f.known.state->drives.clear();
  return f;
}

Found refused_by_plugin() {
  auto f = free();
  f.plugin().problem = "/etc/bacula/scripts/storage-ctl.conf:1: key=bac00g: not 1 to 6 hex digits";
  f.plugin().key.clear();
  return f;
}

Found old_state() {
  auto f = locked_with_jobs();
  f.known.state->updated = sample_time() - 3h;
  return f;
}

Found duplicate_key() {
  auto f = locked_by_us();
  f.live.duplicate_key = true;
  f.live.registrants.push_back({"0xbac001", "21:00:00:1b:32:1f:43:65", false});
  return f;
}

Found without_answer(Why why, const std::string& error) {
  auto f = free();
  f.live.why = why;
  f.live.error = error;
  return f;
}

Found cannot_be_asked() {
  const std::string error =
      "cannot open control device /dev/sg0: Permission denied. The user that runs bacula-sd must be able "
      "to read and write it (group tape): \"ls -lL /dev/sg0\" shows who may, \"adduser bacula tape\" puts that user into the group (restart bacula-sd then). By hand, try it as root";
  auto f = without_answer(Why::cannot_be_asked, error);
  f.plugin().error = error;
  f.plugin().waiting = {{2, sample_time() - 40s, {Refusal::Kind::error, {}, error}}};
  return f;
}

Found misconfigured() {
  auto f = free();
  f.settings = "key=bac00g\n";
  f.plugin().problem = "/etc/bacula/scripts/storage-ctl.conf:1: key=bac00g: not 1 to 6 hex digits";
  f.plugin().key.clear();
  return f;
}

Found own_command() {
  auto f = without_answer(Why::own_command, "it is locked by /usr/local/sbin/lock-drive, whose key is not known here");
  const std::string ours = "/etc/bacula/scripts/storage-ctl %l %o";
  f.devices.replace(f.devices.find(ours), ours.size(), "/usr/local/sbin/lock-drive %o");
  f.plugin().key.clear();
  return f;
}

Found not_shared() {
  auto f = free();
  f.devices = "Device { Name = FileStorage; Media Type = File; Archive Device = /backup }\n";
  f.known.state->drives.clear();
  return f;
}

}  // namespace

std::string StateSample::test_name() const {
  std::string name;
  for (const char c : file) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

record::WallTime sample_time() { return std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 11h + 10min; }

SdSnapshot free_drive() { return joined(free()); }

std::vector<StateSample> state_samples() {
  return {
      {"free", "free", joined(free())},
      {"locked", "locked", joined(locked_with_jobs())},
      {"kept", "kept-for-open-device", joined(kept())},
      {"blocked", "blocked", joined(blocked())},
      {"waiting", "blocked", joined(waiting())},
      {"other-product", "other-product", joined(other_product())},
      {"promised", "promised", joined(promised())},
      {"yielding", "yielding", joined(yielding())},
      {"lost", "lost", joined(lost())},
      {"must-close", "must-close", joined(must_close())},
      {"left-behind", "left-behind", joined(dead(locked_by_us()))},
      {"not-ours", "held-under-our-key", joined(not_ours())},
      {"duplicate-key", "duplicate-key", joined(duplicate_key())},
      {"no-answer", "no-answer",
       joined(without_answer(Why::no_answer, "/dev/sg0 does not answer (READ KEYS was not answered within 5 s)"))},
      {"unsupported", "unsupported",
       joined(without_answer(Why::unsupported,
                             "/dev/sg0: READ KEYS failed: Illegal Request, 20/00 (invalid command operation code)"))},
      {"spc2-reserved", "spc2-reserved",
       joined(without_answer(Why::spc2_reserve,
                             "/dev/sg0: READ KEYS was refused with a reservation conflict: another host holds the "
                             "drive by the old "
                             "SPC-2 RESERVE command, which its tape driver or backup software sends"))},
      {"cannot-be-asked", "cannot-be-asked", joined(cannot_be_asked())},
      {"misconfigured", "misconfigured", joined(misconfigured())},
      {"own-command", "own-command", joined(own_command())},
      {"not-shared", "not-shared", joined(not_shared())},
      {"plugin-not-loaded", "free", joined(no_plugin())},
      {"daemon-dead", "blocked", joined(dead(blocked()))},
      {"unprotected", "unprotected", joined(added_after_the_start())},
      {"never-with-plugin", "unprotected", joined(without_plugin(no_plugin()))},
      {"restarted-without-plugin", "unprotected", joined(without_plugin(blocked()))},
      {"state-unreadable", "holder-unknown", joined(without_state(locked_by_us(), "Permission denied"))},
      {"daemon-hidden", "holder-unknown", joined(hidden(locked_by_us()))},
      {"contradicts", "contradicts", joined(contradicts(locked_with_jobs(), free()))},
      {"contradicts-without-jobs", "contradicts", joined(contradicts(kept(), blocked()))},
      {"refused-by-plugin", "misconfigured", joined(refused_by_plugin())},
      {"state-old", "locked", joined(old_state())},
  };
}

SdSnapshot sample(const std::string& file) {
  for (auto& s : state_samples()) {
    if (s.file == file) return std::move(s.snapshot);
  }
  throw std::invalid_argument("no sample of state " + file);
}

}  // namespace shstore::tests
