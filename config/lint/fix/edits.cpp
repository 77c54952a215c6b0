#include "config/lint/fix/edits.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "config/lint/fix/file_text.h"

namespace shstore::config::lint {
namespace {

/// An edit in terms of bytes.
struct Splice {
  FileText::Range range;
  std::string text;
};

std::string with_line_ends(const std::string& text, std::string_view line_end) {
  std::string result;
  for (const char c : text) {
    if (c == '\n') {
      result += line_end;
    } else {
      result += c;
    }
  }
  return result;
}

std::optional<Splice> to_splice(const FileText& text, const Edit& edit) {
  const auto range = text.find(edit.at.line, edit.at.column, edit.at.length);
  if (!range) return std::nullopt;
  return Splice{*range, with_line_ends(edit.text, text.line_end_at(range->first))};
}

/// What of one file is taken already.
class Taken {
 public:
  /// Insertions at one place do not disturb each other, nor does one at the edge of what is replaced.
  bool overlaps(const Splice& splice) const {
    const auto [first, last] = splice.range;
    const auto behind = replaced_.lower_bound(first);
    if (behind != replaced_.begin() && std::prev(behind)->second > first) return true;
    if (first == last) return false;
    if (behind != replaced_.end() && behind->first < last) return true;
    const auto insertion = inserted_at_.upper_bound(first);
    return insertion != inserted_at_.end() && *insertion < last;
  }

  bool holds(const Splice& splice) const {
    return known_.contains({splice.range.first, splice.range.last, splice.text});
  }

  void add(Splice splice) {
    const auto [first, last] = splice.range;
    if (!known_.insert({first, last, splice.text}).second) return;
    if (first == last) {
      inserted_at_.insert(first);
    } else {
      replaced_.emplace(first, last);
    }
    splices_.push_back(std::move(splice));
  }

  std::string result(const FileText& file) {
    const std::string_view bytes = file.bytes();
    // An insertion comes before what is replaced at the same place.
    const auto key = [](const Splice& s) { return std::tuple(s.range.first, s.range.last > s.range.first); };
    std::stable_sort(splices_.begin(), splices_.end(),
                     [&](const Splice& a, const Splice& b) { return key(a) < key(b); });
    std::string text;
    size_t at = 0;
    for (const Splice& splice : splices_) {
      append(text, bytes.substr(at, splice.range.first - at));
      append(text, splice.text);
      at = splice.range.last;
    }
    append(text, bytes.substr(at));
    return file.as_in_file(std::move(text));
  }

 private:
  /// A CR that was a line end by itself must not become one with an LF that only now stands behind it.
  static void append(std::string& text, std::string_view piece) {
    if (text.ends_with('\r') && piece.starts_with('\n')) text += '\n';
    text += piece;
  }

  std::map<size_t, size_t> replaced_;  ///< first and last byte of what is not only inserted
  std::set<size_t> inserted_at_;
  std::set<std::tuple<size_t, size_t, std::string>> known_;
  std::vector<Splice> splices_;
};

struct OpenFile {
  explicit OpenFile(const std::string& from) : bytes(from), text(from) {}
  const std::string& bytes;
  FileText text;
  Taken taken;
};

class Fixer {
 public:
  explicit Fixer(const std::map<std::string, std::string>& files) : files_(files) {}

  bool take(const Fix& fix) {
    std::vector<std::pair<OpenFile*, Splice>> splices;
    for (const Edit& edit : fix.edits) {
      OpenFile* const file = open(edit.at.file);
      if (!file) return false;
      auto splice = to_splice(file->text, edit);
      if (!splice) return false;
      if (file->taken.holds(*splice)) continue;
      if (file->taken.overlaps(*splice)) return false;
      splices.emplace_back(file, std::move(*splice));
    }
    if (overlap_each_other(splices)) return false;
    for (auto& [file, splice] : splices) file->taken.add(std::move(splice));
    return true;
  }

  std::map<std::string, std::string> changed() {
    std::map<std::string, std::string> result;
    for (auto& [path, file] : open_) {
      std::string bytes = file.taken.result(file.text);
      if (bytes != file.bytes) result.emplace(path, std::move(bytes));
    }
    return result;
  }

 private:
  OpenFile* open(const std::string& path) {
    const auto known = files_.find(path);
    if (known == files_.end()) return nullptr;
    return &open_.try_emplace(path, known->second).first->second;
  }

  static bool overlap_each_other(const std::vector<std::pair<OpenFile*, Splice>>& splices) {
    std::map<OpenFile*, Taken> own;
    for (const auto& [file, splice] : splices) {
      if (own[file].overlaps(splice)) return true;
      own[file].add(splice);
    }
    return false;
  }

  const std::map<std::string, std::string>& files_;
  std::map<std::string, OpenFile> open_;
};

}  // namespace

tl::expected<std::string, std::string> apply_edits(std::string_view bytes, std::span<const Edit> edits) {
  const FileText text{std::string(bytes)};
  Taken taken;
  for (const Edit& edit : edits) {
    auto splice = to_splice(text, edit);
    const auto problem = [&](std::string_view what) {
      return tl::make_unexpected(fmt::format("{}:{}:{}: {}", edit.at.file, edit.at.line, edit.at.column, what));
    };
    if (!splice) return problem("there is no such place in the file: it changed since it was read");
    if (taken.holds(*splice)) continue;
    if (taken.overlaps(*splice)) return problem("two edits overlap");
    taken.add(std::move(*splice));
  }
  return taken.result(text);
}

AppliedFixes apply_fixes(std::span<const Fix> fixes, const std::map<std::string, std::string>& files) {
  Fixer fixer(files);
  AppliedFixes result;
  for (size_t i = 0; i < fixes.size(); ++i) (fixer.take(fixes[i]) ? result.applied : result.dropped).push_back(i);
  result.files = fixer.changed();
  return result;
}

}  // namespace shstore::config::lint
