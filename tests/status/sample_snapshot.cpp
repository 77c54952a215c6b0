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

const std::string kDrive = "\"Drive-0\" (/dev/nst0)";

DriveState plugin_state() {
  DriveState p;
  p.name = "Drive-0";
  p.archive_device = "/dev/nst0";
  p.control_device = "/dev/sg0";
  p.media_type = p.autochanger = "tape";
  p.key = "0xbac001";
  return p;
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

SdSnapshot locked_by_us() {
  auto s = free_drive();
  auto& d = s.devices[0];
  hold(d.live, "0xbac001", "21:01:00:1b:32:21:73:ee");
  d.plugin->registered = d.plugin->locked = true;
  d.plugin->locked_since = sample_time() - 68s;
  return s;
}

SdSnapshot locked_with_jobs() {
  auto s = locked_by_us();
  auto& d = s.devices[0];
  d.claims = d.plugin->claims = {{2, sample_time() - 68s}, {7, sample_time() - 5s}};
  return s;
}

SdSnapshot blocked() {
  auto s = free_drive();
  hold(s.devices[0].live, "0xbac999", "21:00:00:1b:32:1f:43:65");
  s.devices[0].live.registered = false;
  s.devices[0].live.registrants.erase(s.devices[0].live.registrants.begin());
  return s;
}

SdSnapshot other_product() {
  auto s = free_drive();
  auto& live = s.devices[0].live;
  live.other_product = true;
  live.blocked_by = "0x123456789abcdef0";
  live.type = "Write Exclusive";
  live.registrants = {{live.blocked_by, "21:00:00:1b:32:1f:43:65", true}};
  return s;
}

SdSnapshot waiting() {
  auto s = free_drive();
  auto& d = s.devices[0];
  hold(d.live, "0xbac999", "21:00:00:1b:32:1f:43:65");
  d.plugin->registered = true;
  d.plugin->blocked_by = "0xbac999";
  d.plugin->waiting = {{2, sample_time() - 40s, {Refusal::Kind::held_by_other, "0xbac999", {}}}};
  s.waiting = {{kDrive, d.plugin->waiting[0]}};
  return s;
}

SdSnapshot kept() {
  auto s = locked_by_us();
  s.devices[0].plugin->kept_for_open_device = true;
  return s;
}

SdSnapshot promised() {
  auto s = locked_by_us();
  auto& p = *s.devices[0].plugin;
  p.promised_to = 9;
  p.waiting = {{9, sample_time() - 90s, {Refusal::Kind::held_by_other, "0xbac999", {}}},
               {12, sample_time() - 9s, {Refusal::Kind::promised, {}, "9"}}};
  for (const auto& w : p.waiting) s.waiting.push_back({kDrive, w});
  return s;
}

SdSnapshot yielding() {
  auto s = free_drive();
  auto& p = *s.devices[0].plugin;
  p.registered = s.devices[0].live.registered = true;
  s.devices[0].live.registrants = {{"0xbac001", "21:01:00:1b:32:21:73:ee", false},
                                   {"0xbac999", "21:00:00:1b:32:1f:43:65", false}};
  p.yielding_to = "0xbac999";
  p.waiting = {{12, sample_time() - 3s, {Refusal::Kind::yielding, "0xbac999", {}}}};
  s.waiting = {{kDrive, p.waiting[0]}};
  return s;
}

SdSnapshot lost() {
  auto s = blocked();
  auto& p = *s.devices[0].plugin;
  p.lost = true;
  p.blocked_by = "0xbac999";
  p.claims = s.devices[0].claims = {{2, sample_time() - 68s}};
  return s;
}

// The daemon ended without giving anything back.
SdSnapshot dead(SdSnapshot s) {
  s.plugin_runs = false;
  for (auto& d : s.devices) {
    d.protected_ = false;
    d.plugin.reset();
    d.claims.clear();
  }
  s.waiting.clear();
  s.notes = {"cibou-sd is not running. Its plugin last wrote its state on 2026-11-22 at 11:08:52 UTC"};
  return s;
}

SdSnapshot no_plugin() {
  auto s = dead(free_drive());
  s.notes = {
      "The state of cibou-sd is not known: cannot read /w/cibou-sd.shstore.json: No such file or directory. "
      "Is the "
      "plugin in its Plugin Directory, and did the daemon start?"};
  s.state.reset();
  return s;
}

SdSnapshot not_ours() {
  auto s = locked_by_us();
  s.devices[0].plugin->registered = s.devices[0].plugin->locked = false;
  s.devices[0].plugin->locked_since.reset();
  return s;
}

SdSnapshot duplicate_key() {
  auto s = locked_by_us();
  auto& live = s.devices[0].live;
  live.duplicate_key = true;
  live.registrants.push_back({"0xbac001", "21:00:00:1b:32:1f:43:65", false});
  return s;
}

SdSnapshot without_answer(Why why, const std::string& error) {
  auto s = free_drive();
  s.devices[0].live.why = why;
  s.devices[0].live.error = error;
  return s;
}

SdSnapshot cannot_be_asked() {
  const std::string error =
      "cannot open control device /dev/sg0: Permission denied. The user that runs bacula-sd must be able "
      "to read and write it (group tape)";
  auto s = without_answer(Why::cannot_be_asked, error);
  auto& p = *s.devices[0].plugin;
  p.error = s.devices[0].error = error;
  p.waiting = {{2, sample_time() - 40s, {Refusal::Kind::error, {}, error}}};
  s.waiting = {{kDrive, p.waiting[0]}};
  return s;
}

SdSnapshot misconfigured() {
  const std::string problem = "/etc/bacula/scripts/storage-ctl.conf:1: key=bac00g: not 1 to 6 hex digits";
  auto s = without_answer(Why::misconfigured, problem);
  auto& d = s.devices[0];
  d.problem = d.plugin->problem = d.error = problem;
  d.key = d.plugin->key = "";
  d.protected_ = false;
  return s;
}

SdSnapshot not_shared() {
  SdSnapshot s = free_drive();
  DeviceSnapshot file;
  file.name = "FileStorage";
  file.archive_device = "/backup";
  file.media_type = "File";
  s.devices = {file};
  return s;
}

}  // namespace

