// SHS101 to SHS117: what goes wrong while the files are read. The parsers have found it already; here it gets its code,
// so that it can be explained, selected and ignored like everything else. 108 and 109 are found by the program, which
// alone knows the comments.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "config/directives.h"
#include "config/lint/rules/rules.h"
#include "config/version.h"

namespace shstore::config::lint {
namespace {

using Kind = Diagnostic::Kind;

Level level_of(Severity severity) { return severity == Severity::error ? Level::error : Level::warning; }

/// What to do about it; the page of the rule says more.
std::string_view help_of(Kind kind) {
  switch (kind) {
    case Kind::syntax: return "correct the line; if it looks right, look above it for a quote or a } that is missing";
    case Kind::value: return "write a value as the message says; --explain SHS102 shows some";
    case Kind::repeated: return "remove one of the two, or give it the name that was meant";
    case Kind::unknown_directive:
    case Kind::unknown_type: return "correct the spelling, or remove it: the daemon does not start with it";
    case Kind::no_such_resource: return "make the two names the same, or add the resource";
    case Kind::missing: return "add it; if this file is a part of a configuration, check the file that includes it";
    case Kind::unreadable:
      return "write the whole path: one without a / at its beginning starts where the daemon is started, not at this file";
    case Kind::left_out: return "repair the first ones and run the linter again";
    case Kind::placeholder: return "fill it in, or check the file that is made of this template";
    case Kind::quotes: return "write plain quotes: \"";
    default: return "";
  }
}

template <class Config>
void tell(const Config& config, Kind kind, Reporter& report) {
  for (const Diagnostic& diagnostic : config.diagnostics) {
    if (diagnostic.kind != kind) continue;
    const bool denied = kind == Kind::unreadable && diagnostic.message.ends_with(": Permission denied");
    const bool is_other_daemons = kind == Kind::syntax && diagnostic.message.starts_with("this is a bacula-");
    const auto help = denied ? "run this as root or as the user that runs bacula-sd: there is a password in it"
                      : is_other_daemons ? "give bacula-sd.conf with --sd, and bacula-dir.conf with --dir"
                                         : help_of(kind);
    report.add(place(config, diagnostic.at), diagnostic.message, std::string(help)).level =
        level_of(diagnostic.severity);
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

/// SHS021 tells more of that one.
bool is_for_shs021(const DirConfig& director, const Diagnostic& diagnostic) {
  return director.director && director.director->shared_storage.given &&
         diagnostic.at == director.director->shared_storage.directive_at(director.sources.get());
}
bool is_for_shs021(const SdConfig&, const Diagnostic&) { return false; }

/// One letter is missing, too many, another, or two are swapped; blanks and case do not count.
bool is_a_slip(std::string_view written, std::string_view meant) {
  const auto plain = [](std::string_view text) {
    std::string result;
    for (const unsigned char c : text) {
      if (c != ' ' && c != '\t') result += static_cast<char>(std::tolower(c));
    }
    return result;
  };
  std::string a = plain(written), b = plain(meant);
  constexpr size_t kShortest = 5;
  if (a.size() > b.size()) std::swap(a, b);
  if (a.size() < kShortest || b.size() - a.size() > 1) return false;
  const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin());
  const std::string_view rest_a(in_a, a.end()), rest_b(in_b, b.end());
  if (a.size() < b.size()) return rest_a == rest_b.substr(1);
  if (rest_a.empty() || rest_a.substr(1) == rest_b.substr(1)) return true;
  return rest_a.size() > 1 && rest_a[0] == rest_b[1] && rest_a[1] == rest_b[0] && rest_a.substr(2) == rest_b.substr(2);
}

/// The parsers' messages have it: `unknown directive "Drive Indx" in Device; did you mean "Drive Index"?`
std::optional<Fix> correction(const Finding& finding) {
  const auto quoted_behind = [&](std::string_view lead) -> std::string_view {
    const std::string_view message = finding.message;
    const size_t begin = message.find(lead);
    if (begin == std::string_view::npos) return {};
    const size_t first = begin + lead.size();
    return message.substr(first, message.find('"', first) - first);
  };
  const std::string_view written = quoted_behind("unknown directive \""), meant = quoted_behind("did you mean \"");
  if (written.empty() || meant.empty() || !is_a_slip(written, meant)) return std::nullopt;
  Place at = finding.at;
  at.length = static_cast<uint32_t>(written.size());
  return Fix{fmt::format("write {}", meant), {{at, std::string(meant)}}};
}

/// For what Bacula refuses although the parsers, which must also read a newer Bacula's files, only warn of it.
template <class Config>
void tell_at_own_level(const Config& config, Kind kind, Reporter& report) {
  for (const Diagnostic& diagnostic : config.diagnostics) {
    if (diagnostic.kind == kind && !is_for_shs021(config, diagnostic)) {
      Finding& finding = report.add(place(config, diagnostic.at), diagnostic.message, std::string(help_of(kind)));
      finding.fix = correction(finding);
    }
  }
}

template <Kind kind>
void check_unknown(const Site& site, const Surroundings&, Reporter& report) {
  if (site.director) tell_at_own_level(*site.director, kind, report);
  for (const SiteSd& sd : site.sds) {
    tell_at_own_level(sd.config, kind, report);
    if (sd.storage_ctl) tell(*sd.storage_ctl, kind, report);
  }
}

std::string refusal(int version, int since, std::string_view what) {
  if (since >= kOtherBuilds) return fmt::format("no Bacula that Debian builds knows {}: it needs another build", what);
  return fmt::format("Bacula {} does not know {}: it is new in {}", to_text(version), what, since);
}

template <class Config>
void tell_versions(const Config& config, const BaculaVersion& version, Reporter& report) {
  const std::string help = fmt::format("remove it, or tell the version that this daemon is of, such as {}@15.0.3",
                                       config.files.empty() ? "FILE" : config.files.front());
  const auto add = [&](const Location& at, const std::string& message) {
    report.add(place(config, at), message, help);
  };
  for (const UnknownDirective& unknown : config.unknown) {
    if (unknown.since <= version.number) continue;
    add(unknown.directive.at,
        refusal(version.number, unknown.since, fmt::format("\"{}\" in {}", unknown.directive.name, unknown.resource)));
  }
  for (const VersionBound& bound : config.bound) {
    if (accepts(version.number, bound)) continue;
    add(bound.at, version.number < bound.since ? refusal(version.number, bound.since, bound.what)
                                               : fmt::format("Bacula {} refuses {}, which older versions take",
                                                             to_text(version.number), bound.what));
  }
}

void check_versions(const Site& site, const Surroundings&, Reporter& report) {
  if (site.director) tell_versions(*site.director, site.director_version, report);
  for (const SiteSd& sd : site.sds) tell_versions(sd.config, sd.version, report);
}

template <class Config>
void tell_upgrade(const Config& config, const BaculaVersion& version, int to, Reporter& report) {
  for (const VersionBound& bound : config.bound) {
    if (!accepts(version.number, bound) || accepts(to, bound)) continue;
    report.add(place(config, bound.at), fmt::format("Bacula {} will refuse {}", to_text(to), bound.what),
               "change it before the upgrade: the daemon would not start after it");
  }
}

void check_upgrade(const Site& site, const Surroundings&, Reporter& report) {
  if (site.upgrade_to == 0) return;
  if (site.director) tell_upgrade(*site.director, site.director_version, site.upgrade_to, report);
  for (const SiteSd& sd : site.sds) tell_upgrade(sd.config, sd.version, site.upgrade_to, report);
}

template <class Config>
void tell_quotes(const Config& config, Reporter& report) {
  for (const Diagnostic& diagnostic : config.diagnostics) {
    if (diagnostic.kind == Kind::quotes) {
      report.add(place(config, diagnostic.at), diagnostic.message, std::string(help_of(Kind::quotes)));
    }
  }
}

void check_quotes(const Site& site, const Surroundings&, Reporter& report) {
  if (site.director) tell_quotes(*site.director, report);
  for (const SiteSd& sd : site.sds) tell_quotes(sd.config, report);
}

template <class Config>
void tell_dropped(const Config& config, Reporter& report) {
  for (const Diagnostic& diagnostic : config.diagnostics) {
    if (diagnostic.kind != Kind::dropped) continue;
    report.add(
        place(config, diagnostic.at), diagnostic.message,
        "put the value in quotes if it has blanks in it; else write the rest on a line of its own, or a ; before it");
  }
}

void check_dropped(const Site& site, const Surroundings&, Reporter& report) {
  if (site.director) tell_dropped(*site.director, report);
  for (const SiteSd& sd : site.sds) tell_dropped(sd.config, report);
}

}  // namespace

const Rule shs101{
    "SHS101", Level::error, "words that make no sense where they stand", check<Kind::syntax>,
    R"(What: The file does not have the form that Bacula reads: resources in { }, in them lines `Name = value`.

Why: bacula-sd and bacula-dir stop at the first such place and do not start. The linter reads on and shows all
of them.

Example:
    Device {
      Name = Drive-0
      Archive Device /dev/nst0        # the = is missing

Fix: Correct the line. If it looks right, look above it: a quote or a } that is missing is noticed only later.)"};

const Rule shs102{
    "SHS102", Level::error, "a value that Bacula refuses", check<Kind::value>,
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

const Rule shs104{
    "SHS104", Level::error, "a name that no resource has", check<Kind::no_such_resource>,
    R"(What: A directive names a resource, and there is none of this type and name. Names are compared letter by letter.

Why: bacula-sd and bacula-dir refuse the file ("Could not find config Resource") and do not start.

Example:
    Autochanger { Name = LTO; Device = Drive-0, Drive-1; ... }
    Device { Name = Drive_1; ... }

Fix: Make the two names the same, or add the resource.)"};

const Rule shs105{
    "SHS105", Level::error, "a required directive or resource is missing", check<Kind::missing>,
    R"(What: A resource lacks a directive that it must have, or the file lacks a resource that the daemon must have. The
latter is a warning, since the file may be a part of a configuration.

Why: bacula-sd and bacula-dir refuse the file ("directive is required ... but not found") and do not start.

Example:
    Device { Name = Drive-0; Archive Device = /dev/nst0 }     # no Media Type

Fix: Add it.)"};

const Rule shs106{
    "SHS106", Level::error, "a file that cannot be read", check<Kind::unreadable>,
    R"(What: A file, or one that it includes with @, is not there, may not be read, or is no text; or files include each
other without end.

Why: bacula-sd and bacula-dir do not start. A path without a / at its beginning starts at the directory that the
daemon was started in, not at the file that includes it.

Example:
    @drives.conf

Fix: Write the whole path, and let the daemon's user read the file. Bacula reads UTF-8 only: convert UTF-16
with iconv.)"};

const Rule shs107{
    "SHS107", Level::warning, "something that Bacula runs and the linter did not", check_not_run,
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

const Rule shs110{
    "SHS110", Level::error, "something is given twice", check<Kind::repeated>,
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

Fix: Correct the spelling. Upper and lower case and blanks do not matter. Perhaps the resource belongs into
the file of another daemon.)"};

const Rule shs112{
    "SHS112", Level::error, "something that this version of Bacula refuses", check_versions,
    R"(What: Bacula has this directive, or takes this value, but not in the version that the file is for, or not as
Debian builds it. The version is the one behind the file's name (bacula-sd.conf@15.0.3), else that of
--bacula-version, of the host's inventory, of the Bacula that is installed if the file is this host's, else
the oldest that knows all directives of the file.

Why: A daemon of that version refuses the file ("Keyword ... not permitted in this resource") and does not start.

Example:
    Device { Name = Drive-0; Use Lintape = yes; ... }      # new in 13
    Options { Compression = ZSTD }                         # new in 15

Fix: Remove it, or say which version runs: --sd bacula-sd.conf@13.0.4)"};

const Rule shs113{"SHS113", Level::warning, "there would be more to say", check<Kind::left_out>,
                  R"(What: One file has so many problems that only the first thousand are shown.

Why: Most of them are the consequence of one.

Example: a file that is no Bacula configuration at all.

Fix: Repair the first ones and run the linter again.)"};

const Rule shs114{
    "SHS114", Level::error, "text that Bacula reads over without a word", check_dropped,
    R"(What: More stands on a line than the directive before it takes, or something stands behind the } of an Include,
an Exclude or a RunScript.

Why: Bacula takes the first value and drops the rest of the line up to the next ;, and says nothing. What was written
there is not set: no Lock Command, so that the drive is written to without a lock; no second File, so that it is not
backed up.

Example:
    Alert Command = "/x" Lock Command = "/opt/bacula/scripts/storage-ctl %l %o"
    File = /etc File = /home

Fix: One directive on a line, or a ; between two:
    Alert Command = "/x"; Lock Command = "/opt/bacula/scripts/storage-ctl %l %o")"};

const Rule shs115{"SHS115", Level::error, "something that the next version of Bacula refuses", check_upgrade,
                  R"(What: The version that runs takes this directive or value, and the one of --upgrade-to does not.

Why: After the upgrade the daemon refuses the file and does not start.

Example:
    Options { Accurate = yes }       # 9.6 takes any letters, 15 only those that mean something

Fix: Change it before the upgrade. For Accurate, Verify and BaseJob write letters such as mcs; `Accurate =
yes` belongs into the Job.)"};

const Rule shs116{"SHS116", Level::error, "a template that was not filled in", check<Kind::placeholder>,
                  R"(What: A value is a placeholder such as @SD_PASSWORD@, not in quotes. Each is told once in a file.

Why: Bacula takes it for the name of a file to include, does not find it, and does not start.

Example:
    Password = @SD_PASSWORD@

Fix: Fill the template in (with sed, Ansible, or what made it), and check the result.)"};

const Rule shs117{"SHS117", Level::error, "typographic quotes", check_quotes,
                  R"(What: A value begins with a typographic quote, as word processors and web pages write them.

Why: To Bacula it is a letter like any other. A password or name is then another one than it seems to be, and
a blank ends the value.

Example: Password with curly quotes around it, copied from a web page.

Fix: Write plain quotes: Password = "secret")"};

}  // namespace shstore::config::lint
