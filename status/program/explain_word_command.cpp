// shstore-status --explain [WORD]: what a state of a drive or a metric means, and what to do about it.
#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "status/meanings.h"
#include "status/printable.h"
#include "status/program/command.h"
#include "status/show/prometheus.h"

namespace shstore::status {
namespace {

std::vector<Meaning> everything() {
  auto all = meanings();
  for (const auto& metric : all_metrics())
    all.push_back({"metric (" + metric.type + ')', metric.name, "", metric.help, ""});
  return all;
}

std::string page(const Meaning& m) {
  return fmt::format("{}: {}{}\n\n{}\n{}", m.word, m.kind, m.severity.empty() ? "" : "; --check says " + m.severity,
                     m.what, m.action.empty() ? "" : "\nWhat to do: " + m.action + '\n');
}

nlohmann::ordered_json as_json(const std::vector<Meaning>& all) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& m : all) {
    list.push_back({{"kind", m.kind},
                    {"word", m.word},
                    {"severity", m.severity.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(m.severity)},
                    {"what", m.what},
                    {"action", m.action.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(m.action)}});
  }
  return {{"schema", "shstore-status-words/1"}, {"words", std::move(list)}};
}

int run_explain_word(const Request& request, const std::string& word) {
  std::vector<Meaning> chosen;
  for (auto& m : everything()) {
    if (word.empty() || m.word == word) chosen.push_back(std::move(m));
  }
  if (chosen.empty()) {
    std::cerr << fmt::format("shstore-status: \"{}\" is no state and no metric; --explain without a word lists them\n",
                             printable(word));
    return kUsage;
  }
  if (request.json) {
    std::cout << as_json(chosen).dump(2) << '\n';
  } else if (word.empty()) {
    for (const auto& m : chosen) std::cout << fmt::format("{:<38} {}\n", m.word, m.what.substr(0, m.what.find(". ")));
  } else {
    for (size_t i = 0; i < chosen.size(); ++i) std::cout << (i == 0 ? "" : "\n") << page(chosen[i]);
  }
  return kDone;
}

}  // namespace

Command add_explain_word_command(CLI::App& app) {
  const auto word = std::make_shared<std::string>();
  auto* option =
      app.add_option("--explain", *word, "say what a state or a metric means and what to do; without WORD all of them");
  option->expected(0, 1)->type_name("[WORD]");
  return {option, [word](const Request& request) { return run_explain_word(request, *word); }, false};
}

}  // namespace shstore::status
