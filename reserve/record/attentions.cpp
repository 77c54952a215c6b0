#include "reserve/record/attentions.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <system_error>

#include "scsi/base/descriptor.h"
#include "scsi/base/foreign_file.h"

namespace shstore::record {
namespace {

constexpr mode_t kAttentionsMode = 0660;
constexpr size_t kLargest = 64 << 10;
constexpr size_t kKept = kLargest / 2;

class File {
 public:
  File(const std::string& path, int flags)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, kAttentionsMode)) {}
  int fd() const { return fd_.get(); }

  /// Whoever holds the lock has a few lines to write; one that was stopped over it is not waited for.
  bool lock(int operation) const {
    constexpr int kTries = 20, kPauseMs = 5;
    for (int i = 0; i < kTries; ++i) {
      if (::flock(fd(), operation | LOCK_NB) == 0) return true;
      ::poll(nullptr, 0, kPauseMs);
    }
    return false;
  }

  std::string text() const {
    std::string all(kLargest + kKept, '\0');
    const ssize_t n = ::pread(fd(), all.data(), all.size(), 0);
    all.resize(n < 0 ? 0 : static_cast<size_t>(n));
    return all;
  }

 private:
  base::Descriptor fd_;
};

std::string now_text() {
  const auto now = std::chrono::system_clock::now();
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count() % 1'000'000;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(now)), micros);
}

struct Line {
  std::string_view time, code, device;
};

bool is_code(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr size_t kSlash = 2, kLength = 5;
  if (text.size() != kLength || text[kSlash] != '/') return false;
  for (size_t i = 0; i < kLength; ++i) {
    if (i != kSlash && kHex.find(text[i]) == std::string_view::npos) return false;
  }
  return true;
}

// Lines of any other form, and one that is not whole, are nobody's.
std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> all;
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const auto code = line.find(' ');
    const auto device = line.find(' ', code + 1);
    if (code == std::string_view::npos || device == std::string_view::npos) continue;
    const Line found{line.substr(0, code), line.substr(code + 1, device - code - 1), line.substr(device + 1)};
    if (is_code(found.code)) all.push_back(found);
  }
  return all;
}

// Their order is not relied on: somebody else may have written them. Empty: there are none.
std::string_view latest(const std::vector<Line>& lines) {
  std::string_view last;
  for (const auto& line : lines) last = std::max(last, line.time);
  return last;
}

// A clock that was set back must not hide a line from its readers.
std::string time_after(const std::string& text) {
  auto now = now_text();
  const auto last = latest(lines_of(text));
  return last < now ? now : std::string(last) + '+';
}

// The newest lines, from the beginning of one on.
std::string newest(const std::string& text) {
  if (text.size() <= kKept) return text;
  const auto begin = text.find('\n', text.size() - kKept);
  return begin == std::string::npos ? std::string{} : text.substr(begin + 1);
}

void give_to_owner_of_folder(const std::string& path, int fd) {
  struct stat folder {};
  const auto slash = path.rfind('/');
  if (::geteuid() != 0 || slash == std::string::npos || ::stat(path.substr(0, slash + 1).c_str(), &folder) != 0) return;
  [[maybe_unused]] const int ignored = ::fchown(fd, folder.st_uid, folder.st_gid);
}

bool same(const struct stat& a, const struct stat& b) {
  return a.st_ino == b.st_ino && a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

}  // namespace

std::string attentions_path(const std::string& working_directory, const std::string& sd_name) {
  return working_directory + '/' + sd_name + ".shstore-attentions";
}

tl::expected<void, std::string> record_attentions(const std::string& path, const std::string& control_device,
                                                  const std::vector<std::string>& codes) {
  const auto failed = [&](const std::string& why) { return tl::make_unexpected("cannot write " + path + ": " + why); };
  const File file(path, O_RDWR | O_CREAT | O_APPEND);
  struct stat st {};
  if (file.fd() < 0 || ::fstat(file.fd(), &st) != 0) return failed(std::generic_category().message(errno));
  if (!S_ISREG(st.st_mode)) return failed("it is not a regular file");
  if (st.st_nlink > 1) return failed("the file has another name besides, and may be somebody else's: remove this one");
  if (!file.lock(LOCK_EX)) return failed("another program keeps it locked");
  if (st.st_size == 0) {
    ::fchmod(file.fd(), kAttentionsMode);
    give_to_owner_of_folder(path, file.fd());
  }
  const auto text = file.text();
  std::string added;
  if (!text.empty() && text.back() != '\n') added = '\n';  // one who was killed over it, or had no room
  for (const auto& code : codes) {
    added += fmt::format("{} {} {}\n", time_after(text + added), code, control_device);
  }
  if (text.size() + added.size() > kLargest) {
    added.insert(0, newest(text));
    if (::ftruncate(file.fd(), 0) != 0) return failed(std::generic_category().message(errno));
  }
  const ssize_t n = ::write(file.fd(), added.data(), added.size());
  if (n != static_cast<ssize_t>(added.size())) return failed(std::generic_category().message(n < 0 ? errno : ENOSPC));
  return {};
}

AttentionReader::AttentionReader(std::string path, std::string control_device)
    : path_(std::move(path)), control_device_(std::move(control_device)) {
  (void)fresh();
}

bool AttentionReader::unchanged() {
  struct stat st {};
  if (path_.empty() || ::stat(path_.c_str(), &st) != 0 || !S_ISREG(st.st_mode)) return true;
  if (base::may_be_a_strangers(path_, st.st_uid)) return true;
  const bool as_before = same(st, last_);
  last_ = st;
  return as_before;
}

std::vector<std::string> AttentionReader::fresh() {
  if (unchanged()) return {};
  const File file(path_, O_RDONLY);
  if (file.fd() < 0) return {};
  if (!file.lock(LOCK_SH)) last_ = {};  // read it all the same, and once more next time
  const auto text = file.text();
  const auto lines = lines_of(text);
  if (!lines.empty() && latest(lines) < seen_) seen_.clear();  // another file, begun after the clock was set back
  std::vector<std::string> codes;
  for (const auto& line : lines) {
    if (line.time <= seen_) continue;
    seen_ = line.time;
    if (line.device == control_device_) codes.emplace_back(line.code);
  }
  return codes;
}

}  // namespace shstore::record
