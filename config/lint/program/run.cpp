#include "config/lint/program/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <ostream>
#include <set>
#include <tuple>

#include "config/lint/fix/repair.h"
#include "config/lint/graph.h"
#include "config/lint/program/explain.h"
#include "config/lint/program/generate_command.h"
#include "config/lint/program/ignores.h"
#include "config/lint/program/load_site.h"
#include "config/lint/program/options.h"
#include "config/lint/program/report.h"
#include "config/print_config.h"
#include "scsi/base/printable.h"

namespace shstore::config::lint {
namespace {

bool contains(const std::vector<std::string>& codes, std::string_view code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

std::vector<const Rule*> chosen_rules(const Options& options) {
  std::vector<const Rule*> rules;
  for (const Rule* rule : all_rules()) {
    const bool is_selected = options.select.empty() || contains(options.select, rule->code);
    if (is_selected && !contains(options.ignore, rule->code)) rules.push_back(rule);
  }
  return rules;
}

auto order_of(const Finding& finding) {
  return std::tie(finding.at.file, finding.at.line, finding.at.column, finding.code, finding.message);
}

/// Sorts, and leaves out what two files that include the same third one have found twice.
void tidy(std::vector<Finding>& findings) {
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return order_of(a) < order_of(b); });
  const auto is_same = [](const Finding& a, const Finding& b) { return order_of(a) == order_of(b); };
  findings.erase(std::unique(findings.begin(), findings.end(), is_same), findings.end());
}

/// Takes out what comments silence, and puts in what is wrong with the comments.
class Silencer {
 public:
  Silencer(const Texts& texts, const std::vector<const Rule*>& rules) : rules_(rules) {
    for (const std::string& path : texts.paths()) {
      for (Ignore& ignore : find_ignores(path, *texts.text(path))) ignores_.push_back(std::move(ignore));
    }
  }

  std::vector<Finding> apply(std::vector<Finding> findings) const {
    Kept kept = apply_ignores(std::move(findings), ignores_);
    if (const Rule* const rule = chosen("SHS109")) {
      Reporter report(*rule, kept.findings);
      for (const Ignore& ignore : ignores_) {
        if (!ignore.problem.empty())
          report.add(ignore.at, ignore.problem, "write # shstore-lint: ignore SHS001 -- the reason");
      }
    }
    if (const Rule* const rule = chosen("SHS108")) {
      Reporter report(*rule, kept.findings);
      for (const Kept::Unused& unused : kept.unused) {
        if (!chosen(unused.code)) continue;
        report.add(unused.ignore->at, fmt::format("there is no {} here that this comment could silence", unused.code),
                   "remove it, or see that it is on the line of the finding or right above it");
      }
    }
    return std::move(kept.findings);
  }

 private:
  const Rule* chosen(std::string_view code) const {
    const auto found = std::find_if(rules_.begin(), rules_.end(), [&](const Rule* rule) { return rule->code == code; });
    return found == rules_.end() ? nullptr : *found;
  }

