#include "config/lint/program/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <sstream>

#include "config/lint/program/report.h"
#include "config/lint/rule.h"
#include "config/version.h"
#include "scsi/base/places.h"
#include "scsi/base/usage_words.h"

namespace shstore::config::lint {
namespace {

constexpr const char* kFooter =
    "Exit status: 0 no findings, or none that count; 1 findings; 2 could not run: wrong usage, a file that cannot be\n"
    "read, or one of which nothing can be understood.\n"
    "A finding is silenced by a comment at the end of its line or above it:\n"
    "  # shstore-lint: ignore SHS001 -- the reason\n";

template <class T>
using Choices = std::vector<std::pair<std::string, T>>;

/// 15 or 15.0.3: a version that is told apart, with or without the rest of its number.
std::string check_version(const std::string& word) {
  const auto version = version_of(word);
  const std::string_view major = std::string_view(word).substr(0, word.find('.'));
  return version && major == std::to_string(*version) ? std::string()
                                                      : fmt::format("expected 9.6, 11, 13 or 15, found {}", word);
}

/// An option with a word for each value. (CLI11's own transformers put their tables into the help.)
template <class T>
CLI::Option* add_choice(CLI::App& app, const std::string& name, const Choices<T>& choices, T& into,
                        const std::string& meaning) {
  const auto check = [choices](const std::string& word) {
    std::string words;
    for (const auto& choice : choices) {
      if (choice.first == word) return std::string();
      words += &choice == &choices.front() ? "" : &choice == &choices.back() ? " or " : ", ";
      words += choice.first;
    }
    return fmt::format("expected {}, found {}", words, word);
  };
  const auto store = [choices, &into](const std::string& word) {
    for (const auto& [choice, value] : choices) {
      if (choice == word) into = value;
    }
  };
  return app.add_option_function<std::string>(name, store, meaning)->check(check);
}

/// A CLI11 check: empty, or what is wrong.
std::string check_code(const std::string& code) {
  return find_rule(code) ? std::string() : fmt::format("there is no rule {}; --list-rules shows them", code);
}

void add_input(CLI::App& app, Options& options) {
  const auto input = [](CLI::Option* option) { return option->group("Files"); };
  input(app.add_option("--dir", options.dir, "the Director's bacula-dir.conf; - is standard input"))
      ->type_name("FILE[@VERSION]");
  input(app.add_option("--sd", options.sds, "a Storage Daemon's bacula-sd.conf; may be given several times"))
      ->type_name("[HOST=]FILE[:storage-ctl.conf][@VERSION]")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  input(app.add_option("--inventory", options.inventories,
                       "what a host knows of its hardware, as shstore-status --inventory writes it"))
      ->type_name("[HOST=]FILE")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  input(app.add_option("--stdin-filename", options.stdin_name, "what standard input is called"))->type_name("NAME");
  input(app.add_flag_function(
      "--here", [&](int64_t) { options.is_here = true; },
      "the Storage Daemons are this machine's: look at the files that they name"));
  input(app.add_flag_function(
      "--not-here", [&](int64_t) { options.is_here = false; }, "they are another machine's"));
  input(app.add_flag("--allow-commands", options.allow_commands, "run the commands of @|command includes"));
  input(app.add_option("--bacula-version", options.version_word,
                       "the Bacula of files that have no @VERSION: 9.6, 11, 13 or 15"))
      ->type_name("VERSION")
      ->check(check_version);
  input(app.add_option("--upgrade-to", options.upgrade_word,
                       "also tell what this version will refuse: 9.6, 11, 13 or 15"))
      ->type_name("VERSION")
      ->check(check_version);
}

void add_selection(CLI::App& app, Options& options) {
  const auto selection = [](CLI::Option* option) { return option->group("Findings"); };
  for (const auto& [name, into, meaning] : {std::tuple("--select", &options.select, "only these rules"),
                                            std::tuple("--ignore", &options.ignore, "not these rules")}) {
    selection(app.add_option(name, *into, meaning))
        ->type_name("CODE,...")
        ->delimiter(',')
        ->expected(1)
        ->take_all()
        ->check(check_code);
  }
  const Choices<Level> levels = {{"error", Level::error}, {"warning", Level::warning}, {"info", Level::info}};
  selection(add_choice(app, "--min-level", levels, options.min_level, "what to show: error, warning or info (default)"))
      ->type_name("LEVEL");
  selection(app.add_flag("--error-on-warning", options.error_on_warning, "warnings, too, make the exit status 1"));
  selection(app.add_flag("--exit-zero", options.exit_zero, "findings do not change the exit status"));
}

void add_output(CLI::App& app, Options& options) {
  const auto output = [](CLI::Option* option) { return option->group("Output"); };
  Choices<std::string> formats;
  std::string meaning = "how to print:";
  for (const Renderer& renderer : all_renderers()) {
    meaning += fmt::format("{}\n{} ({})", formats.empty() ? "" : ",", renderer.name, renderer.meaning);
    formats.emplace_back(renderer.name, renderer.name);
  }
  output(add_choice(app, "--format", formats, options.format, meaning))->type_name("FORMAT");
  using Colour = Options::Colour;
  const Choices<Colour> colours = {{"auto", Colour::automatic}, {"always", Colour::always}, {"never", Colour::never}};
  output(add_choice(app, "--color", colours, options.colour,
                    "always, never or auto (default): on a terminal, unless NO_COLOR is set"))
      ->type_name("WHEN");
}

/// What needs the same files as linting.
void add_repairs(CLI::App& app, Options& options) {
  using Action = Options::Action;
  const auto repair = [](CLI::Option* option) { return option->group("Repair"); };
  repair(app.add_flag_function(
      "--fix", [&](int64_t) { options.action = Action::fix; },
      "change the files where the right answer is certain, then lint what is left"));
  repair(app.add_flag_function(
      "--diff", [&](int64_t) { options.action = Action::diff; },
      "print what --fix would change, for patch -p1; the exit status is 1 if there is anything"));
  repair(app.add_option("--graph", options.graph,
                        "draw the site instead of linting: as text (default), or as dot for Graphviz"))
      ->type_name("FORM")
      ->expected(0, 1)
      ->default_str("text")
      ->check(CLI::IsMember({"text", "dot"}))
      ->each([&](const std::string&) { options.action = Action::graph; });
}

void add_generation(CLI::App& app, Options& options) {
  const auto generation = [](CLI::Option* option) { return option->group("Writing a configuration"); };
  generation(app.add_flag_function(
      "--generate", [&](int64_t) { options.action = Options::Action::generate; },
      "print the configuration of a site whose hosts have these --inventory files"));
  generation(app.add_option("--into", options.into, "write it into files below this folder"))->type_name("FOLDER");
  generation(app.add_option("--passwords", options.passwords, "lines HOST PASSWORD; without one it stays @PASSWORD@"))
      ->type_name("FILE");
  generation(app.add_option("--at", options.addresses, "where a host's Storage Daemon is reached"))
      ->type_name("HOST=ADDRESS[:PORT]")
      ->expected(1)
      ->take_all();
  generation(app.add_option("--director", options.director, "the Director's name (bacula-dir)"))->type_name("NAME");
  generation(app.add_option("--working", options.working, "Working Directory, if not where the host's Bacula has it"))
      ->type_name("FOLDER");
  generation(app.add_option("--plugins", options.plugins, "Plugin Directory, likewise"))->type_name("FOLDER");
  generation(app.add_option("--scripts", options.scripts, "where storage-ctl is, likewise"))->type_name("FOLDER");
}

void add_other_actions(CLI::App& app, Options& options) {
  using Action = Options::Action;
  const auto other = [](CLI::Option* option) { return option->group("Instead of linting"); };
  other(app.add_option("--explain", options.explain, "what a rule is about, why, and how to repair it"))
      ->type_name("CODE")
      ->check(check_code)
      ->each([&](const std::string&) { options.action = Action::explain; });
  other(app.add_flag_function(
      "--list-rules", [&](int64_t) { options.action = Action::list_rules; }, "all rules; also with --format json"));
  other(app.add_option("--print-config", options.print_config,
                       "the file as bsdjson or bdirjson prints it, without secrets"))
      ->type_name("sd|dir FILE")
      ->expected(2)
      ->allow_extra_args(false)
      ->each([&](const std::string&) { options.action = Action::print_config; });
  app.set_version_flag("--version", std::string("shstore-lint (shstore) " SHSTORE_VERSION))
      ->group("Instead of linting");
  app.set_help_flag("-h,--help", "this")->group("Instead of linting");
}

/// What no single option can know.
std::string what_is_wrong(const Options& options) {
  if (options.action == Options::Action::list_rules && options.format != "text" && options.format != "json") {
    return "--list-rules can be printed as text and json";
  }
  if (options.action == Options::Action::print_config && options.print_config[0] != "sd" &&
      options.print_config[0] != "dir") {
    return fmt::format("--print-config: expected sd or dir, found {}", options.print_config[0]);
  }
  using Action = Options::Action;
  constexpr std::array kWithoutFiles = {Action::explain, Action::list_rules, Action::print_config};
  if (std::find(kWithoutFiles.begin(), kWithoutFiles.end(), options.action) != kWithoutFiles.end()) return {};
  if (options.action == Action::generate) {
    if (options.inventories.empty()) return "--generate needs the --inventory of each host";
    return options.dir.empty() && options.sds.empty() ? "" : "--generate writes files: --dir and --sd are not for it";
  }
  if (options.dir.empty() && options.sds.empty())
    return "--dir or --sd is required: there is nothing to check. For this host: shstore-lint --sd " +
           std::string(base::etc_dir()) + "/bacula-sd.conf";
  const auto from_stdin = std::count(options.sds.begin(), options.sds.end(), "-") + (options.dir == "-" ? 1 : 0);
  const bool is_repair = options.action == Options::Action::fix || options.action == Options::Action::diff;
  if (from_stdin > 0 && is_repair) return "--fix and --diff need files: standard input cannot be changed";
  if (from_stdin > 1) return "only one file can be standard input";
  if (from_stdin == 0 && !options.stdin_name.empty()) return "--stdin-filename needs a file that is -";
  return {};
}

}  // namespace

tl::expected<Options, Farewell> parse_options(std::vector<std::string> words) {
  Options options;
  CLI::App app{
      "Checks the bacula-sd.conf files of shared drives against each other, the Director's file and the hardware.",
      "shstore-lint"};
  app.footer(kFooter);
  add_input(app, options);
  add_selection(app, options);
  add_output(app, options);
  add_repairs(app, options);
  add_generation(app, options);
  add_other_actions(app, options);
  app.failure_message([](const CLI::App*, const CLI::Error& e) { return base::usage_words(e.what()); });
  try {
    std::reverse(words.begin(), words.end());
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, err;
    const bool is_success = app.exit(error, out, err) == 0;
    return tl::make_unexpected(Farewell{is_success ? 0 : 2, is_success ? out.str() : "shstore-lint: " + err.str()});
  }
  options.bacula_version = version_of(options.version_word);
  options.upgrade_to = version_of(options.upgrade_word).value_or(0);
  const std::string problem = what_is_wrong(options);
  if (problem.empty()) return options;
  return tl::make_unexpected(
      Farewell{2, fmt::format("shstore-lint: {}\nRun with --help for more information.\n", base::printable(problem))});
}

}  // namespace shstore::config::lint
