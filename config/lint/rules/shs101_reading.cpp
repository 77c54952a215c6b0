// SHS101 to SHS113: what goes wrong while the files are read. The parsers have found it already; here it gets its code,
// so that it can be explained, selected and ignored like everything else. 108 and 109 are found by the program, which
// alone knows the comments.
#include <fmt/format.h>

#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

using Kind = Diagnostic::Kind;

Level level_of(Severity severity) {
  return severity == Severity::error ? Level::error : Level::warning;
}

template <class Config>
void tell(const Config& config, Kind kind, Reporter& report) {
  for (const Diagnostic& diagnostic : config.diagnostics) {
    if (diagnostic.kind != kind) continue;
    report.add(place(config, diagnostic.at), diagnostic.message).level = level_of(diagnostic.severity);
  }
}

/// For what Bacula refuses although the parsers, which must also read a newer Bacula's files, only warn of it.
template <class Config>
void tell_at_own_level(const Config& config, Kind kind, Reporter& report) {
  for (const Diagnostic& diagnostic : config.diagnostics) {
    if (diagnostic.kind == kind) report.add(place(config, diagnostic.at), diagnostic.message);
  }
}

template <Kind kind>
void check(const Site& site, const Surroundings&, Reporter& report) {
  if (site.director) tell(*site.director, kind, report);
  for (const SiteSd& sd : site.sds) {
    tell(sd.config, kind, report);
    if (sd.storage_ctl) tell(*sd.storage_ctl, kind, report);
  }
}

template <class Config>
void tell_not_run(const Config& config, Reporter& report) {
  for (const Diagnostic& diagnostic : config.diagnostics) {
    if (diagnostic.kind == Kind::not_run) {
      report.add(place(config, diagnostic.at), diagnostic.message,
                 "if you trust these files, let it run with --allow-commands");
    } else if (diagnostic.kind == Kind::not_expanded) {
      report.add(place(config, diagnostic.at), diagnostic.message, "write the directory out");
    }
  }
}

void check_not_run(const Site& site, const Surroundings&, Reporter& report) {
  if (site.director) tell_not_run(*site.director, report);
  for (const SiteSd& sd : site.sds) tell_not_run(sd.config, report);
}

template <Kind kind>
void check_unknown(const Site& site, const Surroundings&, Reporter& report) {
  if (site.director) tell_at_own_level(*site.director, kind, report);
  for (const SiteSd& sd : site.sds) {
    tell_at_own_level(sd.config, kind, report);
    if (sd.storage_ctl) tell(*sd.storage_ctl, kind, report);
  }
}

template <class Config>
void tell_newer(const Config& config, int version, Reporter& report) {
  for (const UnknownDirective& unknown : config.unknown) {
    if (unknown.since <= version) continue;
    report.add(place(config, unknown.directive.at),
               fmt::format("Bacula {} does not know \"{}\" in {}: it is new in {}", version == 9 ? "9.6" : fmt::format("{}", version),
                           unknown.directive.name, unknown.resource, unknown.since),
               "remove it, or tell the version that these daemons are of with --bacula-version");
  }
}

void check_newer(const Site& site, const Surroundings& around, Reporter& report) {
  if (site.director) tell_newer(*site.director, around.bacula_version(), report);
  for (const SiteSd& sd : site.sds) tell_newer(sd.config, around.bacula_version(), report);
}

}  // namespace

const Rule shs101{"SHS101", Level::error, "words that make no sense where they stand", check<Kind::syntax>,
                  R"(What: The file does not have the form that Bacula reads: resources in { }, in them lines `Name = value`.

Why: bacula-sd and bacula-dir stop at the first such place and do not start. The linter reads on and shows all of them.

Example:
    Device {
      Name = Drive-0
      Archive Device /dev/nst0        # the = is missing

Fix: Correct the line. If it looks right, look above it: a quote or a } that is missing is noticed only later.)"};

const Rule shs102{"SHS102", Level::error, "a value that Bacula refuses", check<Kind::value>,
                  R"(What: The value is not of the directive's type: a number, yes or no, a time, a size, a name, a keyword.

Why: bacula-sd and bacula-dir refuse the file and do not start. storage-ctl refuses its file and locks nothing.

Example:
    Drive Index = first
    Maximum Changer Wait = 5 fortnights

Fix: The message says what is expected. Times are numbers with units such as `5 minutes` (`5 m` is five months), sizes
such as `10 GB`, and yes or no are written just so.)"};

const Rule shs103{"SHS103", Level::error, "a directive that no Bacula knows", check_unknown<Kind::unknown_directive>,
                  R"(What: No version of Bacula from 9.6 to 15 has this directive in this resource.

Why: bacula-sd and bacula-dir refuse the file ("Keyword ... not permitted in this resource") and do not start. In
storage-ctl.conf it is a warning: storage-ctl goes on without the setting.

Example:
    Device { Name = Drive-0; Drive Indx = 0; ... }

Fix: Correct the spelling, or move the directive to the resource it belongs in. Upper and lower case and blanks do not
matter. If your Bacula is one that does know it, such as an Enterprise edition, use --ignore SHS103.)"};

