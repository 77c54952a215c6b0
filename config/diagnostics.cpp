#include "config/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>

namespace shstore::config {
namespace {

constexpr size_t most_diagnostics = 1000;             // nobody reads more
constexpr size_t full_shelf = 8 * most_diagnostics;  // sorting that seldom costs little

}  // namespace

void Diagnostics::add(Severity severity, const Location& at, std::string message, Diagnostic::Kind kind) {
  put(severity == Severity::error ? errors_ : warnings_, {severity, at, std::move(message), kind});
}

void Diagnostics::missing(const Location& at, std::string message, Diagnostic::Kind kind) {
  put(missing_, {Severity::error, at, std::move(message), kind});
}

void Diagnostics::put(Shelf& shelf, Diagnostic diagnostic) {
  shelf.push_back({std::move(diagnostic), added_++});
  if (shelf.size() < full_shelf) return;
  sort(shelf);
  shelf.resize(most_diagnostics);
}

void Diagnostics::sort(Shelf& shelf) {
  const auto place = [](const Entry& entry) {
    const Location& at = entry.diagnostic.at;
    return std::tuple(at.file, at.line, at.column, entry.number);
  };
  std::sort(shelf.begin(), shelf.end(), [&](const Entry& a, const Entry& b) { return place(a) < place(b); });
}

std::vector<Diagnostic> Diagnostics::take(bool commands_skipped) {
  for (Entry& entry : missing_) {
    if (!commands_skipped) break;
    entry.diagnostic.severity = Severity::warning;
    entry.diagnostic.message += ", unless the output of a command that was left out brings it";
  }
  Shelf& shelf = commands_skipped ? warnings_ : errors_;
  std::move(missing_.begin(), missing_.end(), std::back_inserter(shelf));
  const bool has_all = added_ <= most_diagnostics;
  if (!has_all) {
    sort(errors_);
    sort(warnings_);
  }
  std::move(warnings_.begin(), warnings_.end(), std::back_inserter(errors_));
  if (has_all) sort(errors_);
  errors_.resize(std::min(errors_.size(), most_diagnostics));

  std::vector<Diagnostic> result;
  for (Entry& entry : errors_) result.push_back(std::move(entry.diagnostic));
  if (!has_all) {
    result.push_back({Severity::warning, result.back().at,
                      fmt::format("{} more messages are left out", added_ - most_diagnostics),
                      Diagnostic::Kind::left_out});
  }
  return result;
}

}  // namespace shstore::config
