#include "scsi/ctl/debug_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <mutex>

#include "scsi/base/descriptor.h"
#include "scsi/base/printable.h"

namespace shstore::scsi::ctl {
namespace {

constexpr mode_t kMode = 0640;

class FileSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FileSink(base::Descriptor file) : file_(std::move(file)) {}

 private:
  // One write(2) for each line: several programs write at the same time.
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t buffer;
    formatter_->format(message, buffer);
    std::string_view text(buffer.data(), buffer.size());
    if (text.ends_with('\n')) text.remove_suffix(1);
    const auto line = base::printable(text) + '\n';
    [[maybe_unused]] const ssize_t lost = ::write(file_.get(), line.data(), line.size());
  }
  void flush_() override {}

  base::Descriptor file_;
};

void give_to_owner_of_folder(int file, const std::string& path) {
  struct stat folder {};
  if (::geteuid() != 0 || ::stat(std::filesystem::path(path).parent_path().c_str(), &folder) != 0) return;
  [[maybe_unused]] const int ignored = ::fchown(file, folder.st_uid, folder.st_gid);
}

}  // namespace

Result<void> start_debug_log(const std::string& path) {
  const auto cannot = [&](const std::string& why) {
    return fail(Error::Kind::config, fmt::format("no debug log: cannot write {}: {}", path, why));
  };
  // The folder is the daemon's, and we may be root: what is there may have been put there for us.
  constexpr int kFlags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  bool fresh = true;
  base::Descriptor file(::open(path.c_str(), kFlags | O_CREAT | O_EXCL, kMode));
  if (!file && errno == EEXIST) {
    fresh = false;
    file = base::Descriptor(::open(path.c_str(), kFlags));
  }
  if (!file && errno == ELOOP) return cannot("it is a symbolic link");
  if (!file && errno == ENXIO) return cannot("it is not a regular file");
  struct stat st {};
  if (!file || ::fstat(file.get(), &st) != 0) return cannot(errno_text(errno));
  if (!S_ISREG(st.st_mode)) return cannot("it is not a regular file");
  if (st.st_nlink > 1) return cannot("it has another name, too");
  if (fresh) give_to_owner_of_folder(file.get(), path);
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("storage-ctl", std::make_shared<FileSink>(std::move(file))));
  spdlog::set_level(spdlog::level::debug);
  return {};
}

}  // namespace shstore::scsi::ctl
