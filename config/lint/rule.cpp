#include "config/lint/rule.h"

#include <algorithm>
#include <tuple>

namespace shstore::config::lint {
namespace {

template <class Config>
Place place_in(const Config& config, const Location& at, uint32_t length) {
  const std::string file = at.file < config.files.size() ? config.files[at.file] : std::string();
  return {file, at.line, at.column, length};
}

/// A configuration reads each of its files once, however often it includes it: Editor counts includes itself.
template <class Config>
void add_texts(const Config& config, Editor& editor) {
  if (!config.sources) return;
  for (const SourceText& file : config.sources->files) editor.add(file.path, file.text);
}

void make_known(const Site& site, Editor& editor) {
  if (site.director) add_texts(*site.director, editor);
  for (const SiteSd& sd : site.sds) add_texts(sd.config, editor);
}

}  // namespace

tl::expected<std::string, std::string> Surroundings::conf_of(const StorageCtl& command) const {
  if (!command.conf.empty()) return command.conf;
  return command.program.substr(0, command.program.rfind('/') + 1) + "storage-ctl.conf";
}

Finding& Reporter::add(Place at, std::string message, std::string help) {
  Finding finding;
  finding.code = rule_.code;
  finding.level = rule_.level;
  finding.at = std::move(at);
  finding.message = std::move(message);
  finding.help = std::move(help);
  into_.push_back(std::move(finding));
  return into_.back();
}

Place place(const SdConfig& config, const Location& at, uint32_t length) { return place_in(config, at, length); }

Place place(const DirConfig& config, const Location& at, uint32_t length) { return place_in(config, at, length); }

Place place(const StorageCtlText& text, const Location& at, uint32_t length) {
  return {text.path, at.line, at.column, length};
}

Place place(const ChangerText& text, const Location& at, uint32_t length) {
  return {text.path, at.line, at.column, length};
}

const Rule* find_rule(std::string_view code) {
  for (const Rule* rule : all_rules()) {
    if (rule->code == code) return rule;
  }
  return nullptr;
}

std::vector<Finding> run_rules(const Site& site, const Surroundings& around, std::span<const Rule* const> rules) {
  std::vector<Finding> findings;
  Editor editor;
  make_known(site, editor);
  const Drives drives(site);
  for (const Rule* rule : rules) {
    Reporter report(*rule, findings, editor, drives);
    if (rule->check) rule->check(site, around, report);
  }
  const auto key = [](const Finding& f) { return std::tie(f.at.file, f.at.line, f.at.column, f.code); };
  std::stable_sort(findings.begin(), findings.end(),
                   [&](const Finding& a, const Finding& b) { return key(a) < key(b); });
  return findings;
}

}  // namespace shstore::config::lint
