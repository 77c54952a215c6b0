#include "plugin/history_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "reserve/record/contract.h"
#include "reserve/record/history_file.h"
#include "scsi/base/descriptor.h"
#include "scsi/base/output_file.h"

namespace shstore::plugin {
namespace {

constexpr mode_t kMode = 0640;

std::string cannot_write(const std::string& path, int error) {
  return "cannot write " + path + ": " + std::generic_category().message(error);
}

// A link that somebody put there is never followed, and a pipe never waited for.
int open_history(const std::string& path, int flags) {
  return ::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, kMode);
}

bool is_regular(int fd) {
  struct stat st {};
  return ::fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

bool ends_in_mid_line(const std::string& path) {
  const base::Descriptor file(open_history(path, O_RDONLY));
  char last = '\n';
  return file && ::lseek(file.get(), -1, SEEK_END) >= 0 && ::read(file.get(), &last, 1) == 1 && last != '\n';
}

uint64_t size_of(const std::string& path) {
  struct stat st {};
  return ::stat(path.c_str(), &st) == 0 ? static_cast<uint64_t>(st.st_size) : 0;
}

std::string to_text(const record::History& events) {
  std::string text;
  for (const auto& event : events) text += record::to_line(event);
  return text;
}

// Or the clock was set back.
bool passed(record::WallTime now, record::WallTime last, std::chrono::seconds time) {
  return now - last >= time || now < last;
}

// What fits, the oldest left out.
std::string newest(std::string text, uint64_t bytes) {
  if (text.size() <= bytes) return text;
  const auto line = text.find('\n', text.size() - static_cast<size_t>(bytes));
  return line == std::string::npos ? std::string{} : text.substr(line + 1);
}

}  // namespace

void HistoryWriter::observe(const record::SdState& state) {
  const auto now = state.updated;
  auto events = record::changes(before_ ? &*before_ : nullptr, state);
  const bool owes_a_line = !error_.empty() || passed(now, last_line_, record::kSignOfLife);
  if (events.empty() && owes_a_line) events.push_back({now});
  before_ = state;
  if (!events.empty()) {
    append(events);
    last_line_ = now;
  }
  if (passed(now, last_trim_, size_of(path_) > max_bytes_ ? std::chrono::minutes(1) : std::chrono::hours(1))) trim(now);
}

// Each line in one write, so that a reader who comes between two of them sees whole lines.
void HistoryWriter::append(const record::History& events) {
  const base::Descriptor file(open_history(path_, O_WRONLY | O_APPEND | O_CREAT));
  if (!file) {
    error_ = cannot_write(path_, errno);
    return;
  }
  if (!is_regular(file.get())) {
    error_ = "cannot write " + path_ + ": it is not a regular file";
    return;
  }
  ::fchmod(file.get(), kMode);  // whatever the daemon's umask is
  if (torn_) torn_ = ends_in_mid_line(path_);
  for (const auto& event : events) {
    const auto line = (torn_ ? "\n" : "") + record::to_line(event);
    torn_ = false;
    const ssize_t written = ::write(file.get(), line.data(), line.size());
    if (written != static_cast<ssize_t>(line.size())) {
      torn_ = true;
      error_ = cannot_write(path_, written < 0 ? errno : ENOSPC);
      return;
    }
  }
  error_.clear();
}

void HistoryWriter::trim(record::WallTime now) {
  last_trim_ = now;
  if (!error_.empty()) return;
  const auto text = record::read_history_text(path_);
  if (!text) return;
  const auto all = record::parse_history(*text);
  const auto kept = record::since(all, now - kKept);
  if (kept.size() == all.size() && text->size() <= max_bytes_) return;
  const auto replaced = base::replace_file(path_, newest(to_text(kept), max_bytes_ / 2), kMode);
  if (!replaced) error_ = replaced.error();
}

}  // namespace shstore::plugin
