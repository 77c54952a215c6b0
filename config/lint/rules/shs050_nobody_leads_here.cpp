#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "config/host_name.h"
#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"
#include "config/spelling.h"

namespace shstore::config::lint {
namespace {

using Words = std::vector<std::string>;

/// What a Storage and a Storage Daemon that were not joined have in common and what keeps them apart.
struct Likeness {
  size_t storage = 0;
  Words common, apart;
  bool is_there = false;    ///< the host is the same
  bool is_certain = false;  ///< as good as: one of them has a slip in it
};

bool has_password(const SiteSd& sd) {
  const auto& directors = sd.config.directors;
  return std::any_of(directors.begin(), directors.end(), [](const SdDirector& known) { return known.password.given; });
}

bool share_password(const DirStorage& storage, const SiteSd& sd) {
  return storage.password.given &&
         std::any_of(sd.config.directors.begin(), sd.config.directors.end(), [&](const SdDirector& known) {
           return known.password.given && *known.password == *storage.password;
         });
}

bool has_all_devices(const DirStorage& storage, const SiteSd& sd) {
  const auto has = [&](const TextValue& name) {
    const auto is_named = [&](const auto& resource) { return *resource.name == *name; };
    return std::any_of(sd.config.autochangers.begin(), sd.config.autochangers.end(), is_named) ||
           std::any_of(sd.config.devices.begin(), sd.config.devices.end(), is_named);
  };
  return !storage.devices.empty() && std::all_of(storage.devices.begin(), storage.devices.end(), has);
}

/// The names under which the Storage Daemon is known: its host, then its addresses.
Words hosts_of(const SiteSd& sd) {
  Words hosts;
  if (!sd.host.empty()) hosts.push_back(sd.host);
  if (sd.config.storage) {
    for (const TextValue& address : sd.config.storage->sd_addresses) hosts.emplace_back(*address);
  }
  return hosts;
}

uint32_t port_of(const SiteSd& sd) {
  return sd.config.storage ? *sd.config.storage->sd_port : SdStorage().sd_port.value;
}

Likeness likeness(const DirStorage& storage, size_t number, const SiteSd& sd) {
  Likeness result;
  result.storage = number;
  const Words hosts = hosts_of(sd);
  const std::string wanted = host_key(*storage.address);
  const bool is_there = std::any_of(hosts.begin(), hosts.end(),
                                    [&](std::string_view host) { return is_same_host(host_key(host), wanted); });
  std::vector<std::string_view> names(hosts.begin(), hosts.end());
  if (is_there) {
    result.common.push_back(fmt::format("the host {}", *storage.address));
  } else if (const auto alike = nearest(*storage.address, names); !alike.empty()) {
    result.common.push_back("a host name like its own");
    result.apart.push_back(fmt::format("Address \"{}\" is not \"{}\"", *storage.address, alike));
  } else if (storage.address.given && !hosts.empty()) {
    result.apart.push_back(fmt::format("Address \"{}\" is not \"{}\"", *storage.address, hosts.front()));
  }
  const bool is_alike = !is_there && !result.common.empty();
  if (*storage.sd_port != port_of(sd))
    result.apart.push_back(fmt::format("port {} is not {}", *storage.sd_port, port_of(sd)));
  const bool is_trusted = share_password(storage, sd);
  if (is_trusted) {
    result.common.push_back("the password");
  } else if (storage.password.given && has_password(sd)) {
    result.apart.push_back("the passwords differ");
  }
  const bool has_devices = has_all_devices(storage, sd);
  if (has_devices) result.common.push_back("the names in Device");
  result.is_there = is_there;
  // sd1 and sd2 are names alike, and each has a Drive-0.
  result.is_certain = is_there ? is_trusted || has_devices || !has_password(sd) : is_alike && is_trusted;
  return result;
}

/// The Storage Daemon that a Storage was most probably meant for.
std::optional<std::pair<const SiteSd*, Likeness>> most_like(const Site& site, size_t number) {
  std::optional<std::pair<const SiteSd*, Likeness>> best;
  for (const SiteSd& sd : site.sds) {
    Likeness one = likeness(site.director->storages[number], number, sd);
    if (one.is_certain && (!best || one.common.size() > best->second.common.size())) best.emplace(&sd, std::move(one));
  }
  return best;
}

std::string list(const Words& words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : i + 1 == words.size() ? " and " : ", ", words[i]);
  return text;
}

/// The Storage that was most probably meant for this Storage Daemon, among those that lead nowhere.
std::optional<Likeness> most_like(const Site& site, const std::vector<size_t>& astray, const SiteSd& sd) {
  std::optional<Likeness> best;
  for (const size_t number : astray) {
    Likeness one = likeness(site.director->storages[number], number, sd);
    if (one.common.empty()) continue;
    if (!best || one.common.size() > best->common.size() ||
        (one.common.size() == best->common.size() && one.apart.size() < best->apart.size()))
      best = std::move(one);
  }
  return best;
}

void report_daemon(const Site& site, const SiteSd& sd, const std::optional<Likeness>& meant, Reporter& report) {
  const Location at = sd.config.storage ? sd.config.storage->at : Location();
  const std::string who = fmt::format("no Storage of the Director leads to {}", name_of(sd));
  const char* unseen = "no rule that holds the two files against each other has looked at it";
  if (!meant) {
    report.add(place(sd.config, at), fmt::format("{}: {}", who, unseen),
               "leave it out of this run if it belongs to another Director; else write a Storage for it");
    return;
  }
  const DirStorage& storage = site.director->storages[meant->storage];
  Finding& finding = report.add(
      place(sd.config, at),
      fmt::format("{}: Storage \"{}\" shares {} with it, but {}; {}", who, *storage.name, list(meant->common),
                  meant->apart.empty() ? "other Storage Daemons fit as well" : list(meant->apart), unseen),
      fmt::format("write in Storage \"{}\" the Address, SD Port and Password of this daemon", *storage.name));
  finding.level = Level::error;
  finding.notes.push_back({place(*site.director, storage.at), "the Storage is here"});
}

/// A Storage that was recognized by its password and its devices alone, on the daemon's host, under another port.
void check_port(const Site& site, size_t number, Reporter& report) {
  const DirStorage& storage = site.director->storages[number];
  const StorageLink& link = site.links[number];
  const SiteSd& sd = site.sds[*link.sd];
  if (link.by != StorageLink::By::devices || *storage.sd_port == port_of(sd)) return;
  const Likeness alike = likeness(storage, number, sd);
  if (!alike.is_there) return;
  Finding& finding =
      report.add(place(*site.director, storage.sd_port),
                 fmt::format("Storage \"{}\" shares {} with {}, but port {} is not {}: bacula-dir does not reach it",
                             *storage.name, list(alike.common), name_of(sd), *storage.sd_port, port_of(sd)),
                 fmt::format("write SD Port = {}", port_of(sd)));
  finding.level = Level::error;
  if (sd.config.storage) {
    const auto& theirs = sd.config.storage->sd_port;
    const Place where = theirs.given ? place(sd.config, theirs) : place(sd.config, sd.config.storage->at);
    finding.notes.push_back({where, "the daemon is here"});
  }
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  if (!site.director || site.sds.empty()) return;
  if (site.links.empty() && !site.director->director) return;  // a part of a file
  std::set<size_t> led_to;
  std::vector<size_t> astray;
  for (size_t i = 0; i < site.links.size(); ++i) {
    if (site.links[i].sd) {
      led_to.insert(*site.links[i].sd);
      if (*site.director->storages[i].enabled) check_port(site, i, report);
    } else if (*site.director->storages[i].enabled) {
      astray.push_back(i);
    }
  }
  std::set<size_t> named;
  for (size_t sd = 0; sd < site.sds.size(); ++sd) {
    if (led_to.contains(sd)) continue;
    // Comparing each with each is slow: a site with more than that has another trouble.
    const auto meant = astray.size() > 1000 ? std::nullopt : most_like(site, astray, site.sds[sd]);
    if (meant) named.insert(meant->storage);
    report_daemon(site, site.sds[sd], meant, report);
  }
  for (const size_t number : astray) {
    if (named.contains(number)) continue;
    const DirStorage& storage = site.director->storages[number];
    std::string message = fmt::format("Storage \"{}\" ({}, port {}) leads to none of the Storage Daemons given",
                                      *storage.name, *storage.address, *storage.sd_port);
    const auto meant = astray.size() * site.sds.size() > 100'000 ? std::nullopt : most_like(site, number);
    if (!meant) {
      report
          .add(place(*site.director, storage.at), std::move(message),
               "give its bacula-sd.conf with --sd, so that the two can be held against each other")
          .level = Level::info;
      continue;
    }
    const auto& [sd, alike] = *meant;
    Finding& finding = report.add(
        place(*site.director, storage.at),
        fmt::format("{}; it shares {} with {}, but {}", message, list(alike.common), name_of(*sd),
                    alike.apart.empty() ? "other Storage Daemons fit as well" : list(alike.apart)),
        fmt::format("write in Storage \"{}\" the Address, SD Port and Password of {}", *storage.name, name_of(*sd)));
    if (sd->config.storage) finding.notes.push_back({place(sd->config, sd->config.storage->at), "the daemon is here"});
  }
}

}  // namespace

const Rule shs050{
    "SHS050", Level::warning, "a Storage Daemon and the Director's Storages do not find each other", check,
    R"(What: No Storage of the Director leads to one of the Storage Daemons given (error where a Storage has something
of it, such as its password, and another port or host; else a warning), or a Storage leads to none of them (a warning
where one of them is on the same host, else info), or it is meant for one of them and has another port (error).

Why: Which Storage means which daemon is known by address and port, password, or names. Where that fails, the
Director cannot reach the daemon, or fails to log in; and the linter cannot hold the two files against each other,
so that everything else it says is about each file alone.

Example:
    Storage { Name = cibou-sd; SD Port = 9113; ... }                  # bacula-sd.conf
    Autochanger { Name = Changer-1; Address = cibou; ... }            # bacula-dir.conf: port 9103, if none is written

Fix: Write the daemon's Address, SD Port and Password into the Storage. A daemon of another Director is left out of
the run. The host's name is given with --sd HOST=FILE.)"};

}  // namespace shstore::config::lint
