#include "config/lint/program/explain.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "config/lint/program/report.h"

namespace shstore::config::lint {

std::string explain(const Rule& rule) {
  return fmt::format("{} ({}): {}\n\n{}\n", rule.code, to_text(rule.level), rule.title, rule.page);
}

std::string list_rules_as_text() {
  std::string text;
  for (const Rule* rule : all_rules()) {
    text += fmt::format("{:<8} {:<8} {}\n", rule->code, to_text(rule->level), rule->title);
  }
  return text;
}

std::string list_rules_as_json() {
  using nlohmann::ordered_json;
  ordered_json rules = ordered_json::array();
  for (const Rule* rule : all_rules()) {
    rules.push_back(
        {{"code", rule->code}, {"level", to_text(rule->level)}, {"title", rule->title}, {"page", rule->page}});
  }
  return ordered_json{{"schema", "shstore-lint-rules/1"}, {"rules", std::move(rules)}}.dump(2) + "\n";
}

}  // namespace shstore::config::lint
