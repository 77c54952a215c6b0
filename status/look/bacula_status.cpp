#include "status/look/bacula_status.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "scsi/base/trimmed.h"

namespace shstore::status {
namespace {

bool starts(std::string_view line, std::string_view with) { return line.substr(0, with.size()) == with; }

/// The text behind `mark` up to `end` (or the line's end), or nothing.
std::optional<std::string> after(std::string_view line, std::string_view mark, std::string_view end = {}) {
  const auto at = line.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const auto rest = line.substr(at + mark.size());
  return std::string(end.empty() ? rest : rest.substr(0, rest.find(end)));
}

/// "1,234" behind `mark`; 0 if there is none.
uint64_t number_after(std::string_view line, std::string_view mark) {
  auto text = after(line, mark).value_or("");
  text.resize(std::min(text.find_first_not_of("0123456789,"), text.size()));
  std::erase(text, ',');
  uint64_t n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

uint32_t small_number_after(std::string_view line, std::string_view mark) {
  return static_cast<uint32_t>(number_after(line, mark));
}

/// `"Drive-0" (/dev/nst0)`: the name, and what is in the last brackets.
struct Display {
  std::string name, archive_device;
};
std::optional<Display> display_in(std::string_view line) {
  const auto open = line.find('"');
  const auto close = line.find("\" (", open + 1);
  const auto end = line.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || end < close) return std::nullopt;
  return Display{std::string(line.substr(open + 1, close - open - 1)),
                 std::string(line.substr(close + 3, end - close - 3))};
}

enum class Section { before, running, waiting, ended, devices, volumes, other };

std::optional<Section> section_of(std::string_view line) {
  if (line == "Running Jobs:") return Section::running;
  if (line == "Jobs waiting to reserve a drive:") return Section::waiting;
  if (line == "Terminated Jobs:") return Section::ended;
  if (line == "Device status:") return Section::devices;
  if (line == "Used Volume status:") return Section::volumes;
  if (line == "Cloud transfer status:") return Section::other;
  return std::nullopt;
}

class Parser {
 public:
  void line(std::string_view text) {
    const auto words = base::trimmed(text);
    if (const auto section = section_of(words)) {
      section_ = *section;
      found_ = true;
    } else if (words == "====") {
      section_ = Section::other;
    } else if (!words.empty()) {
      in_section(text, words);
    }
  }

  std::optional<BaculaStatus> result() && {
    if (!found_) return std::nullopt;
    return std::move(status_);
  }

 private:
  void in_section(std::string_view text, std::string_view words) {
    switch (section_) {
      case Section::before: return header(words);
      case Section::running: return running(words);
      case Section::waiting: return waiting(words);
      case Section::ended: return ended(words);
      case Section::devices: return starts(text, "Device ") ? device(words) : device_detail(words);
      case Section::volumes: return volume(words);
      case Section::other: return;
    }
  }

  // "cibou-sd Version: 9.6.7 (10 December 2020) x86_64-pc-linux-gnu debian"; the Director's greeting begins
  // with "1000 OK".
  void header(std::string_view words) {
    const auto mark = words.find(" Version: ");
    if (mark == std::string_view::npos || starts(words, "1000 ")) return;
    status_.sd_name = words.substr(0, mark);
    status_.version = after(words, " Version: ", " ").value_or("");
  }

  void running(std::string_view words) {
    if (starts(words, "Writing: ") || starts(words, "Reading: ")) {
      RunningJob job;
      job.reading = starts(words, "Reading: ");
      job.kind = base::trimmed(after(words, ": ", " job ").value_or(""));
      job.name = after(words, " job ", " JobId=").value_or("");
      job.job = small_number_after(words, " JobId=");
      job.volume = after(words, " Volume=\"", "\"").value_or("");
      status_.running.push_back(std::move(job));
    } else if (const auto at = words.find(" waiting for Client connection"); at != std::string_view::npos) {
      status_.waiting_for_client.push_back(after(words.substr(0, at), " Job ").value_or(""));
    } else if (!status_.running.empty()) {
      running_detail(words, status_.running.back());
    }
  }

  static void running_detail(std::string_view words, RunningJob& job) {
    if (starts(words, "pool=\"")) {
      job.pool = after(words, "pool=\"", "\"").value_or("");
      if (const auto shown = display_in(after(words, " device=").value_or(""))) job.device = shown->name;
    } else if (starts(words, "spooling=")) {
      job.spooling = number_after(words, "spooling=") != 0;
      job.despooling = number_after(words, " despooling=") != 0;
      job.waits_to_despool = number_after(words, "despool_wait=") != 0;
    } else if (starts(words, "Files=")) {
      job.files = number_after(words, "Files=");
      job.bytes = number_after(words, " Bytes=");
    }
  }

