#include <nlohmann/json.hpp>

#include "config/lint/program/report.h"
#include "scsi/base/printable.h"

namespace shstore::config::lint {
namespace {

using nlohmann::ordered_json;

ordered_json number_or_null(uint32_t number) { return number == 0 ? ordered_json() : ordered_json(number); }

ordered_json text_or_null(const std::string& text) { return text.empty() ? ordered_json() : ordered_json(text); }

/// Columns and lengths count bytes.
ordered_json to_json(const Place& place) {
  return {{"file", place.file},
          {"line", number_or_null(place.line)},
          {"column", number_or_null(place.column)},
          {"length", number_or_null(place.length)}};
}

ordered_json to_json(const Fix& fix) {
  ordered_json edits = ordered_json::array();
  for (const Edit& edit : fix.edits) {
    ordered_json entry = to_json(edit.at);
    entry["length"] = edit.at.length;
    entry["text"] = edit.text;
    edits.push_back(std::move(entry));
  }
  return {{"title", fix.title}, {"edits", std::move(edits)}};
}

ordered_json to_json(const Finding& finding) {
  ordered_json notes = ordered_json::array();
  for (const Note& note : finding.notes) {
    ordered_json entry = to_json(note.at);
    entry["message"] = note.text;
    notes.push_back(std::move(entry));
  }
  ordered_json result = {{"code", finding.code}, {"level", to_text(finding.level)}};
  result.update(to_json(finding.at));
  result["message"] = finding.message;
  result["help"] = text_or_null(finding.help);
  result["notes"] = std::move(notes);
  result["fix"] = finding.fix ? to_json(*finding.fix) : ordered_json();
  return result;
}

}  // namespace

std::string render_json(const Report& report, const Look&) {
  ordered_json findings = ordered_json::array();
  for (const Finding& finding : report.findings) findings.push_back(to_json(finding));
  const Count found = count(report.findings);
  const ordered_json result = {
      {"schema", "shstore-lint/1"},
      {"findings", std::move(findings)},
      {"summary",
       {{"errors", found.errors}, {"warnings", found.warnings}, {"infos", found.infos}, {"files", report.files}}}};
  return base::printable_json(result.dump(2, ' ', false, ordered_json::error_handler_t::replace)) + "\n";
}

}  // namespace shstore::config::lint
