#include "config/shared/lock_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "config/command_words.h"
#include "scsi/conf_place.h"

namespace shstore::config {
namespace {

constexpr std::string_view kStorageCtl = "storage-ctl";

using Words = std::vector<std::string>;
using Reason = Unusable::Reason;

bool has_word(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

LockCommand understand_storage_ctl(const Words& words, std::string_view command) {
  for (const auto& [code, reason] :
       {std::pair("%l", Reason::no_control_device), std::pair("%o", Reason::no_operation)}) {
    if (has_word(words, code)) continue;
    return Unusable{reason, words[0],
                    fmt::format("its Lock Command must be \"{} %l %o\", but is \"{}\"", words[0], command)};
  }
  const auto option = std::find(words.begin(), words.end(), "--config");
  if (option != words.end() && option + 1 != words.end()) return StorageCtl{words[0], *(option + 1)};
  if (words[0].starts_with('/')) return StorageCtl{words[0]};
  return Unusable{
      Reason::no_folder, words[0],
      fmt::format(
          "its Lock Command names storage-ctl without its whole path, so that storage-ctl.conf beside it cannot be "
          "found: \"{}\"",
          command)};
}

}  // namespace

LockCommand understand_lock_command(std::string_view command) {
  auto words = command_words(command);
  if (words.empty()) return Unusable{Reason::blank, {}, "its Lock Command is empty"};
  if (base_name(words[0]) == kStorageCtl) return understand_storage_ctl(words, command);
  const bool told = std::any_of(words.begin(), words.end(), [](const auto& word) { return has_code(word, 'o'); });
  if (told) return SiteProgram{std::move(words)};
  return Unusable{Reason::no_operation, words[0],
                  fmt::format("its Lock Command does not say what to do: \"%o\" is missing in \"{}\"", command)};
}

tl::expected<std::string, std::string> conf_of(const StorageCtl& command) {
  if (!command.conf.empty()) return command.conf;
  return scsi::conf_of_program(command.program).map_error([](const scsi::Error& error) { return error.message; });
}

}  // namespace shstore::config