std::string StateSample::test_name() const {
  std::string name;
  for (const char c : file) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

WallTime sample_time() {
  return std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 11h + 10min;
}

SdSnapshot free_drive() {
  SdSnapshot s;
  s.sd_name = "cibou-sd";
  s.taken = sample_time();
  s.plugin_runs = true;
  s.names = {{"0xbac001", "cibou"}, {"0xbac999", "dir"}};
  DeviceSnapshot d;
  d.name = "Drive-0";
  d.archive_device = "/dev/nst0";
  d.control_device = "/dev/sg0";
  d.media_type = d.autochanger = "tape";
  d.key = "0xbac001";
  d.shared = d.protected_ = true;
  d.live.generation = 0x493;
  d.live.vendor = "HP";
  d.live.product = "Ultrium 4-SCSI";
  d.live.revision = "H61W";
  d.live.serial = "HU10450A01";
  d.plugin = plugin_state();
  s.devices = {d};
  SdState state;
  state.sd_name = s.sd_name;
  state.plugin_version = "0.1.0";
  state.bacula_version = "9.6.7";
  state.started = sample_time() - 3600s;
  state.updated = sample_time() - 1s;
  state.drives = {*d.plugin};
  s.state = state;
  return s;
}

std::vector<StateSample> state_samples() {
  return {
      {"free", "free", free_drive()},
      {"locked", "locked", locked_with_jobs()},
      {"kept", "kept-for-open-device", kept()},
      {"blocked", "blocked", blocked()},
      {"waiting", "blocked", waiting()},
      {"other-product", "other-product", other_product()},
      {"promised", "promised", promised()},
      {"yielding", "yielding", yielding()},
      {"lost", "lost", lost()},
      {"left-behind", "left-behind", dead(locked_by_us())},
      {"not-ours", "held-under-our-key", not_ours()},
      {"duplicate-key", "duplicate-key", duplicate_key()},
      {"no-answer", "no-answer",
       without_answer(Why::no_answer, "/dev/sg0 does not answer (READ KEYS was not answered within 5 s)")},
      {"unsupported", "unsupported",
       without_answer(Why::unsupported,
                      "/dev/sg0: READ KEYS failed: Illegal Request, 20/00 (invalid command operation code)")},
      {"spc2-reserved", "spc2-reserved",
       without_answer(Why::spc2_reserve,
                      "/dev/sg0: READ KEYS was refused with a reservation conflict: another host holds the "
                      "drive by the old "
                      "SPC-2 RESERVE command, which its tape driver or backup software sends")},
      {"cannot-be-asked", "cannot-be-asked", cannot_be_asked()},
      {"misconfigured", "misconfigured", misconfigured()},
      {"own-command", "own-command",
       without_answer(Why::own_command,
                      "it is locked by /usr/local/sbin/lock-drive, whose key is not known here")},
      {"not-shared", "not-shared", not_shared()},
      {"plugin-not-loaded", "free", no_plugin()},
      {"daemon-dead", "blocked", dead(blocked())},
  };
}

SdSnapshot sample(const std::string& file) {
  for (auto& s : state_samples()) {
    if (s.file == file) return std::move(s.snapshot);
  }
  throw std::invalid_argument("no sample of state " + file);
}

}  // namespace shstore::tests
