#include "config/shared/shared_devices.h"

#include <algorithm>
#include <utility>

#include "config/shared/device_codes.h"
#include "config/shared/lock_command.h"

namespace shstore::config {
namespace {

bool is_set(std::string_view text) { return !text.empty() && text != "*None*"; }

void take_key(SharedDevice& d, const StorageCtl& command, const ConfLoader& load_conf,
              std::map<scsi::ReservationKey, std::string>& peers, bool& debug_log) {
  const auto path = conf_of(command);
  if (!path) {
    d.problem = path.error();
    return;
  }
  const auto conf = load_conf(*path);
  if (!conf) {
    d.problem = conf.error().message;
    return;
  }
  d.key = conf->key;
  d.watch_opens = conf->watch_opens;
  d.max_lock_wait = conf->max_lock_wait;
  d.notify = conf->notify;
  d.notify_wait = conf->notify_wait;
  d.idle_lock_release = conf->idle_lock_release;
  d.mutual_wait = conf->mutual_wait;
  debug_log = debug_log || conf->debug_log;
  peers.insert(conf->peers.begin(), conf->peers.end());
}

SharedDevice shared_device(const SdConfig& config, const SdDevice& device, std::string_view command,
                           const ConfLoader& load_conf, std::map<scsi::ReservationKey, std::string>& peers,
                           bool& debug_log) {
  SharedDevice d;
  d.name = *device.name;
  d.archive_device = *device.archive_device;
  d.control_device = *device.control_device;
  d.media_type = *device.media_type;
  d.drive_index = *device.drive_index;
  d.changer_device = *device.changer_device;
  d.has_alert_command = !device.alert_command->empty();
  if (const auto* changer = config.changer_of(device)) {
    d.autochanger = *changer->name;
    if (d.changer_device.empty()) d.changer_device = *changer->changer_device;
  }
  if (d.control_device.empty()) {
    d.problem = "it has a Lock Command but no Control Device";
    return d;
  }
  const auto understood = understand_lock_command(command);
  if (const auto* ours = std::get_if<StorageCtl>(&understood)) {
    take_key(d, *ours, load_conf, peers, debug_log);
  } else if (const auto* program = std::get_if<SiteProgram>(&understood)) {
    d.command = program->words;
  } else {
    d.problem = std::get<Unusable>(understood).why;
  }
  return d;
}

}  // namespace

std::vector<std::string> expand_command(const SharedDevice& device, const std::string& operation) {
  const auto if_set = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
  return expand_codes(device.command, {.archive_device = device.archive_device,
                                       .changer_device = if_set(device.changer_device),
                                       .drive_index = device.drive_index,
                                       .client = {},
                                       .job = {},
                                       .control_device = if_set(device.control_device),
                                       .operation = operation,
                                       .slot = 0,
                                       .volume = {}});
}

ConfLoader disk_conf_loader() { return scsi::load_storage_ctl_conf; }

SharedDevices shared_devices(const SdConfig& config, const ConfLoader& load_conf) {
  SharedDevices s;
  if (config.storage) {
    s.sd_name = *config.storage->name;
    s.working_directory = *config.storage->working_directory;
  }
  for (const auto& device : config.devices) {
    const auto command = config.effective_lock_command(device);
    if (command.empty()) {
      s.unshared_archives.emplace_back(*device.archive_device);
      s.unshared_media_types.emplace(*device.media_type);
    } else {
      s.devices.push_back(shared_device(config, device, command, load_conf, s.peers, s.debug_log));
    }
  }
  const auto error = std::find_if(config.diagnostics.begin(), config.diagnostics.end(),
                                  [](const auto& d) { return d.severity == Severity::error; });
  if (error != config.diagnostics.end()) s.unreadable = to_text(*error, config.files);
  return s;
}

std::string drive_file(const SharedDevices& all, const SharedDevice& device, std::string_view what) {
  if (all.working_directory.empty()) return {};
  auto name = all.sd_name + '.' + device.name;
  std::replace(name.begin(), name.end(), ' ', '_');
  return all.working_directory + '/' + name + '.' + std::string(what);
}

Verdict judge(const SharedDevices& all, std::string_view archive, std::string_view control) {
  const SharedDevice* same_archive = nullptr;
  for (const auto& d : all.devices) {
    if (d.archive_device != archive) continue;
    const bool same_control = is_set(control) ? d.control_device == control : d.control_device.empty();
    if (same_control) return d.problem.empty() ? Verdict(&d) : Verdict(Misconfigured{d.problem});
    same_archive = &d;
  }
  if (same_archive != nullptr) {
    return Misconfigured{"bacula-sd says that its Control Device is \"" + std::string(control) +
                         "\", the configuration file says \"" + same_archive->control_device + '"'};
  }
  const auto& unshared = all.unshared_archives;
  if (std::find(unshared.begin(), unshared.end(), archive) != unshared.end()) return Unshared{};
  if (!is_set(control)) return Unshared{};
  return Misconfigured{"no Device with this Archive Device was found in the configuration file" +
                       (all.unreadable.empty() ? std::string{} : " (" + all.unreadable + ')')};
}

}  // namespace shstore::config