  // The white paper shows a line of this list broken in two.
  void waiting(std::string_view words) {
    const bool has_code = words.size() > 5 && words[4] == ' ' &&
                          std::all_of(words.begin(), words.begin() + 4, [](char c) { return c >= '0' && c <= '9'; });
    if (has_code) {
      status_.waiting.push_back({small_number_after(words, " JobId="), std::string(words)});
    } else if (!status_.waiting.empty()) {
      status_.waiting.back().text += ' ' + std::string(words);
    }
  }

  // "     1  Full          6    3.013 M  OK       22-Nov-26 19:43 backup-cibou"; the status may have blanks
  // in it.
  void ended(std::string_view line) {
    std::istringstream in{std::string(line)};
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    if (words.size() < 5 || words[0].find_first_not_of("0123456789") != std::string::npos) return;
    const auto n = words.size();
    EndedJob job;
    job.job = small_number_after(words[0], "");
    job.name = words[n - 1];
    job.finished = words[n - 3] + ' ' + words[n - 2];
    job.status = words[n - 4] == "warnings" ? "OK -- with warnings" : words[n - 4];
    status_.ended.push_back(std::move(job));
  }

  void device(std::string_view words) {
    BaculaDevice d;
    if (words.ends_with(" is not open or does not exist.")) {
      d.name = after(words, "\"", "\"").value_or("");
      d.exists = false;
    } else if (const auto shown = display_in(words)) {
      d.name = shown->name;
      d.archive_device = shown->archive_device;
      const auto type = after(words, "Device ", " ").value_or("");
      d.type = type.substr(0, type.find(':'));
      d.open = !words.ends_with(" is not open.");
    } else {
      return;  // "Device state:", "Device parameters:"
    }
    status_.devices.push_back(std::move(d));
  }

  void device_detail(std::string_view words) {
    if (status_.devices.empty()) return;
    auto& d = status_.devices.back();
    if (starts(words, "Volume: ")) {
      d.volume = base::trimmed(words.substr(7));
    } else if (starts(words, "Pool: ") && d.remarks.empty()) {
      d.pool = base::trimmed(words.substr(5));
      if (d.pool == "*unknown*") d.pool.clear();
    } else if (starts(words, "Media type: ") && d.remarks.empty()) {
      d.media_type = base::trimmed(words.substr(11));
    } else if (starts(words, "Total Bytes=")) {
      d.appending = true;
    } else if (starts(words, "Device is ")) {
      d.enabled = d.enabled && !starts(words, "Device is disabled");
      d.unmounted = d.unmounted || starts(words, "Device is BLOCKED. User unmounted");
      d.remarks.emplace_back(words);
    } else if (const auto flags = std::string(words) + ' '; flags.find("OPENED ") != std::string::npos) {
      d.appending = (' ' + flags).find(" APPEND ") != std::string::npos;
      d.counters.emplace().reading = flags.find(" READ ") != std::string::npos;
    } else if (starts(words, "Writers=") && d.counters) {
      d.counters->writers = small_number_after(words, "Writers=");
      d.counters->reserved = small_number_after(words, " reserves=");
      d.counters->usage = number_after(words, " usage=");
    }
  }

  void volume(std::string_view words) {
    if (starts(words, "Reserved volume: ") || starts(words, "Read volume: ")) {
      UsedVolume v;
      v.read_list = starts(words, "Read volume: ");
      v.volume = after(words, "volume: ", " on ").value_or("");
      if (const auto shown = display_in(words)) v.device = shown->name;
      status_.volumes.push_back(std::move(v));
    } else if (starts(words, "Reader=") && !status_.volumes.empty()) {
      auto& v = status_.volumes.back();
      v.reading = number_after(words, "Reader=") != 0;
      v.writers = small_number_after(words, " writers=");
      v.reserved = small_number_after(words, " reserves=");
      v.in_use = number_after(words, " volinuse=") != 0;
    }
  }

  BaculaStatus status_;
  Section section_ = Section::before;
  bool found_ = false;
};

}  // namespace

std::optional<BaculaStatus> parse_bacula_status(std::string_view text) {
  // bacula-sd 9.6 sends a NUL behind some lines.
  std::string clean(text);
  std::erase(clean, '\0');
  Parser parser;
  std::istringstream in(clean);
  for (std::string line; std::getline(in, line);) parser.line(line);
  return std::move(parser).result();
}

}  // namespace shstore::status
