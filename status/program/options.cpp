// The options that belong to no command alone.
#include <algorithm>
#include <filesystem>

#include "scsi/base/places.h"
#include "scsi/base/printable.h"
#include "status/program/command.h"

namespace shstore::status {
namespace {

const std::string kDefaultBconsole = std::string(base::etc_dir()) + "/bconsole.conf";

}  // namespace

std::string no_seconds(const std::string& text, double least, double most) {
  if (text.find_first_not_of("0123456789.") == std::string::npos) return CLI::Range(least, most)(text);
  return '"' + base::printable(text) + "\" is not a number of seconds such as 2.5";
}

namespace {

void add_question(CLI::App& app, Question& q) {
  // allow_extra_args: one that takes several words takes those in square brackets apart (findings/cli11-brackets.sh).
  app.add_option(
         "--sd", q.sd_files,
         "a bacula-sd.conf; may be given more than once (default " + std::string(base::etc_dir()) + "/bacula-sd.conf)")
      ->check(CLI::ExistingFile)
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  auto* seconds = app.add_option_function<double>(
      "--deadline", [&q](double s) { q.deadline = std::chrono::milliseconds(static_cast<int64_t>(s * 1000)); },
      "how many seconds the drives are waited for (default 6)");
  seconds->check([](const std::string& text) { return no_seconds(text, 0.1, 3600); })->type_name("SECONDS");
  auto* file = app.add_option("--bacula-status", q.bacula_status,
                              "what `status storage=NAME` printed: a file, or - for standard input");
  auto* storage = app.add_option("--storage", q.storages,
                                 "with --bconsole: the Director's Storage for this daemon; one for each --sd");
  auto* bconsole = app.add_option(
      "--bconsole", q.bconsole.configuration,
      std::string("ask the Director for that status, with this bconsole.conf (default ") + kDefaultBconsole + ")");
  bconsole->expected(0, 1)->excludes(file)->needs(storage);
  storage->expected(1)->allow_extra_args(false)->take_all()->needs(bconsole);
  app.add_option("--bconsole-program", q.bconsole.program, "the bconsole to run")->needs(bconsole);
}

}  // namespace

void add_options(CLI::App& app, Request& request) {
  add_question(app, request.question);
  app.add_flag("--json", request.json, "print JSON");
  app.add_flag("--names", request.names, "print the host's name beside every key: 0xbac999 (dir)");
}

const Command& chosen_of(const std::vector<Command>& all) {
  return *std::find_if(all.begin(), all.end() - 1, [](const auto& c) { return c.chosen != nullptr && *c.chosen; });
}

std::string mistake(const CLI::App& app, Request& request, const std::vector<Command>& all) {
  auto& q = request.question;
  const auto chosen =
      std::count_if(all.begin(), all.end(), [](const auto& c) { return c.chosen != nullptr && *c.chosen; });
  if (chosen > 1) return "one thing at a time: give one of the options that say what to do";
  if (q.sd_files.empty() && chosen_of(all).needs_sd) {
    const auto usual = std::string(base::etc_dir()) + "/bacula-sd.conf";
    std::error_code error;
    if (!std::filesystem::exists(usual, error))
      return "--sd is required: there is no " + usual + " that this user can see (where there is one, try it as root)";
    q.sd_files.push_back(usual);
  }
  if (app.count("--bconsole") > 0 && q.bconsole.configuration.empty()) q.bconsole.configuration = kDefaultBconsole;
  // Bacula's programs look for a name without a slash in the folder that they were built for, not here.
  if (!q.bconsole.configuration.empty())
    q.bconsole.configuration = std::filesystem::absolute(q.bconsole.configuration).string();
  if (!q.storages.empty() && q.storages.size() != q.sd_files.size())
    return "give --storage once for each --sd, in the same order";
  if (!q.bacula_status.empty() && q.sd_files.size() > 1) return "--bacula-status is about one daemon: give --sd once";
  return {};
}

}  // namespace shstore::status
