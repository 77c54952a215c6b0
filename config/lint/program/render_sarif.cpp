// SARIF 2.1.0 (OASIS Standard, 27 March 2020). All rules are declared, also those that found nothing, so that a viewer can
// show their pages.
#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "config/lint/program/excerpt.h"
#include "config/lint/program/report.h"
#include "config/lint/program/utf8.h"
#include "config/lint/rule.h"
#include "scsi/base/printable.h"

namespace shstore::config::lint {
namespace {

using nlohmann::ordered_json;

std::string_view sarif_level(Level level) { return level == Level::info ? "note" : to_text(level); }

ordered_json text_object(std::string_view text) { return {{"text", text}}; }

/// RFC 3986: what is neither unreserved nor a "/" is written as %XX.
std::string percent_encoded(std::string_view path) {
  std::string result;
  for (const char c : path) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          std::string_view("-._~/").find(c) != std::string_view::npos;
    if (is_plain) {
      result += c;
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return result;
}

/// FNV-1a.
uint64_t hash_of(std::string_view text) {
  uint64_t hash = 14695981039346656037U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash;
}

class SarifRenderer {
 public:
  SarifRenderer(const Report& report, const Look& look) : report_(report), look_(look) {}

  std::string run() {
    ordered_json rules = ordered_json::array();
    for (const Rule* rule : all_rules()) {
      rule_index_[rule->code] = rules.size();
      rules.push_back(to_json(*rule));
    }
    ordered_json results = ordered_json::array();
    for (const Finding& finding : report_.findings) results.push_back(to_json(finding));
    const ordered_json driver = {{"name", "shstore-lint"}, {"version", SHSTORE_VERSION}, {"rules", std::move(rules)}};
    const ordered_json run = {
        {"tool", {{"driver", driver}}}, {"columnKind", "unicodeCodePoints"}, {"results", std::move(results)}};
    const ordered_json log = {
        {"$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"},
        {"version", "2.1.0"},
        {"runs", ordered_json::array({run})}};
    return base::printable_json(log.dump(2, ' ', false, ordered_json::error_handler_t::replace)) + "\n";
  }

 private:
  static ordered_json to_json(const Rule& rule) {
    return {{"id", rule.code},
            {"shortDescription", text_object(rule.title)},
            {"help", text_object(rule.page)},
            {"defaultConfiguration", {{"level", sarif_level(rule.level)}}}};
  }

  ordered_json to_json(const Finding& finding) {
    std::string text = finding.message;
    if (!finding.help.empty()) text += "\n" + finding.help;
    ordered_json result = {{"ruleId", finding.code},
                           {"ruleIndex", rule_index_.at(finding.code)},
                           {"level", sarif_level(finding.level)},
                           {"message", text_object(text)},
                           {"locations", ordered_json::array({location(finding.at)})},
                           {"partialFingerprints", {{"shstore-lint/v1", fingerprint(finding)}}}};
    for (const Note& note : finding.notes) {
      ordered_json related = location(note.at);
      related["message"] = text_object(note.text);
      result["relatedLocations"].push_back(std::move(related));
    }
    if (finding.fix) result["fixes"] = ordered_json::array({to_json(*finding.fix)});
    return result;
  }

  ordered_json to_json(const Fix& fix) const {
    std::map<std::string, ordered_json> by_file;
    for (const Edit& edit : fix.edits) {
      ordered_json& replacements = by_file[edit.at.file];
      replacements.push_back(
          {{"deletedRegion", region(edit.at, edit.at.length)}, {"insertedContent", text_object(edit.text)}});
    }
    ordered_json changes = ordered_json::array();
    for (auto& [file, replacements] : by_file) {
      changes.push_back({{"artifactLocation", artifact(file)}, {"replacements", std::move(replacements)}});
    }
    return {{"description", text_object(fix.title)}, {"artifactChanges", std::move(changes)}};
  }

  ordered_json location(const Place& place) const {
    ordered_json physical = {{"artifactLocation", artifact(place.file)}};
    if (place.line != 0) {
      const std::string_view line = report_.texts.line(place.file, place.line);
      const uint32_t length = place.length != 0 ? place.length : word_length(line, place.column);
      physical["region"] = region(place, length);
    }
    return {{"physicalLocation", std::move(physical)}};
  }

  /// Relative to the directory the linter was started in where the file lies below it.
  ordered_json artifact(const std::string& path) const {
    const std::filesystem::path file(path);
    if (file.is_relative())
      return {{"uri", percent_encoded(file.lexically_normal().string())}, {"uriBaseId", "%SRCROOT%"}};
    const std::string relative = file.lexically_relative(look_.directory).string();
    if (!look_.directory.empty() && !relative.empty() && !relative.starts_with("..")) {
      return {{"uri", percent_encoded(relative)}, {"uriBaseId", "%SRCROOT%"}};
    }
    return {{"uri", "file://" + percent_encoded(path)}};
  }

  /// SARIF's region from the place on, `length` bytes long, line ends among them.
  ordered_json region(const Place& place, size_t length) const {
    const auto text = report_.texts.text(place.file);
    if (!text) return {{"startLine", place.line}, {"startColumn", place.column}};
    const Lines& lines = report_.texts.lines(place.file);
    const size_t line_start = lines.offset(place.line, 1);
    const size_t first = std::min(lines.offset(place.line, place.column), text->size());
    const std::string_view covered = text->substr(first, length);
    const size_t start_column = count_characters(text->substr(line_start, first - line_start)) + 1;
    const auto line_ends = static_cast<size_t>(std::count(covered.begin(), covered.end(), '\n'));
    const size_t last_line = line_ends == 0 ? 0 : covered.rfind('\n') + 1;
    const size_t end_column = count_characters(covered.substr(last_line)) + (line_ends == 0 ? start_column : 1);
    return {{"startLine", place.line},
            {"startColumn", start_column},
            {"endLine", place.line + line_ends},
            {"endColumn", end_column}};
  }

  /// The same finding keeps its fingerprint when lines are added above it. Equal ones are numbered.
  std::string fingerprint(const Finding& finding) {
    std::string words;
    for (const char c : report_.texts.line(finding.at.file, finding.at.line)) {
      if (c != ' ' && c != '\t') words += c;
    }
    const uint64_t hash = hash_of(fmt::format("{}\n{}\n{}", finding.code, artifact(finding.at.file).dump(), words));
    return fmt::format("{:016x}:{}", hash, ++times_seen_[hash]);
  }

  const Report& report_;
  const Look& look_;
  std::map<std::string_view, size_t> rule_index_;
  std::map<uint64_t, int> times_seen_;
};

}  // namespace

std::string render_sarif(const Report& report, const Look& look) { return SarifRenderer(report, look).run(); }

}  // namespace shstore::config::lint
