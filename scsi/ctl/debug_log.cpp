#include "scsi/ctl/debug_log.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <mutex>

#include "scsi/base/descriptor.h"
#include "scsi/base/output_file.h"
#include "scsi/base/printable.h"

namespace shstore::scsi::ctl {
namespace {

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

}  // namespace

Result<void> start_debug_log(const std::string& path) {
  auto file = base::open_log(path);
  if (!file) return fail(Error::Kind::config, "no debug log: " + file.error());
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("storage-ctl", std::make_shared<FileSink>(std::move(*file))));
  spdlog::set_level(spdlog::level::debug);
  return {};
}

}  // namespace shstore::scsi::ctl
