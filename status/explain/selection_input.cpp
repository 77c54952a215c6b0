#include "status/explain/selection_input.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "config/directives.h"

namespace shstore::status {
namespace {

using reserve::DriveUse;
using reserve::Refusal;

const BaculaDevice* bacula_device(const SdKnowledge& known, const std::string& name) {
  if (!known.bacula) return nullptr;
  const auto& all = known.bacula->devices;
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& d) { return d.name == name; });
  return found == all.end() ? nullptr : &*found;
}

bool waits(const SdKnowledge& known, uint32_t job) {
  const auto& lines = known.bacula->waiting;
  return std::any_of(lines.begin(), lines.end(), [&](const auto& l) { return l.job == job; });
}

// As print_type() has it; bacula-sd guesses from the path if the configuration does not say
// (stored/init_dev.c).
std::string type_of(const config::SdDevice& device) {
  static constexpr std::array<std::string_view, 7> kPrinted{"Tape",    "Vtape", "File", "FIFO",
                                                            "Aligned", "Null",  "Cloud"};
  for (const auto printed : kPrinted) {
    if (config::same_name(printed, *device.device_type)) return std::string(printed);
  }
  return device.archive_device->starts_with("/dev/") ? "Tape" : "File";
}

bool has_robot(const config::SdConfig& config, const config::SdDevice& device) {
  auto command = *device.changer_command;
  const auto* changer = config.changer_of(device);
  if (!device.changer_command.given && changer != nullptr) command = *changer->changer_command;
  return !command.empty() && command != "/dev/null";
}

reserve::DriveFacts facts_of(const SdKnowledge& known, const config::SdDevice& device) {
  reserve::DriveFacts facts;
  facts.name = *device.name;
  facts.archive_device = *device.archive_device;
  facts.type = type_of(device);
  facts.media_type = *device.media_type;
  facts.control_device = *device.control_device;
  facts.autochanger = *device.autochanger;
  facts.robot = has_robot(known.config, device);
  facts.auto_select = *device.auto_select;
  facts.read_only = *device.read_only;
  facts.max_jobs = *device.maximum_concurrent_jobs;
  if (const auto* shown = bacula_device(known, facts.name)) {
    facts.exists = shown->exists;
    if (!shown->type.empty()) facts.type = shown->type;
  }
  return facts;
}

int major_version(const SdKnowledge& known) {
  int version = 0;
  if (known.bacula)
    std::from_chars(known.bacula->version.data(), known.bacula->version.data() + known.bacula->version.size(), version);
  return version;
}

const config::SharedDevice* shared_device(const SdKnowledge& known, const std::string& name) {
  const auto& all = known.shared.devices;
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& d) { return d.name == name; });
  return found == all.end() ? nullptr : &*found;
}

// What the plugin told the job last; nothing: it did not refuse this drive, or for another reason than an
// error.
std::optional<Refusal> error_told(const SdKnowledge& known, uint32_t job, const std::string& display) {
  for (const auto& w : known.snapshot.waiting) {
    if (w.waiting.job == job && w.device == display && w.waiting.refusal.kind == Refusal::Kind::error)
      return w.waiting.refusal;
  }
  return std::nullopt;
}

// A free drive that the plugin keeps for another daemon or for another job, as it told this job last; nothing: it would not
// any more.
std::optional<Refusal> turn_told(const SdKnowledge& known, uint32_t job, const std::string& display,
                                 const DeviceSnapshot& device) {
  if (!device.plugin) return std::nullopt;
  for (const auto& w : known.snapshot.waiting) {
    if (w.waiting.job != job || w.device != display) continue;
    const auto& told = w.waiting.refusal;
    // Either the drive is free and left to that daemon, or jobs of ours have had it for so long that no more may join them.
    const bool its_turn = told.holder == device.plugin->yielding_to || !device.plugin->claims.empty();
    if (told.kind == Refusal::Kind::yielding && !told.holder.empty() && its_turn) return told;
    if (told.kind == Refusal::Kind::promised && device.plugin->promised_to == told.job) return told;
  }
  return std::nullopt;
}

