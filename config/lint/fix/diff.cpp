#include "config/lint/fix/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <dtl/dtl.hpp>
#include <vector>

#include "scsi/base/printable.h"

namespace shstore::config::lint {
namespace {

using Text = std::vector<std::string_view>;  ///< lines with their line ends

constexpr size_t kMostContext = 3;

Text lines_of(std::string_view text) {
  Text lines;
  while (!text.empty()) {
    const size_t length = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return lines;
}

/// Lines [old_first, old_last) are replaced by [new_first, new_last).
struct Change {
  size_t old_first = 0, old_last = 0;
  size_t new_first = 0, new_last = 0;
};

std::vector<Change> changes_between(const Text& before, const Text& after) {
  dtl::Diff<std::string_view, Text> diff(before, after);
  diff.compose();
  std::vector<Change> changes;
  size_t i = 0, j = 0;
  bool in_step = true;
  for (const auto& [line, step] : diff.getSes().getSequence()) {
    if (step.type == dtl::SES_COMMON) {
      ++i, ++j;
      in_step = true;
      continue;
    }
    if (in_step) changes.push_back({i, i, j, j});
    in_step = false;
    (step.type == dtl::SES_DELETE ? changes.back().old_last : changes.back().new_last)++;
    ++(step.type == dtl::SES_DELETE ? i : j);
  }
  return changes;
}

// dtl can write hunks too, but knows neither a last line without its end nor colours, and its lines are copies.
class Writer {
 public:
  Writer(const Text& before, const Text& after, size_t context, bool color)
      : before_(before), after_(after), context_(context), color_(color) {}

  void header(std::string_view path) {
    // A tab ends a name that has blanks in it.
    const std::string_view end = path.find(' ') == std::string_view::npos ? "" : "\t";
    while (path.starts_with('/')) path.remove_prefix(1);
    put("1", fmt::format("--- a/{}{}\n", path, end));
    put("1", fmt::format("+++ b/{}{}\n", path, end));
  }

  /// Changes whose context touches.
  void hunk(const Change* first, const Change* last) {
    const size_t lead = std::min(context_, first->old_first);
    const size_t old_first = first->old_first - lead, new_first = first->new_first - lead;
    const Change& end = *(last - 1);
    const size_t trail = std::min(context_, before_.size() - end.old_last);
    put("36",
        fmt::format("@@ -{} +{} @@\n", range(old_first, end.old_last + trail), range(new_first, end.new_last + trail)));
    size_t at = old_first;
    for (const Change* change = first; change != last; ++change) {
      lines("", ' ', before_, at, change->old_first);
      lines("31", '-', before_, change->old_first, change->old_last);
      lines("32", '+', after_, change->new_first, change->new_last);
      at = change->old_last;
    }
    lines("", ' ', before_, at, end.old_last + trail);
  }

  std::string text;

 private:
  /// An empty range is named by the line before it.
  static std::string range(size_t first, size_t last) {
    const size_t count = last - first;
    const size_t begin = count == 0 ? first : first + 1;
    return count == 1 ? fmt::format("{}", begin) : fmt::format("{},{}", begin, count);
  }

  void lines(std::string_view color, char mark, const Text& from, size_t first, size_t last) {
    for (size_t i = first; i < last; ++i) {
      std::string line = mark + std::string(from[i]);
      const bool ended = line.ends_with('\n');
      if (!ended) line += '\n';
      put(color, line);
      if (!ended) text += "\\ No newline at end of file\n";
    }
  }

  void put(std::string_view color, std::string_view line) {
    if (!color_ || color.empty()) {
      text += line;
      return;
    }
    text += fmt::format("\033[{}m{}\033[m\n", color, line.substr(0, line.size() - 1));
  }

  const Text& before_;
  const Text& after_;
  size_t context_;
  bool color_;
};

}  // namespace

std::string unified_diff(std::string_view path, std::string_view before, std::string_view after, bool color) {
  const Text old_lines = lines_of(before), new_lines = lines_of(after);
  const std::vector<Change> changes = changes_between(old_lines, new_lines);
  if (changes.empty()) return {};
  const Change* const end = changes.data() + changes.size();
  for (size_t context = kMostContext;; --context) {
    Writer writer(old_lines, new_lines, context, color);
    writer.header(path);
    for (const Change* first = changes.data(); first != end;) {
      const Change* last = first + 1;
      while (last != end && last->old_first - (last - 1)->old_last <= 2 * context) ++last;
      writer.hunk(first, last);
      first = last;
    }
    // In a workflow's log a line " ::error file=..." is a command, whoever wrote it; a line that is not shown is none.
    if (context == 0 || !base::commands_a_workflow(writer.text)) return std::move(writer.text);
  }
}

}  // namespace shstore::config::lint
