#include "changer/program/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ostream>

#include "config/command_words.h"
#include "config/shared/device_codes.h"
#include "scsi/base/printable.h"
#include "scsi/base/run_program.h"

namespace shstore::changer::program {
namespace {

constexpr std::array kCommands = {
    ChangerCommand{"load", "SLOT ARCHIVE-DEVICE DRIVE-INDEX", 5, true, true, "put the tape of a slot into a drive",
                   load},
    ChangerCommand{"unload", "SLOT ARCHIVE-DEVICE DRIVE-INDEX", 5, true, true,
                   "put the tape of a drive into a slot (0: where it came from)", unload},
    ChangerCommand{"loaded", "SLOT ARCHIVE-DEVICE DRIVE-INDEX", 5, true, false,
                   "print the slot whose tape is in the drive, 0 if it is empty", loaded},
    ChangerCommand{"list", "", 2, false, false, "print SLOT:BARCODE of every tape", list},
    ChangerCommand{"listall", "", 2, false, false, "print every drive (D), slot (S) and import/export slot (I)",
                   listall},
    ChangerCommand{"slots", "", 2, false, false, "print how many slots there are", slots},
    ChangerCommand{"transfer", "SLOT SECOND-SLOT", 4, true, true,
                   "put the tape of a slot into another slot (arm: the one in the robot's hand)", transfer},
    ChangerCommand{"clean", "DRIVE-INDEX", 3, true, true, "clean a drive with a cleaning cartridge of the library",
                   clean},
    ChangerCommand{"status", "", 2, false, false, "print what \"mtx status\" prints (--json: as JSON)", status},
    ChangerCommand{"inventory", "", 2, true, false,
                   "print which drive is which, and where every tape is (--json: as JSON)", inventory},
    ChangerCommand{"report", "", 2, false, false,
                   "print what the library is and how it answers, as JSON without names, to be given to others",
                   report},
};

// The list of a library with several hundred thousand slots.
constexpr size_t kMostDelegated = 16 << 20;

// As bacula-sd has it, if its file was read.
std::optional<std::string> control_device(const Context& c) {
  for (const auto& device : c.sd.devices) {
    if (*device.archive_device == c.arguments.archive_device && !device.control_device->empty())
      return std::string(*device.control_device);
  }
  return std::nullopt;
}

}  // namespace

Arguments arguments_of(std::vector<std::string> words) {
  constexpr size_t kFixed = 5;  // %c %o %S %a %d
  const auto is_number = [](const std::string& word) {
    return !word.empty() && std::all_of(word.begin(), word.end(), [](char ch) { return ch >= '0' && ch <= '9'; });
  };
  std::vector<std::string> rest(words.begin() + static_cast<ptrdiff_t>(std::min(words.size(), kFixed)), words.end());
  words.resize(kFixed);
  Arguments a{words[0], words[1], words[2], words[3], words[4], {}, {}};
  if (a.command == "transfer" && !rest.empty() && is_number(rest.front())) {
    a.second_slot = rest.front();
    rest.erase(rest.begin());
  }
  // A daemon leaves a code that it does not know as it is. The name of a job may have blanks in it.
  for (const auto& word : rest) {
    if (word == "%i" || word == "%j") continue;
    if (is_number(word) && a.caller.id.empty())
      a.caller.id = word;
    else
      a.caller.job += (a.caller.job.empty() ? "" : " ") + word;
  }
  return a;
}

void Context::note(const std::string& text) const {
  err << "shstore-changer: " << base::printable(text) << '\n';
  if (log) log(text);
}

std::span<const ChangerCommand> commands() { return kCommands; }

const ChangerCommand* find_command(std::string_view name) {
  const auto* found = std::find_if(kCommands.begin(), kCommands.end(), [&](const auto& c) { return c.name == name; });
  return found == kCommands.end() ? nullptr : found;
}

Outcome<uint32_t> parse_number(const std::string& text, const char* what) {
  uint32_t value = 0;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (!text.empty() && parsed.ec == std::errc{} && parsed.ptr == end) return value;
  return fail(ExitStatus::library, fmt::format("\"{}\" is not a {}", text, what));
}

Outcome<int> delegate(Context& c) {
  const auto& a = c.arguments;
  auto words = config::command_words(c.settings.via);
  if (words.size() == 1) {
    for (const char* code : {"%c", "%o", "%S", "%a", "%d"}) words.emplace_back(code);
  }
  const auto number = [](const std::string& text) -> int64_t { return parse_number(text, "").value_or(0); };
  // mtx-changer takes a transfer's second slot in the place of the archive device.
  const bool second = a.command == "transfer" && !a.second_slot.empty();
  const config::DeviceCodes codes{
      .archive_device = second ? a.second_slot : a.archive_device,
      .changer_device = a.changer_device,
      .drive_index = number(a.drive_index),
      .client = {},
      .job = c.arguments.caller.known() ? std::optional(c.arguments.caller.job) : std::nullopt,
      .control_device = control_device(c),
      .operation = a.command,
      .slot = number(a.slot),
      .volume = {}};
  const auto end =
      base::run_program(config::expand_codes(words, codes),
                        {.deadline = c.settings.via_wait, .stop = &c.waiting.stop, .most_output = kMostDelegated});
  if (!end) return fail(ExitStatus::config, end.error());
  c.out << end->output;
  if (end->timed_out) {
    return fail(ExitStatus::timeout,
                fmt::format("{} has not ended within {} s and was killed; where the tape is, \"status\" tells",
                            words[0], c.settings.via_wait.count()));
  }
  if (end->cut) {
    return fail(ExitStatus::device,
                fmt::format("{} printed more than {} MiB, of which the rest is lost", words[0], kMostDelegated >> 20));
  }
  return end->status;
}

}  // namespace shstore::changer::program
