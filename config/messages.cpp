#include "config/messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "config/spelling.h"
#include "config/values.h"

namespace shstore::config {
namespace {

using namespace std::string_view_literals;

constexpr std::array kWithoutAddress = {"Stdout"sv, "Stderr"sv, "Syslog"sv, "Console"sv, "Catalog"sv};
constexpr std::array kWithOneAddress = {"File"sv, "Append"sv};
// Verified is new in 13.
constexpr std::string_view kEvents =
    "Events";  // new in 11, where `Events.Tag` names some of them; what is behind the word is not looked at
constexpr std::array kTypes = {"Debug"sv,     "Saved"sv,    "Abort"sv,    "Fatal"sv,   "Error"sv,
                               "Warning"sv,   "Info"sv,     "NotSaved"sv, "Skipped"sv, "Mount"sv,
                               "Terminate"sv, "Restored"sv, "Security"sv, "Alert"sv,   "VolMgmt"sv,
                               "ErrorTerm"sv, "All"sv,      "Events"sv,   "Verified"sv};

template <size_t n>
bool contains(const std::array<std::string_view, n>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view known) { return same_name(name, known); });
}

class DestinationReader {
 public:
  explicit DestinationReader(const Directive& directive) : directive_(directive), words_(directive.values) {}

  tl::expected<MessageDestination, MessagesProblem> run() {
    if (!contains(kWithoutAddress, directive_.name)) addresses();
    while (!problem_ && !done_) message_type();
    if (problem_) return tl::make_unexpected(std::move(*problem_));
    return std::move(result_);
  }

 private:
  void addresses() {
    for (;;) {
      if (!check_word()) return;
      const Token& address = words_[next_++];
      result_.addresses.emplace_back(address.text);
      if (address.separator == '=') return;
      if (address.separator == ',' && !contains(kWithOneAddress, directive_.name)) continue;
      return complain(address.at, fmt::format("expected \"=\" and message types behind \"{}\"", address.text));
    }
  }

  void message_type() {
    if (!check_word()) return;
    const Token& word = words_[next_++];
    std::string_view type = word.text;
    const bool is_not = type.starts_with('!');
    if (is_not) type.remove_prefix(1);
    const auto known =
        std::find_if(kTypes.begin(), kTypes.end(), [&](std::string_view t) { return same_name(type, t); });
    if (known == kTypes.end() && is_event(type)) {
      result_.types.push_back({sole(word, is_not), is_not});
    } else if (known == kTypes.end()) {
      return complain(word.at, fmt::format("\"{}\" is not a message type{}", type, did_you_mean(type, kTypes)));
    }
    if (known != kTypes.end()) result_.types.push_back({*known, is_not});
    if (same_name(type.substr(0, kEvents.size()), kEvents)) result_.newer.push_back({type, 11, word.at});
    if (same_name(type, "Verified")) result_.newer.push_back({type, 13, word.at});
    result_.words = next_;
    done_ = word.follow != ',';
    if (!done_ && word.separator == '?')
      complain(word.at, fmt::format("a message type is missing behind \"{}\"", word.text));
  }

  static bool is_event(std::string_view type) {
    return type.size() > kEvents.size() && same_name(type.substr(0, kEvents.size()), kEvents);
  }
  static std::string_view sole(const Token& word, bool is_not) { return is_not ? word.text.substr(1) : word.text; }

  bool check_word() {
    const auto word = to_strname(words_.subspan(next_));
    if (!word) complain(next_ < words_.size() ? words_[next_].at : directive_.at, word.error());
    return word.has_value();
  }

  void complain(const Location& at, std::string message) {
    problem_ = MessagesProblem{at, fmt::format("{}: {}", directive_.name, message)};
  }

  const Directive& directive_;
  Words words_;
  size_t next_ = 0;
  bool done_ = false;
  MessageDestination result_;
  std::optional<MessagesProblem> problem_;
};

}  // namespace

tl::expected<MessageDestination, MessagesProblem> read_destination(const Directive& directive) {
  return DestinationReader(directive).run();
}

}  // namespace shstore::config
