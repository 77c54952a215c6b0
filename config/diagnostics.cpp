#include "config/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace shstore::config {
namespace {

constexpr size_t kMostDiagnostics = 1000;            // nobody reads more
constexpr size_t kFullShelf = 8 * kMostDiagnostics;  // sorting that seldom costs little

std::tuple<uint32_t, uint32_t, uint32_t> place(const Diagnostic& diagnostic) {
  const Location& at = diagnostic.at;
  return {at.file, at.line, at.column};
}

}  // namespace

void Diagnostics::add(Severity severity, const Location& at, std::string message, Diagnostic::Kind kind) {
  put(severity == Severity::error ? errors_ : warnings_, {severity, at, std::move(message), kind});
}

void Diagnostics::missing(const Location& at, std::string message, Diagnostic::Kind kind) {
  put(missing_, {Severity::error, at, std::move(message), kind});
}

void Diagnostics::depends(const Location& at, std::string what, int since, int gone) {
  if (bound_.size() < kMostDiagnostics) bound_.push_back({at, std::move(what), since, gone});
}

void Diagnostics::put(Shelf& shelf, Diagnostic diagnostic) {
  const uint64_t number = added_++;
  std::vector<Entry>& entries = shelf.entries;
  if (shelf.is_full && place(entries[kMostDiagnostics - 1].diagnostic) <= place(diagnostic)) return;
  entries.push_back({std::move(diagnostic), number});
  if (entries.size() < kFullShelf) return;
  sort(shelf);
  entries.resize(kMostDiagnostics);
  shelf.is_full = true;
}

void Diagnostics::sort(Shelf& shelf) {
  const auto key = [](const Entry& entry) { return std::pair(place(entry.diagnostic), entry.number); };
  std::sort(shelf.entries.begin(), shelf.entries.end(),
            [&](const Entry& a, const Entry& b) { return key(a) < key(b); });
}

bool Diagnostics::is_only_syntax(size_t at_least) const {
  if (added_ < at_least || !missing_.entries.empty()) return false;
  for (const Shelf* shelf : {&errors_, &warnings_}) {
    for (const Entry& entry : shelf->entries) {
      const Diagnostic::Kind kind = entry.diagnostic.kind;
      if (kind != Diagnostic::Kind::syntax) return false;
    }
  }
  return true;
}

std::vector<Diagnostic> Diagnostics::take(bool commands_skipped) {
  for (Entry& entry : missing_.entries) {
    if (!commands_skipped) break;
    entry.diagnostic.severity = Severity::warning;
    entry.diagnostic.message += ", unless the output of a command that was left out brings it";
  }
  std::vector<Entry>& same = (commands_skipped ? warnings_ : errors_).entries;
  std::move(missing_.entries.begin(), missing_.entries.end(), std::back_inserter(same));
  const bool has_all = added_ <= kMostDiagnostics;
  if (!has_all) {
    sort(errors_);
    sort(warnings_);
  }
  std::vector<Entry>& all = errors_.entries;
  std::move(warnings_.entries.begin(), warnings_.entries.end(), std::back_inserter(all));
  if (has_all) sort(errors_);
  all.resize(std::min(all.size(), kMostDiagnostics));

  std::vector<Diagnostic> result;
  for (Entry& entry : all) result.push_back(std::move(entry.diagnostic));
  if (!has_all) {
    result.push_back({Severity::warning, result.back().at,
                      fmt::format("{} more messages are left out", added_ - kMostDiagnostics),
                      Diagnostic::Kind::left_out});
  }
  return result;
}

}  // namespace shstore::config