// What bacula-sd shows of the plugin's last answer: "3612 JobId=3 waiting because device ... is reserved by:
// 0xbac999."
std::optional<Refusal> shown_refusal(const SdKnowledge& known, uint32_t job, const std::string& display) {
  constexpr std::string_view kMark = "is reserved by: ";
  if (!known.bacula) return std::nullopt;
  for (const auto& line : known.bacula->waiting) {
    const auto at = line.text.find(kMark);
    if (line.job != job || !line.text.starts_with("3612 ") || at == std::string::npos || line.text.find(display) > at)
      continue;
    const auto holder = line.text.substr(at + kMark.size());
    return Refusal{Refusal::Kind::held_by_other, holder.substr(0, holder.find('.')), {}};
  }
  return std::nullopt;
}

// The lock as it is at this moment; a drive that cannot be asked is refused by the plugin too.
void add_lock(const SdKnowledge& known, const DeviceSnapshot& device, uint32_t asked, DriveUse& use) {
  const auto* shared = shared_device(known, device.name);
  if (shared == nullptr) return;
  if (!known.plugin_runs) {  // a status that was saved elsewhere, or earlier
    use.lock = shown_refusal(known, asked, shared->display());
    return;
  }
  if (!shared->problem.empty()) {
    use.misconfigured = shared->problem;
  } else if (!device.live.blocked_by.empty()) {
    use.lock = Refusal{Refusal::Kind::held_by_other, device.live.blocked_by, {}};
  } else if (!device.live.error.empty()) {
    use.lock =
        error_told(known, asked, shared->display()).value_or(Refusal{Refusal::Kind::error, {}, device.live.error});
  } else {
    use.lock = turn_told(known, asked, shared->display(), device);
  }
}

void add_device(const BaculaDevice& shown, DriveUse& use) {
  use.enabled = shown.enabled;
  use.unmounted = shown.unmounted;
  use.appending = shown.appending;
  use.label = shown.volume;
  use.pool = shown.pool;
  if (!shown.counters) return;
  use.writers = shown.counters->writers;
  use.reserved = shown.counters->reserved;
  use.reading = shown.counters->reading;
  use.usage = shown.counters->usage;
}

void add_volumes(const BaculaStatus& bacula, const std::string& device, DriveUse& use) {
  for (const auto& v : bacula.volumes) {
    if (v.device != device) continue;
    use.reading = use.reading || v.reading;
    use.writers = std::max(use.writers, v.writers);
    use.reserved = std::max(use.reserved, v.reserved);
    if (v.read_list) continue;
    use.volume = v.volume;
    use.volume_in_use = v.in_use;
  }
}

// The jobs attached to the drive: they tell the pool of a closed drive and who has reserved it when nobody
// counts.
void add_jobs(const SdKnowledge& known, const std::string& device, uint32_t asked, bool counted, DriveUse& use) {
  uint32_t others = 0;
  bool asked_is_here = false;
  for (const auto& job : known.bacula->running) {
    if (job.device != device) continue;
    if (job.job == asked) {
      asked_is_here = true;
      continue;
    }
    ++others;
    const bool has_it = !waits(known, job.job);
    if (has_it && !counted) ++use.reserved;
    if (has_it && job.reading) use.reserved_for_read = true;
    if (has_it && use.pool.empty()) use.pool = job.pool;
  }
  // A job that found no Volume keeps its promise while it waits.
  if (asked_is_here && use.writers + use.reserved > others)
    use.reserved = others > use.writers ? others - use.writers : 0;
}

const RunningJob* running_job(const SdKnowledge& known, uint32_t job) {
  const auto& all = known.bacula->running;
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& r) { return r.job == job; });
  return found == all.end() ? nullptr : &*found;
}

std::string in_quotes(const std::string& text) { return '"' + text + '"'; }

// The Storage that the job asked for is named in no status: the changer of the drive it tried, if that drive
// may be selected by it, else that drive.
std::string guess_device(const SdKnowledge& known, const std::string& tried) {
  const auto* device = known.config.find_device(tried);
  if (device == nullptr) return tried;
  const auto* changer = known.config.changer_of(*device);
  return changer != nullptr && *device->auto_select ? std::string(*changer->name) : tried;
}

std::string guess_media_type(const SdKnowledge& known, const std::string& device) {
  for (const auto& d : known.config.devices) {
    const auto* changer = known.config.changer_of(d);
    if (*d.name == device || (changer != nullptr && *changer->name == device)) return std::string(*d.media_type);
  }
  return {};
}

