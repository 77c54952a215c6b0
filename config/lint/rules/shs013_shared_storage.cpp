#include <fmt/format.h>

#include <vector>

#include "config/lint/library.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

/// Storages that others name in Shared Storage.
std::vector<bool> heads(const Site& site) {
  std::vector<bool> result(site.links.size());
  for (size_t i = 0; i < site.links.size(); ++i) {
    const auto& head = site.links[i].shared_with;
    if (head && *head != i) result[*head] = true;
  }
  return result;
}

/// Following Shared Storage from here leads back to here.
bool is_in_loop(const Site& site, size_t start) {
  size_t at = start;
  for (size_t steps = 0; steps < 64; ++steps) {
    const auto& next = site.links[at].shared_with;
    if (!next || *next == at) return false;
    if (*next == start) return true;
    at = *next;
  }
  return false;
}

/// The Storage at the end of a chain.
size_t end_of_chain(const Site& site, size_t at) {
  for (size_t steps = 0; steps < site.links.size(); ++steps) {
    const auto& next = site.links[at].shared_with;
    if (!next || *next == at) break;
    at = *next;
  }
  return at;
}

void check_target(const Site& site, size_t i, Reporter& report) {
  const DirConfig& director = *site.director;
  const DirStorage& storage = director.storages[i];
  const size_t head = *site.links[i].shared_with;
  const DirStorage& target = director.storages[head];
  const Place at = place(director, storage.shared_storage);
  if (is_in_loop(site, i)) {
    Finding& finding =
        report.add(at, fmt::format("\"{}\" and \"{}\" share with each other in a circle", *storage.name, *target.name),
                   "one Autochanger of the library has no Shared Storage, and all others name that one");
    finding.notes.push_back({place(director, target.shared_storage), "the other one is here"});
  } else if (!is_autochanger(site, head)) {
    report.add(
        at,
        fmt::format("\"{}\" shares with \"{}\", which is not an Autochanger resource: it has no effect", *storage.name,
                    *target.name),
        fmt::format("make \"{}\" an Autochanger resource, or name the Autochanger that it belongs to", *target.name));
  } else if (!is_autochanger(site, i)) {
    report.add(
        at,
        fmt::format("\"{}\" has Shared Storage but is not an Autochanger resource: it has no effect", *storage.name),
        "write Shared Storage in the Autochanger resource only; its drives need Autochanger = with its name");
  } else if (const size_t end = end_of_chain(site, head); end != head) {
    report.add(
        at,
        fmt::format("\"{}\" shares with \"{}\", which itself shares with \"{}\": tapes of the third are not seen",
                    *storage.name, *target.name, *director.storages[end].name),
        fmt::format("write Shared Storage = {}", *director.storages[end].name));
  }
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  if (!site.director) return;
  const std::vector<bool> is_head = heads(site);
  for (size_t i = 0; i < site.links.size(); ++i) {
    const DirStorage& storage = site.director->storages[i];
    const auto& head = site.links[i].shared_with;
    if (!head) continue;  // bacula-dir refuses a name that does not exist
    if (*head != i) {
      check_target(site, i, report);
    } else if (!is_head[i]) {
      Finding& finding =
          report.add(place(*site.director, storage.shared_storage),
                     fmt::format("\"{}\" shares with itself, and nobody else with it: it has no effect", *storage.name),
                     "name the Autochanger of the other host that is the same library");
      finding.level = Level::warning;
    }
  }
}

}  // namespace

const Rule shs013{
    "SHS013", Level::error, "Shared Storage does not lead to the library's first Autochanger", check,
    R"(What: Shared Storage of one of the Director's resources names what is no Autochanger resource, or one
that shares with a third; two share with each other in a circle; or one names only itself (a warning).

Why: For each Autochanger that is named in Shared Storage, bacula-dir gathers the tapes of those that name
it, one step deep. Whatever else is written is accepted and has no effect: a job on the second host does not
see the tapes that the first one labelled, and waits for an operator while the library is full of them.

Example:
    Autochanger { Name = Changer-1; Shared Storage = Changer-2; ... }
    Autochanger { Name = Changer-2; Shared Storage = Changer-1; ... }

Fix: The first host's Autochanger has no Shared Storage; those of all other hosts name that one:
    Autochanger { Name = Changer-1; ... }
    Autochanger { Name = Changer-2; Shared Storage = Changer-1; ... })"};

}  // namespace shstore::config::lint
