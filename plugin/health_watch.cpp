#include "plugin/health_watch.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "plugin/thread_without_signals.h"
#include "plugin/worker.h"
#include "scsi/drive_health.h"

namespace shstore::plugin {
namespace {

using scsi::Error;

std::string cleaning_word(bool required, bool requested) {
  return required ? "required" : requested ? "requested" : "";
}

record::DriveHealth of_page_11(const scsi::DtDeviceStatus& s, const std::string& product, record::WallTime now) {
  const bool loads = s.activity == scsi::dt_activity::loading && scsi::calibrates(product);
  return {now,
          "11h",
          cleaning_word(s.cleaning_required, s.cleaning_requested),
          s.recovery_requested,
          scsi::describe_activity(s.activity),
          loads || s.activity == scsi::dt_activity::calibrating,
          {}};
}

record::DriveHealth of_page_2e(scsi::TapeAlerts alerts, record::WallTime now,
                               const std::optional<record::DriveHealth>& before) {
  if (before) {
    for (const auto flag : before->alerts) alerts.set(flag);
  }
  record::DriveHealth health{
      now, "2Eh", cleaning_word(alerts[scsi::alert::cleaning_required], alerts[scsi::alert::cleaning_requested])};
  for (size_t flag = 1; flag < alerts.size(); ++flag) {
    if (alerts[flag]) health.alerts.push_back(static_cast<uint8_t>(flag));
  }
  return health;
}

bool same_but_for_time(std::optional<record::DriveHealth> a, const std::optional<record::DriveHealth>& b) {
  if (a && b) a->read = b->read;
  return a == b;
}

// Since it was cleaned, it does not ask for that any more.
void forget_if_cleaned(const std::string& file, std::optional<record::DriveHealth>& health) {
  struct stat st {};
  if (!health || file.empty() || ::stat(file.c_str(), &st) != 0) return;
  if (std::chrono::system_clock::from_time_t(st.st_mtime) <= health->read) return;
  health->cleaning.clear();
  std::erase_if(health->alerts, [](size_t flag) {
    return flag == scsi::alert::cleaning_required || flag == scsi::alert::cleaning_requested;
  });
}

record::WallTime read_at() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

}  // namespace

std::optional<record::DriveHealth> read_health(scsi::LogicalUnit& drive, bool may_read_alerts, record::WallTime now,
                                               const std::optional<record::DriveHealth>& before) {
  const auto status = scsi::read_dt_device_status(drive);
  if (status) {
    const auto inquiry = drive.inquiry();
    return of_page_11(*status, inquiry ? inquiry->product : std::string{}, now);
  }
  if (status.error().kind != Error::Kind::unsupported || !may_read_alerts) return std::nullopt;
  const auto alerts = scsi::read_tape_alerts(drive);
  return alerts ? std::optional(of_page_2e(*alerts, now, before)) : std::nullopt;
}

std::vector<HealthWatch::Drive> HealthWatch::drives(const config::SharedDevices& shared) {
  std::map<std::string, HealthWatch::Drive> drives;
  for (const auto& d : shared.devices) {
    if (!d.problem.empty()) continue;
    auto& drive =
        drives
            .try_emplace(d.control_device,
                         HealthWatch::Drive{d.control_device, true, config::drive_file(shared, d, "shstore-cleaned")})
            .first->second;
    drive.may_read_alerts = drive.may_read_alerts && !d.has_alert_command;
  }
  std::vector<HealthWatch::Drive> all;
  for (auto& [control, drive] : drives) all.push_back(std::move(drive));
  return all;
}

struct HealthWatch::Shared : Worker {
  void look(const Drive& drive);
  void work();

  std::vector<Drive> drives;
  Surroundings around;
  std::chrono::milliseconds interval{};
  std::map<std::string, record::DriveHealth> healths;
};

void HealthWatch::Shared::look(const Drive& drive) {
  if (!around.locked(drive.control_device)) return;
  std::optional<record::DriveHealth> before;
  {
    const std::lock_guard lock(mutex);
    if (const auto found = healths.find(drive.control_device); found != healths.end()) before = found->second;
  }
  const auto said_before = before;
  forget_if_cleaned(drive.cleaned, before);
  const auto transport = scsi::open_transport(drive.control_device);
  if (!transport) return;
  scsi::LogicalUnit unit(**transport);
  const auto health = read_health(unit, drive.may_read_alerts, read_at(), before);
  std::vector<std::string> attentions;
  for (const auto& sense : unit.unit_attentions())
    attentions.push_back(fmt::format("{:02X}/{:02X}", sense.asc, sense.ascq));
  if (!attentions.empty()) around.attentions(drive.control_device, attentions);
  if (!health) return;
  {
    const std::lock_guard lock(mutex);
    if (stop) return;
    healths[drive.control_device] = *health;
  }
  if (health->calibrates && !(said_before && said_before->calibrates)) around.calibrates(drive.control_device);
  if (!same_but_for_time(said_before, health)) around.changed();
}

void HealthWatch::Shared::work() {
  std::unique_lock lock(mutex);
  while (!stop) {
    wake.wait_for(lock, interval, [&] { return stop.load(); });
    for (size_t i = 0; i < drives.size() && !stop; ++i) {
      lock.unlock();
      try {
        look(drives[i]);
      } catch (const std::exception&) {
        // Nothing depends on a reading; the next one comes.
      }
      lock.lock();
    }
  }
  has_ended();
}

HealthWatch::HealthWatch(std::vector<Drive> drives, Surroundings surroundings, std::chrono::milliseconds interval)
    : shared_(std::make_shared<Shared>()) {
  shared_->drives = std::move(drives);
  shared_->around = std::move(surroundings);
  shared_->interval = interval;
}

HealthWatch::~HealthWatch() {
  stop(std::chrono::milliseconds::zero());
  if (thread_.joinable()) thread_.detach();
}

void HealthWatch::start() {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->running || shared_->drives.empty()) return;
  thread_ = start_without_signals([shared = shared_] { shared->work(); });
  shared_->running = true;
}

bool HealthWatch::stop(std::chrono::milliseconds patience) { return shared_->end(thread_, patience); }

std::optional<record::DriveHealth> HealthWatch::health(const std::string& control_device) const {
  const std::lock_guard lock(shared_->mutex);
  const auto found = shared_->healths.find(control_device);
  auto health = found == shared_->healths.end() ? std::nullopt : std::optional(found->second);
  for (const auto& drive : shared_->drives) {
    if (drive.control_device == control_device) forget_if_cleaned(drive.cleaned, health);
  }
  return health;
}

}  // namespace shstore::plugin