// Mounted Volumes of the pool, and one that stands for all the others.
std::vector<reserve::CatalogVolume> guess_volumes(const SdKnowledge& known, const std::string& pool) {
  std::vector<reserve::CatalogVolume> volumes;
  const auto use = sd_use(known, 0);
  for (const auto& d : use.drives) {
    if (!d.volume.empty() && d.pool == pool) volumes.push_back({d.volume});
  }
  volumes.push_back({std::string(kAnyFreeVolume)});
  return volumes;
}

}  // namespace

reserve::SdModel sd_model(const SdKnowledge& known) {
  constexpr int kReadOnlyFirst = 15;
  reserve::SdModel model;
  for (const auto& device : known.config.devices) model.drives.push_back(facts_of(known, device));
  for (const auto& changer : known.config.autochangers) {
    reserve::Changer c{std::string(*changer.name), {}};
    for (const auto& name : changer.devices) {
      for (size_t i = 0; i < model.drives.size(); ++i) {
        if (model.drives[i].name == *name) c.drives.push_back(i);
      }
    }
    if (major_version(known) >= kReadOnlyFirst) {
      std::stable_partition(c.drives.begin(), c.drives.end(), [&](size_t i) { return model.drives[i].read_only; });
    }
    model.changers.push_back(std::move(c));
  }
  return model;
}

reserve::SdUse sd_use(const SdKnowledge& known, uint32_t asked) {
  reserve::SdUse use;
  for (size_t i = 0; i < known.config.devices.size(); ++i) {
    const auto& device = known.config.devices[i];
    DriveUse d;
    d.enabled = *device.enabled;
    if (i < known.snapshot.devices.size()) {
      add_lock(known, known.snapshot.devices[i], asked, d);
      if (!known.bacula) d.writers = static_cast<uint32_t>(known.snapshot.devices[i].claims.size());
    }
    if (known.bacula) {
      const std::string name(*device.name);
      const auto* shown = bacula_device(known, name);
      if (shown != nullptr) add_device(*shown, d);
      add_volumes(*known.bacula, name, d);
      const bool counted = (shown != nullptr && shown->counters) || !d.volume.empty();
      add_jobs(known, name, asked, counted, d);
      const auto* job = running_job(known, asked);
      if (d.pool.empty() && job != nullptr && !job->reading && waits(known, asked)) d.pool = job->pool;
    }
    use.drives.push_back(std::move(d));
  }
  if (known.bacula) {
    for (const auto& v : known.bacula->volumes) {
      if (v.read_list) use.read_volumes.push_back(v.volume);
    }
  }
  return use;
}

KnownWish job_wish(const SdKnowledge& known, uint32_t job, const RunningJob* running, const WishHints& hints) {
  KnownWish k;
  reserve::StorageWish storage;
  k.wish.job = job;
  k.wish.append = !hints.reads.value_or(running != nullptr && running->reading);
  k.wish.prefer_mounted_volumes = hints.prefers_mounted.value_or(true);
  if (!hints.prefers_mounted) k.unknown.push_back("Prefer Mounted Volumes of the Job: taken is yes, Bacula's default");
  auto device = hints.device;
  if (device.empty() && running != nullptr) {
    device = guess_device(known, running->device);
    k.unknown.push_back("The Storage that the job asked for: taken is one with Device = " + in_quotes(device) +
                        " (--device)");
  }
  storage.devices = {device};
  storage.pool = !hints.pool.empty() || running == nullptr ? hints.pool : running->pool;
  storage.media_type = hints.media_type;
  if (storage.media_type.empty()) {
    storage.media_type = guess_media_type(known, device);
    k.unknown.push_back("Its Media Type: taken is " + in_quotes(storage.media_type) + " (--media-type)");
  }
  if (k.wish.append && hints.volumes.empty()) {
    k.wish.volumes = guess_volumes(known, storage.pool);
    k.unknown.push_back("The Director's catalog: taken is that Pool " + in_quotes(storage.pool) +
                        " has a free Volume (--volume)");
  }
  for (const auto& name : hints.volumes) k.wish.volumes.push_back({name});
  k.wish.storages = {std::move(storage)};
  return k;
}

}  // namespace shstore::status