const Rule shs104{"SHS104", Level::error, "a name that no resource has", check<Kind::no_such_resource>,
                  R"(What: A directive names a resource, and there is none of this type and name. Names are compared letter by letter.

Why: bacula-sd and bacula-dir refuse the file ("Could not find config Resource") and do not start.

Example:
    Autochanger { Name = LTO; Device = Drive-0, Drive-1; ... }
    Device { Name = Drive_1; ... }

Fix: Make the two names the same, or add the resource.)"};

const Rule shs105{"SHS105", Level::error, "a required directive or resource is missing", check<Kind::missing>,
                  R"(What: A resource lacks a directive that it must have, or the file lacks a resource that the daemon must have. The
latter is a warning, since the file may be a part of a configuration.

Why: bacula-sd and bacula-dir refuse the file ("directive is required ... but not found") and do not start.

Example:
    Device { Name = Drive-0; Archive Device = /dev/nst0 }     # no Media Type

Fix: Add it.)"};

const Rule shs106{"SHS106", Level::error, "a file that cannot be read", check<Kind::unreadable>,
                  R"(What: A file, or one that it includes with @, is not there, may not be read, or is no text; or files include each
other without end.

Why: bacula-sd and bacula-dir do not start. A path without a / at its beginning starts at the directory that the
daemon was started in, not at the file that includes it.

Example:
    @drives.conf

Fix: Write the whole path, and let the daemon's user read the file. Bacula reads UTF-8 only: convert UTF-16 with iconv.)"};

const Rule shs107{"SHS107", Level::warning, "something that Bacula runs and the linter did not", check_not_run,
                  R"(What: Bacula takes the output of a command (`@|command`), or lets a shell expand a directory's name (~, $, *). The
linter runs no commands from a configuration unless it is told to.

Why: What the command would have written is not checked, and something may seem to be missing that it brings.

Example:
    @|")" SHSTORE_SCRIPTS_DIR R"(/drives.sh"
    Working Directory = "~bacula/working"

Fix: If you trust the files, run the linter with --allow-commands. Write directories out.)"};

const Rule shs108{"SHS108", Level::info, "an ignore comment that silences nothing", nullptr,
                  R"(What: There is no finding of this code on the line that the comment is for.

Why: What was silenced has been repaired, or the comment is for another line than was meant. Left where it is, it will
silence the next mistake. Rules that need the Director's file or an inventory find nothing when those are not given:
then the comment may be right all the same.

Example:
    Drive Index = 1    # shstore-lint: ignore SHS001 -- ...       (no other drive has index 1)

Fix: Remove the code from the comment, or the comment.)"};

const Rule shs109{"SHS109", Level::error, "an ignore comment that cannot be used", nullptr,
                  R"(What: The comment lacks its reason or the code, or names a rule that does not exist.

Why: Whoever reads the file next must see why a finding does not count. Without a reason the comment silences nothing.

Example:
    Always Open = yes    # shstore-lint: ignore SHS007

Fix: Write `# shstore-lint: ignore SHS007 -- this drive is on one host only`; several codes are separated by commas.)"};

const Rule shs110{"SHS110", Level::error, "something is given twice", check<Kind::repeated>,
                  R"(What: A directive that may be given once is there twice, or two resources of one type have one name.

Why: bacula-sd and bacula-dir refuse the file ("Attempt to redefine", "Attempt to define second") and do not start.

Example:
    Device { Name = Drive-0; ... }
    Device { Name = Drive-0; ... }       # copied, and the name not changed

Fix: Remove one, or give it the name that was meant. Numbers and yes or no may be repeated; there the last one counts.)"};

const Rule shs111{"SHS111", Level::error, "a resource type that no Bacula knows", check_unknown<Kind::unknown_type>,
                  R"(What: The word before the { is no resource type of this daemon in any Bacula from 9.6 to 15.

Why: bacula-sd and bacula-dir refuse the file ("expected resource name") and do not start.

Example:
    Autochangr { ... }

Fix: Correct the spelling. Upper and lower case and blanks do not matter. Perhaps the resource belongs into the file of
another daemon.)"};

const Rule shs112{"SHS112", Level::error, "a directive of a newer Bacula", check_newer,
                  R"(What: Bacula has this directive, but not in the version that the linter was told (9.6 unless --bacula-version says
otherwise).

Why: A daemon of that version refuses the file ("Keyword ... not permitted in this resource") and does not start.

Example:
    Device { Name = Drive-0; Use Lintape = yes; ... }      # new in 13

Fix: Remove it, or say --bacula-version 13 if that is what runs.)"};

const Rule shs113{"SHS113", Level::warning, "there would be more to say", check<Kind::left_out>,
                  R"(What: One file has so many problems that only the first thousand are shown.

Why: Most of them are the consequence of one.

Example: a file that is no Bacula configuration at all.

Fix: Repair the first ones and run the linter again.)"};

}  // namespace shstore::config::lint
