#include <fmt/format.h>

#include <algorithm>

#include "config/host_name.h"
#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

bool is_loopback(std::string_view host) {
  const std::string key = host_key(host);
  return key == "127.0.0.1" || key.starts_with("127.") || key == "ip6-localhost";
}

/// The first Client that runs on another machine than the Director, as far as its Address tells.
const DirClient* client_elsewhere(const DirConfig& director) {
  const auto found = std::find_if(director.clients.begin(), director.clients.end(), [](const DirClient& client) {
    return client.address.given && !client.address->empty() && !is_loopback(*client.address);
  });
  return found == director.clients.end() ? nullptr : &*found;
}

void check_storages(const Site& site, const DirClient& client, Reporter& report) {
  for (const DirStorage& storage : site.director->storages) {
    if (!storage.address.given || !is_loopback(*storage.address)) continue;
    if (storage.fd_storage_address.given && !is_loopback(*storage.fd_storage_address)) continue;
    Finding& finding = report.add(
        place(*site.director, storage.address),
        fmt::format("Storage \"{}\" has Address {}, which Client \"{}\" ({}) is told too: it will look for the "
                    "Storage Daemon on its own machine",
                    *storage.name, *storage.address, *client.name, *client.address),
        "write the name under which every client can reach the Storage Daemon");
    finding.notes.push_back({place(*site.director, client.address), "the Client is here"});
  }
}

void check_daemons(const Site& site, const DirClient* client, Reporter& report) {
  for (size_t i = 0; i < site.sds.size(); ++i) {
    const SiteSd& sd = site.sds[i];
    if (!sd.config.storage || sd.config.storage->sd_addresses.empty()) continue;
    const auto& addresses = sd.config.storage->sd_addresses;
    if (!std::all_of(addresses.begin(), addresses.end(), [](const TextValue& a) { return is_loopback(*a); })) continue;
    const DirStorage* from_afar = nullptr;
    for (size_t s = 0; s < site.links.size(); ++s) {
      const DirStorage& storage = site.director->storages[s];
      if (site.links[s].sd == i && storage.address.given && !is_loopback(*storage.address)) from_afar = &storage;
    }
    if (!from_afar && !client) continue;
    Finding& finding =
        report.add(place(sd.config, addresses.front()),
                   fmt::format("{} listens on {} only, where {} cannot reach it", name_of(sd), *addresses.front(),
                               from_afar ? fmt::format("Storage \"{}\" ({})", *from_afar->name, *from_afar->address)
                                         : fmt::format("Client \"{}\" ({})", *client->name, *client->address)),
                   "leave SD Address out, or write the address of the network card that clients use");
    if (from_afar) {
      finding.notes.push_back({place(*site.director, from_afar->address), "the Storage is here"});
    } else {
      finding.notes.push_back({place(*site.director, client->address), "the Client is here"});
    }
  }
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  if (!site.director) return;
  const DirClient* const client = client_elsewhere(*site.director);
  if (client) check_storages(site, *client, report);
  check_daemons(site, client, report);
}

}  // namespace

const Rule shs053{
    "SHS053", Level::error, "clients cannot reach the Storage Daemon", check,
    R"(What: A Storage of the Director has Address = localhost (or 127.0.0.1) while a Client runs on another machine, or
a Storage Daemon listens on 127.0.0.1 only while a Storage or a Client is elsewhere.

Why: The Director hands the Address of the Storage on to the File Daemon, which opens the connection. For a
File Daemon on another machine, localhost is that machine: its jobs wait and fail with "Failed to connect to
Storage daemon". Jobs of the Director's own machine work, so that it is noticed late.

Example:
    Storage { Name = Changer-1; Address = localhost; ... }
    Client { Name = web1-fd; Address = web1.company.com; ... }

Fix: Write a name that every client resolves to the Storage Daemon's machine. Where clients need another name than the
Director, FD Storage Address is for them.)"};

}  // namespace shstore::config::lint
