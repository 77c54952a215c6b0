#include "config/messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "config/spelling.h"
#include "config/values.h"

namespace shstore::config {
namespace {

using namespace std::string_view_literals;

constexpr std::array without_address = {"Stdout"sv, "Stderr"sv, "Syslog"sv, "Console"sv, "Catalog"sv};
constexpr std::array with_one_address = {"File"sv, "Append"sv};
// Events is new in 11, Verified in 15.
constexpr std::array types = {"Debug"sv,     "Saved"sv,    "Abort"sv,    "Fatal"sv,   "Error"sv,
                              "Warning"sv,   "Info"sv,     "NotSaved"sv, "Skipped"sv, "Mount"sv,
                              "Terminate"sv, "Restored"sv, "Security"sv, "Alert"sv,   "VolMgmt"sv,
                              "ErrorTerm"sv, "All"sv,      "Events"sv,   "Verified"sv};

template <size_t n>
bool contains(const std::array<std::string_view, n>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view known) { return same_name(name, known); });
}

class DestinationChecker {
 public:
  explicit DestinationChecker(const Directive& directive) : directive_(directive), words_(directive.values) {}

  std::optional<MessagesProblem> run() {
    if (!contains(without_address, directive_.name)) skip_addresses();
    while (!problem_ && !done_) message_type();
    return problem_;
  }

 private:
  void skip_addresses() {
    for (;;) {
      if (!check_word()) return;
      const Token& address = words_[next_++];
      if (address.separator == '=') return;
      if (address.separator == ',' && !contains(with_one_address, directive_.name)) continue;
      return complain(address.at,
                      fmt::format("expected \"=\" and message types behind \"{}\"", address.text));
    }
  }

  void message_type() {
    if (!check_word()) return;
    const Token& word = words_[next_++];
    std::string_view type = word.text;
    if (type.starts_with('!')) type.remove_prefix(1);
    if (!contains(types, type)) {
      return complain(word.at,
                      fmt::format("\"{}\" is not a message type{}", type, did_you_mean(type, types)));
    }
    done_ = word.follow != ',';
    if (!done_ && word.separator == '?')
      complain(word.at, fmt::format("a message type is missing behind \"{}\"", word.text));
  }

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
  std::optional<MessagesProblem> problem_;
};

}  // namespace

std::optional<MessagesProblem> check_destination(const Directive& directive) {
  return DestinationChecker(directive).run();
}

}  // namespace shstore::config
