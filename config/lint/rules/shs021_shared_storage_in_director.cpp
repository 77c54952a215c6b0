#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

void check(const Site& site, const Surroundings&, Reporter& report) {
  if (!site.director || !site.director->director) return;
  const Value<bool>& given = site.director->director->shared_storage;
  if (!given.given) return;
  Finding& finding =
      report.add(name_place(*site.director, given),
                 "Shared Storage in the Director resource is from version 6.0.1: bacula-dir does not start with it",
                 "remove it, and write Shared Storage = with the first changer's name in the second Autochanger "
                 "resource");
  finding.fix =
      fix_of("remove Shared Storage from the Director resource", {report.editor().remove_directive(finding.at)});
}

}  // namespace

const Rule shs021{"SHS021", Level::error, "Shared Storage = yes in the Director resource", check,
                  R"(What: The Director resource has the directive Shared Storage.

Why: It is how version 6.0.1 of Bacula Enterprise was told that Volumes are shared. Since 6.0.2, and in every
community version, it is a directive of the Storage and Autochanger resources, where it has another meaning;
in the Director resource it is not permitted.

Example:
    Director {
      Name = bacula-dir
      Shared Storage = yes
      ...
    }

Fix: Remove it. In the Autochanger resource of the second host write which one is the same library:
    Autochanger { Name = Changer-2; Shared Storage = Changer-1; ... })"};

}  // namespace shstore::config::lint
