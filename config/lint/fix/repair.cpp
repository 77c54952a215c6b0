#include "config/lint/fix/repair.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <tuple>

#include "config/lint/fix/diff.h"
#include "config/lint/fix/edits.h"

namespace shstore::config::lint {
namespace {

constexpr int kMostRounds = 10;

/// The files that were read, with what has been changed in them so far.
class Overlay final : public FileReader {
 public:
  Overlay(FileReader& below, const Identity& identity) : below_(below), identity_(identity) {}

  tl::expected<std::string, std::string> read(const std::string& path) override {
    const std::string id = id_of(path);
    const auto known = now_.find(id);
    if (known != now_.end()) return known->second;
    auto text = below_.read(path);
    if (!text) return text;
    now_.emplace(id, *text);
    first_.emplace(id, FileChange{path, *text, {}});
    return text;
  }

  std::string id_of(const std::string& path) {
    const auto [entry, is_new] = ids_.try_emplace(path);
    if (is_new) entry->second = identity_(path);
    return entry->second;
  }

  const std::map<std::string, std::string>& texts() const { return now_; }
  void set(std::map<std::string, std::string> texts) { now_ = std::move(texts); }

  std::vector<FileChange> changes() const {
    std::map<std::string, FileChange> by_path;
    for (const auto& [id, change] : first_) {
      const std::string& after = now_.at(id);
      if (after != change.before) by_path.emplace(change.path, FileChange{change.path, change.before, after});
    }
    std::vector<FileChange> result;
    for (auto& [path, change] : by_path) result.push_back(std::move(change));
    return result;
  }

 private:
  FileReader& below_;
  const Identity& identity_;
  std::map<std::string, std::string> ids_;   ///< by path
  std::map<std::string, std::string> now_;   ///< texts by identity
  std::map<std::string, FileChange> first_;  ///< as read, by identity
};

/// What a finding is about, wherever it is: its line may move from round to round.
using Subject = std::tuple<std::string, std::string, std::string>;

Subject subject(const Finding& finding) { return {std::string(finding.code), finding.at.file, finding.message}; }

class Repairer {
 public:
  Repairer(FileReader& reader, const Check& check, const Identity& identity)
      : overlay_(reader, identity), check_(check) {}

  Repair run() {
    Checked now = check_(overlay_);
    for (int rounds = 0; rounds < kMostRounds; ++rounds) {
      auto texts = overlay_.texts();
      const std::vector<size_t> applied = fix_some(now);
      if (applied.empty()) break;
      Checked next = check_(overlay_);
      if (next.parse_errors > now.parse_errors) {
        overlay_.set(std::move(texts));
        if (!refuse_some(now, applied)) break;
        continue;
      }
      for (const size_t i : applied) result_.fixed.push_back(now.findings[i]);
      now = std::move(next);
      if (rounds + 1 == kMostRounds) result_.notes.push_back(fmt::format("stopped after {} rounds", kMostRounds));
    }
    result_.remaining = std::move(now.findings);
    result_.changes = overlay_.changes();
    return std::move(result_);
  }

 private:
  /// Together the fixes bring out errors of the text. Those that do so alone are not made, the others are tried again: true.
  bool refuse_some(const Checked& now, const std::vector<size_t>& applied) {
    constexpr std::string_view kWhy =
        "not made, because it brings out errors at which Bacula stops: correct the place by hand";
    const auto texts = overlay_.texts();
    bool some = false;
    for (const size_t i : applied) {
      done_.erase(subject(now.findings[i]));
      const Fix fix = by_identity(*now.findings[i].fix);
      AppliedFixes alone = apply_fixes({&fix, 1}, texts);
      auto changed = texts;
      for (auto& [id, text] : alone.files) changed[id] = std::move(text);
      overlay_.set(std::move(changed));
      if (check_(overlay_).parse_errors <= now.parse_errors) continue;
      note(kWhy, now, {i});
      refused_.insert(subject(now.findings[i]));
      some = true;
    }
    overlay_.set(texts);
    if (!some) note(kWhy, now, applied);
    return some;
  }

  /// Indices of the findings whose fixes are now in the overlay.
  std::vector<size_t> fix_some(const Checked& now) {
    std::vector<Fix> fixes;
    std::vector<size_t> of;
    for (size_t i = 0; i < now.findings.size(); ++i) {
      const Finding& finding = now.findings[i];
      if (!finding.fix || finding.fix->edits.empty() || refused_.contains(subject(finding))) continue;
      if (done_.contains(subject(finding))) {
        note("this finding is still there after its fix", now, {i});
        continue;
      }
      fixes.push_back(by_identity(*finding.fix));
      of.push_back(i);
    }
    AppliedFixes applied = apply_fixes(fixes, overlay_.texts());
    if (applied.files.empty()) return {};
    auto texts = overlay_.texts();
    for (auto& [id, text] : applied.files) texts[id] = std::move(text);
    overlay_.set(std::move(texts));
    std::vector<size_t> result;
    for (const size_t i : applied.applied) {
      done_.insert(subject(now.findings[of[i]]));
      result.push_back(of[i]);
    }
    // Another of the same words that has to wait is not the same finding.
    for (const size_t i : applied.dropped) done_.erase(subject(now.findings[of[i]]));
    return result;
  }

  Fix by_identity(Fix fix) {
    for (Edit& edit : fix.edits) edit.at.file = overlay_.id_of(edit.at.file);
    return fix;
  }

  void note(std::string_view what, const Checked& now, const std::vector<size_t>& which) {
    for (const size_t i : which) {
      const Finding& finding = now.findings[i];
      std::string text = fmt::format("{} ({}:{}): {}", finding.code, finding.at.file, finding.at.line, what);
      if (noted_.insert(subject(finding)).second) result_.notes.push_back(std::move(text));
    }
  }

  Overlay overlay_;
  const Check& check_;
  Repair result_;
  std::set<Subject> done_, noted_, refused_;
};

}  // namespace

std::string canonical_path(const std::string& path) {
  std::error_code error;
  const auto result = std::filesystem::weakly_canonical(path, error);
  return error ? path : result.string();
}

Repair repair(FileReader& reader, const Check& check, const Identity& identity) {
  return Repairer(reader, check, identity).run();
}

std::string fixed_text(const std::vector<Finding>& fixed) {
  std::string text;
  for (const Finding& finding : fixed) {
    text += fmt::format("{}:{}:{}: fixed {}: {}\n", finding.at.file, finding.at.line, finding.at.column, finding.code,
                        finding.fix->title);
  }
  return text;
}

std::string diff_text(const std::vector<FileChange>& changes, bool color) {
  std::string text;
  for (const FileChange& change : changes) text += unified_diff(change.path, change.before, change.after, color);
  return text;
}

}  // namespace shstore::config::lint
