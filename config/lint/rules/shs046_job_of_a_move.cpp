#include <fmt/format.h>

#include "config/command_words.h"
#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

void check(const Site& site, const Surroundings&, Reporter& report) {
  for (const ChangerCommand& changer : changer_commands(site)) {
    if (!runs_our_changer(**changer.command) || has_code(**changer.command, 'j')) continue;
    report.add(
        place(*changer.config, *changer.command),
        fmt::format(
            "{}: Changer Command does not pass %j, so that shstore-changer cannot tell whether an unload is that of "
            "the job that uses the drive",
            changer.owner()),
        "write %j behind %d: \".../shstore-changer %c %o %S %a %d %j\"");
  }
}

}  // namespace

const Rule shs046{"SHS046", Level::info, "shstore-changer is not told which job moves a tape", check,
                  R"(What: A Changer Command runs shstore-changer without %j, the job that asks for the move.

Why: While a job writes, bconsole's `mount ... slot=2` of the same host has the robot pull the tape out
under that job: the drive's lock is this host's own, and keeps only other hosts away. With %j, shstore-
changer refuses an unload that is not that of a job which has the drive (bacula-sd passes *System* for what
bconsole asks for), and its log names the job of every move. Without %j this check is off.

Example:
    Changer Command = ")" SHSTORE_SCRIPTS_DIR R"(/shstore-changer %c %o %S %a %d"

Fix: Changer Command = ")" SHSTORE_SCRIPTS_DIR R"(/shstore-changer %c %o %S %a %d %j")"};

}  // namespace shstore::config::lint