  const std::vector<const Rule*>& rules_;
  std::vector<Ignore> ignores_;
};

ExitStatus print(const Options& options, World& world) {
  PrintOptions how;
  how.mask_secrets = true;
  how.version = options.bacula_version.value_or(0);
  how.may_be_a_part = false;
  const Program program = options.print_config[0] == "dir" ? Program::dir : Program::sd;
  const auto text = print_config(program, options.print_config[1], world.files, how);
  if (text) {
    world.out << base::printable_json(*text);
    return ExitStatus::clean;
  }
  for (const Diagnostic& diagnostic : text.error().diagnostics) {
    world.err << base::printable(config::to_text(diagnostic, text.error().files)) << '\n';
  }
  return ExitStatus::could_not_run;
}

bool wants_colour(const Options& options, const World& world) {
  if (options.colour != Options::Colour::automatic) return options.colour == Options::Colour::always;
  return world.is_terminal && !world.no_color;
}

ExitStatus status_of(const Report& report, const Options& options) {
  const Count found = count(report.findings);
  const bool counts = found.errors > 0 || (options.error_on_warning && found.warnings > 0);
  return counts && !options.exit_zero ? ExitStatus::findings : ExitStatus::clean;
}

/// What is to be told of a site: silenced findings, and those below the level asked for, left out.
std::vector<Finding> findings_of(const LoadedSite& loaded, const Options& options, const World& world) {
  const std::vector<const Rule*> rules = chosen_rules(options);
  std::vector<Finding> findings = run_rules(loaded.site, world.disk, rules);
  findings = Silencer(loaded.texts, rules).apply(std::move(findings));
  std::erase_if(findings, [&](const Finding& finding) { return finding.level > options.min_level; });
  tidy(findings);
  return findings;
}

ExitStatus could_not_run(World& world, std::string_view why) {
  world.err << "shstore-lint: " << base::printable(why) << '\n';
  return ExitStatus::could_not_run;
}

void leave_to_the_system(LoadedSite&& site) {
  static const LoadedSite* const kept = new LoadedSite(std::move(site));
  static_cast<void>(kept);
}

ExitStatus lint(const Options& options, World& world) {
  auto loaded = load_site(options, world);
  if (!loaded) return could_not_run(world, loaded.error());
  const Report report{findings_of(*loaded, options, world), loaded->files, loaded->texts};
  world.out << find_renderer(options.format)->render(report, {wants_colour(options, world), world.directory});
  for (const std::string& line : loaded->assumed) world.err << "shstore-lint: " << base::printable(line) << '\n';
  for (const std::string& file : loaded->unusable) {
    world.err << fmt::format("shstore-lint: {}: nothing of this file could be understood\n", base::printable(file));
  }
  const auto status = loaded->unusable.empty() ? status_of(report, options) : ExitStatus::could_not_run;
  if (world.ends_after) leave_to_the_system(*std::move(loaded));
  return status;
}

template <class Config>
size_t errors_in(const Config& config) {
  return static_cast<size_t>(std::count_if(config.diagnostics.begin(), config.diagnostics.end(),
                                           [](const Diagnostic& d) { return d.severity == Severity::error; }));
}

size_t parse_errors(const Site& site) {
  size_t errors = site.director ? errors_in(*site.director) : 0;
  for (const SiteSd& sd : site.sds) errors += errors_in(sd.config);
  return errors;
}

/// Of the site as it is on the disk; what cannot be loaded is told at once, and nothing is repaired then.
std::optional<Repair> repair_site(const Options& options, World& world) {
  std::string problem;
  const Check check = [&](FileReader& files) {
    World changed{.files = files,
                  .commands = world.commands,
                  .disk = world.disk,
                  .standard_input = world.standard_input,
                  .host = world.host,
                  .directory = world.directory,
                  .out = world.out,
                  .err = world.err};
    const auto loaded = load_site(options, changed);
    if (!loaded) {
      problem = loaded.error();
      return Checked{};
    }
    return Checked{findings_of(*loaded, options, world), parse_errors(loaded->site)};
  };
  Repair result = repair(world.files, check);
  for (const std::string& note : result.notes) world.err << "shstore-lint: " << base::printable(note) << '\n';
  if (problem.empty()) return result;
  could_not_run(world, problem);
  return std::nullopt;
}

/// For a person's eyes; patch(1) gets the bytes as they are.
std::string for_eyes(std::string_view text) { return base::printable_text(text, base::kReplacementCharacter); }

ExitStatus diff(const Options& options, World& world) {
  auto repaired = repair_site(options, world);
  if (!repaired) return ExitStatus::could_not_run;
  for (FileChange& change : repaired->changes) {
    const bool forges = base::commands_a_workflow(diff_text({change}, false));
    if (forges) {
      world.err << fmt::format(
          "shstore-lint: {}: a line that changes would be taken for a command by the log of a workflow: it is shown otherwise "
          "here, and patch(1) will not take it. Use --fix\n",
          base::printable(change.path));
    }
    if (forges || world.is_terminal) change = {for_eyes(change.path), for_eyes(change.before), for_eyes(change.after)};
  }
  world.out << diff_text(repaired->changes, wants_colour(options, world));
  return repaired->changes.empty() ? ExitStatus::clean : ExitStatus::findings;
}

/// Writes what it can, tells of it, and lints what is on the disk then.
ExitStatus fix(const Options& options, World& world) {
  const auto repaired = repair_site(options, world);
  if (!repaired) return ExitStatus::could_not_run;
  if (const auto written = write_files(repaired->changes); !written) return could_not_run(world, written.error());
  // Other forms than text are read by programs.
  (options.format == "text" ? world.out : world.err)
      << base::printable_lines(fixed_text(repaired->fixed), base::kReplacementCharacter);
  return lint(options, world);
}

ExitStatus graph(const Options& options, World& world) {
  const auto loaded = load_site(options, world);
  if (!loaded) return could_not_run(world, loaded.error());
  world.out << base::printable_lines(options.graph == "dot" ? graph_dot(loaded->site) : graph_text(loaded->site),
                                     base::kReplacementCharacter);
  return loaded->unusable.empty() ? ExitStatus::clean : ExitStatus::could_not_run;
}

}  // namespace

ExitStatus run(const std::vector<std::string>& words, World& world) {
  const auto options = parse_options(words);
  if (!options) {
    (options.error().status == 0 ? world.out : world.err) << options.error().text;
    return static_cast<ExitStatus>(options.error().status);
  }
  switch (options->action) {
    case Options::Action::explain: world.out << explain(*find_rule(options->explain)); return ExitStatus::clean;
    case Options::Action::list_rules:
      world.out << (options->format == "json" ? list_rules_as_json() : list_rules_as_text());
      return ExitStatus::clean;
    case Options::Action::fix: return fix(*options, world);
    case Options::Action::diff: return diff(*options, world);
    case Options::Action::graph: return graph(*options, world);
    case Options::Action::print_config: return print(*options, world);
    case Options::Action::generate: return generate_files(*options, world);
    case Options::Action::lint: break;
  }
  return lint(*options, world);
}

}  // namespace shstore::config::lint
