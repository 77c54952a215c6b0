#include "config/lint/program/ignores.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "config/lint/rule.h"

namespace shstore::config::lint {
namespace {

constexpr std::string_view kMarker = "shstore-lint:";
constexpr std::string_view kBlanks = " \t\r";

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// Where the comment that holds this byte begins, or npos if the byte is not in a comment.
size_t comment_before(std::string_view line, size_t byte) {
  bool quoted = false;
  for (size_t i = 0; i < byte; ++i) {
    if (line[i] == '\\' && quoted) {
      ++i;
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == '#' && !quoted) {
      return i;
    }
  }
  return std::string_view::npos;
}

class CommentReader {
 public:
  explicit CommentReader(Ignore& ignore) : ignore_(ignore) {}

  /// `text` is what follows the marker.
  void read(std::string_view text) {
    constexpr std::string_view kVerb = "ignore";
    if (!text.starts_with(kVerb)) return complain("\"ignore CODE -- reason\" is expected here");
    text.remove_prefix(kVerb.size());
    const size_t dashes = text.find("--");
    read_codes(trim(text.substr(0, dashes)));
    const bool has_reason = dashes != std::string_view::npos && !trim(text.substr(dashes + 2)).empty();
    if (!has_reason) complain("the reason is missing: write \" -- \" and why this is as it should be");
  }

 private:
  void read_codes(std::string_view text) {
    if (text.empty()) return complain("the code of a rule is missing, such as SHS001");
    while (!text.empty()) {
      const size_t end = text.find_first_of(", \t");
      const std::string code(text.substr(0, end));
      text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
      if (code.empty()) continue;
      if (!find_rule(code)) complain(fmt::format("there is no rule {}; --list-rules shows them", code));
      ignore_.codes.push_back(code);
    }
  }

  void complain(std::string problem) {
    if (ignore_.problem.empty()) ignore_.problem = std::move(problem);
  }

  Ignore& ignore_;
};

/// The next line that is neither empty nor a comment; `rest` begins behind the line `line`.
uint32_t next_content(std::string_view rest, uint32_t line) {
  while (!rest.empty()) {
    ++line;
    const size_t end = rest.find('\n');
    const std::string_view content = trim(rest.substr(0, end));
    if (!content.empty() && content.front() != '#') return line;
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return 0;
}

}  // namespace

std::vector<Ignore> find_ignores(const std::string& path, std::string_view text) {
  std::vector<Ignore> result;
  uint32_t line_number = 1, last_target = 0;
  size_t counted_to = 0;
  for (size_t found = text.find(kMarker); found != std::string_view::npos;) {
    line_number += static_cast<uint32_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(counted_to),
                                                    text.begin() + static_cast<std::ptrdiff_t>(found), '\n'));
    counted_to = found;
    const size_t line_start = found == 0 ? 0 : text.rfind('\n', found) + 1;
    const size_t line_end = std::min(text.find('\n', found), text.size());
    const std::string_view line = text.substr(line_start, line_end - line_start);
    const size_t in_line = found - line_start;
    const size_t comment = comment_before(line, in_line);
    if (comment != std::string_view::npos && trim(line.substr(comment + 1)).starts_with(kMarker)) {
      Ignore ignore;
      ignore.at = {path, line_number, static_cast<uint32_t>(in_line + 1), static_cast<uint32_t>(line.size() - in_line)};
      const bool is_alone = trim(line.substr(0, comment)).empty();
      ignore.line = line_number;
      if (is_alone) {
        // Several comments above one line have the same one: it is looked for once.
        if (last_target < line_number) {
          last_target = next_content(text.substr(std::min(line_end + 1, text.size())), line_number);
        }
        ignore.line = last_target;
      }
      CommentReader(ignore).read(trim(line.substr(in_line + kMarker.size())));
      result.push_back(std::move(ignore));
    }
    found = text.find(kMarker, line_end);
  }
  return result;
}

Kept apply_ignores(std::vector<Finding> findings, const std::vector<Ignore>& ignores) {
  using Key = std::tuple<std::string, uint32_t, std::string>;
  std::map<Key, bool> used;
  for (const Ignore& ignore : ignores) {
    if (!ignore.problem.empty()) continue;
    for (const std::string& code : ignore.codes) used[{ignore.at.file, ignore.line, code}] = false;
  }
  Kept kept;
  for (Finding& finding : findings) {
    const auto found = used.find({finding.at.file, finding.at.line, std::string(finding.code)});
    if (found == used.end() || finding.at.line == 0) {
      kept.findings.push_back(std::move(finding));
    } else {
      found->second = true;
    }
  }
  for (const Ignore& ignore : ignores) {
    if (!ignore.problem.empty()) continue;
    for (const std::string& code : ignore.codes) {
      if (!used.at({ignore.at.file, ignore.line, code})) kept.unused.push_back({&ignore, code});
    }
  }
  return kept;
}

}  // namespace shstore::config::lint
