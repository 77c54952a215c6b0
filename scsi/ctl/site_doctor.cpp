// storage-ctl doctor --all: every drive that this host's bacula-sd.conf shares, and the plugin, with one verdict.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "config/shared/lock_command.h"
#include "config/shared/shared_devices.h"
#include "scsi/base/printable.h"
#include "scsi/ctl/doctor.h"
#include "scsi/ctl/site_doctor.h"

namespace shstore::scsi::ctl {
namespace {

using Verdict = Check::Verdict;

struct Examined {
  std::string display, control_device;
  std::vector<Check> checks;
  bool has(Verdict verdict) const {
    return std::any_of(checks.begin(), checks.end(), [&](const auto& c) { return c.verdict == verdict; });
  }
};

/// Empty: it is locked by no storage-ctl, or two files differ, which is the device's problem.
std::string conf_path_of(const config::SdConfig& sd, const std::string& device) {
  for (const auto& d : sd.devices) {
    if (*d.name != device) continue;
    const auto command = config::understand_lock_command(sd.effective_lock_command(d));
    const auto* ours = std::get_if<config::StorageCtl>(&command);
    return ours ? config::conf_of(*ours).value_or("") : std::string{};
  }
  return {};
}

Examined examine_one(const SiteConf& site, const config::SharedDevice& d, const SiteDoctor& how) {
  Examined one{d.display(), d.control_device, {}};
  if (!d.problem.empty()) {
    one.checks.push_back({Verdict::failed, "config", d.problem});
    if (d.control_device.empty()) return one;
  } else if (!d.command.empty()) {
    one.checks.push_back({Verdict::warning, "config",
                          "is locked by a command of the site's own, which was not run: " + d.command.front()});
    return one;
  }
  const auto conf = conf_path_of(site.config, d.name);
  if (conf.empty()) return one;
  auto checks = examine({d.control_device, d.archive_device, conf, how.sysfs, how.ports, how.stop});
  if (!d.problem.empty()) {  // it has been said
    checks.erase(std::remove_if(checks.begin(), checks.end(), [](const auto& c) { return c.name == "config"; }),
                 checks.end());
  }
  one.checks.insert(one.checks.end(), checks.begin(), checks.end());
  return one;
}

std::string indented(const std::string& text) {
  std::string out;
  for (size_t from = 0; from < text.size();) {
    const auto end = std::min(text.find('\n', from), text.size() - 1);
    out += "  " + text.substr(from, end - from + 1);
    from = end + 1;
  }
  return out;
}

std::string verdict_of(const std::vector<Check>& host, const std::vector<Examined>& drives, const std::string& file) {
  const auto failed = std::count_if(drives.begin(), drives.end(), [](const auto& d) { return d.has(Verdict::failed); });
  const auto warned =
      std::count_if(drives.begin(), drives.end(), [](const auto& d) { return d.has(Verdict::warning); });
  const bool host_failed =
      std::any_of(host.begin(), host.end(), [](const auto& c) { return c.verdict == Verdict::failed; });
  if (host_failed) return fmt::format("FAILED: the drives of {} are not protected", file);
  if (failed > 0) return fmt::format("FAILED: {} of {} drives cannot be shared as configured", failed, drives.size());
  return fmt::format("ok: {} drive{} can be shared{}", drives.size(), drives.size() == 1 ? "" : "s",
                     warned > 0 ? fmt::format(", {} with a warning", warned) : "");
}

}  // namespace

int site_doctor(const SiteDoctor& how, std::ostream& out) {
  const auto path = how.sd_conf.empty() ? usual_sd_conf() : how.sd_conf;
  std::vector<Check> host;
  std::vector<Examined> drives;
  if (path.empty()) {
    host.push_back(
        {Verdict::failed, "sd", "no bacula-sd.conf in /etc/bacula and /opt/bacula/etc: give it with --sd FILE"});
  } else {
    const auto site = read_site_conf(path);
    host.push_back(how.plugin(site));
    if (site.unreadable.empty()) {
      const auto shared = config::shared_devices(site.config, config::disk_conf_loader());
      if (!shared.unreadable.empty()) host.push_back({Verdict::failed, "sd", shared.unreadable});
      if (shared.devices.empty())
        host.push_back({Verdict::failed, "sd", path + ": no Device has a Lock Command, so no drive is locked"});
      base::Progress progress(how.progress);
      for (const auto& d : shared.devices) {
        progress(fmt::format("asking drive {} of {}: {}", drives.size() + 1, shared.devices.size(), d.display()));
        drives.push_back(examine_one(site, d, how));
      }
    }
  }
  const auto verdict = verdict_of(host, drives, path.empty() ? "this host" : path);
  if (how.json) {
    auto devices = nlohmann::ordered_json::array();
    for (const auto& d : drives) {
      auto one = nlohmann::ordered_json::parse(doctor_json(d.control_device, d.checks));
      one["drive"] = d.display;
      devices.push_back(std::move(one));
    }
    nlohmann::ordered_json all = {{"schema", kJsonSchema}, {"verdict", verdict}};
    all["host"] = nlohmann::ordered_json::parse(doctor_json(path, host)).at("checks");
    all["devices"] = std::move(devices);
    out << all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
  } else {
    out << doctor_text(host);
    for (const auto& d : drives) {
      out << '\n'
          << base::printable(
                 fmt::format("{} through {}", d.display, d.control_device.empty() ? "nothing" : d.control_device))
          << '\n';
      out << indented(doctor_text(d.checks));
    }
    out << '\n' << base::printable(verdict) << '\n';
  }
  return static_cast<int>(verdict.starts_with("FAILED") ? ExitStatus::refused : ExitStatus::ok);
}

}  // namespace shstore::scsi::ctl
