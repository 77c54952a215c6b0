#include "config/storage_ctl_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <string>

#include "config/letters.h"
#include "config/spelling.h"

namespace shstore::config {
namespace {

using namespace std::string_view_literals;

constexpr std::array kSettings = {"key"sv,         "debug_log"sv,   "max_lock_wait"sv,     "notify"sv,
                                  "notify_wait"sv, "watch_opens"sv, "idle_lock_release"sv, "mutual_wait"sv,
                                  "SG_PERSIST"sv};
constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kPeer = "peer_";
constexpr uint64_t kLongestWait = 7 * 24 * 3600;
constexpr uint64_t kShortestMutualWait = 15;  // as scsi::kShortestMutualWait

std::string_view trim(std::string_view text) { return trimmed(text, kBlanks); }

bool is_name(std::string_view text) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
  return !text.empty() && text.find_first_not_of(kLetters) == std::string_view::npos;
}

/// 1 to 6 hex digits that are not all 0, as scsi::parse_key() takes them.
bool is_key(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  return !text.empty() && text.size() <= 6 &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos &&
         text.find_first_not_of('0') != std::string_view::npos;
}

bool is_host_name(std::string_view text) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
  return !text.empty() && text.find_first_not_of(kLetters) == std::string_view::npos;
}

/// One line at a time. Every view is a part of line_, so that its place is known.
class Reader {
  using Kind = Diagnostic::Kind;

 public:
  Reader(std::string_view text, const std::string& path) : text_(text) { result_.path = path; }

  StorageCtlText run() {
    while (!text_.empty()) {
      const size_t end = text_.find('\n');
      line_ = text_.substr(0, end);
      text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
      ++line_number_;
      const std::string_view content = trim(line_);
      if (!content.empty() && content.front() != '#') read_setting(content);
    }
    return std::move(result_);
  }

 private:
  void read_setting(std::string_view content) {
    const size_t equals = content.find('=');
    const std::string_view name = content.substr(0, equals);
    if (equals == std::string_view::npos || !is_name(name)) {
      return complain(Severity::error, place(content), fmt::format("\"{}\" is not of the form NAME=VALUE", content),
                      Kind::syntax);
    }
    const std::string_view raw = trim(content.substr(equals + 1));
    // An empty value lies at the end of the line, where trim() has no part of the line to point at.
    const Location at = raw.empty() ? place(content.substr(content.size())) : place(raw);
    const auto value = unquote(raw);
    if (!value) return complain(Severity::error, at, value.error(), Kind::value);
    apply(name, {std::string(*value), Written(at, place(name))});
  }

  tl::expected<std::string_view, std::string> unquote(std::string_view value) const {
    if (value.find_first_of("$`") != std::string_view::npos) {
      return tl::make_unexpected("this file is parsed, not sourced by a shell: $ and ` are not expanded");
    }
    const char quote = value.empty() ? '\0' : value.front();
    if (quote != '"' && quote != '\'') return unquoted(value);
    const size_t end = value.find(quote, 1);
    if (end == std::string_view::npos) return tl::make_unexpected("the closing quote is missing");
    const std::string_view rest = trim(value.substr(end + 1));
    if (rest.empty() || rest.front() == '#') return value.substr(1, end - 1);
    return tl::make_unexpected(fmt::format("unexpected text after the closing quote: {}", rest));
  }

  static tl::expected<std::string_view, std::string> unquoted(std::string_view value) {
    const std::string_view bare = trim(value.substr(0, std::min(value.find(" #"), value.find("\t#"))));
    if (bare.find_first_of(" \t;|&<>()") == std::string_view::npos) return bare;
    return tl::make_unexpected(
        fmt::format("\"{}\": this file is parsed, not sourced by a shell: one NAME=VALUE on a line", bare));
  }

  void apply(std::string_view name, Value<std::string> value) {
    if (!seen_.emplace(name).second)
      return complain(Severity::error, value.directive_at(),
                      fmt::format("{} is set a second time: which one is meant?", name), Kind::repeated);
    if (name == "key") {
      result_.key = std::move(value);
    } else if (name == "debug_log" || name == "watch_opens") {
      number(name, value, 1);
    } else if (name == "max_lock_wait") {
      const auto seconds = number(name, value, kLongestWait);
      if (seconds) result_.max_lock_wait = {*seconds, value};
    } else if (name == "notify") {
      if (!value->empty() && !value->starts_with('/')) {
        complain(Severity::error, value.at,
                 fmt::format("notify={}: the program's absolute path is needed, without arguments", *value),
                 Kind::value);
      }
    } else if (name == "notify_wait" || name == "idle_lock_release") {
      number(name, value, kLongestWait);
    } else if (name == "mutual_wait") {
      const auto seconds = number(name, value, kLongestWait);
      if (seconds && *seconds != 0 && *seconds < kShortestMutualWait)
        complain(Severity::error, value.at,
                 fmt::format("{}={}: 0, or {} seconds at least", name, *value, kShortestMutualWait), Kind::value);
    } else if (name.starts_with(kPeer)) {
      check_peer(name, value);
    } else if (name != "SG_PERSIST") {
      complain(Severity::warning, value.directive_at(),
               fmt::format("storage-ctl knows no setting \"{}\" and ignores it{}", name, did_you_mean(name, kSettings)),
               Kind::unknown_directive);
    }
  }

  void check_peer(std::string_view name, const Value<std::string>& value) {
    if (!is_key(name.substr(kPeer.size()))) {
      complain(Severity::warning, value.directive_at(),
               fmt::format("\"{}\" is ignored: it names no key; expected is a setting like peer_bac999=dir", name),
               Kind::unknown_directive);
    } else if (!is_host_name(*value)) {
      complain(Severity::warning, value.at, fmt::format("{}={} is ignored: that is not a host's name", name, *value),
               Kind::value);
    }
  }

  std::optional<uint64_t> number(std::string_view name, const Value<std::string>& written, uint64_t largest) {
    uint64_t value = 0;
    const char* const end = written->data() + written->size();
    const auto parsed = std::from_chars(written->data(), end, value);
    if (parsed.ec == std::errc{} && parsed.ptr == end && value <= largest) return value;
    complain(Severity::error, written.at,
             fmt::format("{}={}: not a whole number from 0 to {}", name, *written, largest), Kind::value);
    return std::nullopt;
  }

  Location place(std::string_view part) const {
    return {0, line_number_, static_cast<uint32_t>(part.data() - line_.data() + 1)};
  }
  void complain(Severity severity, const Location& at, std::string message, Diagnostic::Kind kind) {
    result_.diagnostics.push_back({severity, at, std::move(message), kind});
  }

  std::string_view text_, line_;
  uint32_t line_number_ = 0;
  std::set<std::string, std::less<>> seen_;
  StorageCtlText result_;
};

}  // namespace

StorageCtlText read_storage_ctl_text(std::string_view text, const std::string& path) {
  return Reader(text, path).run();
}

}  // namespace shstore::config
