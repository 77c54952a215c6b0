#include "changer/interruptible.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "scsi/inquiry.h"
#include "scsi/medium_changer.h"

namespace shstore::changer {
namespace {

constexpr uint8_t kLogSense = 0x4d;
constexpr std::chrono::milliseconds kSignalLook{20};

bool only_looks(const scsi::Command& command) {
  constexpr std::array kLooking = {scsi::kReadElementStatus, scsi::kModeSense6, scsi::kModeSense10, scsi::kInquiry,
                                   kLogSense};
  return !command.cdb.empty() && std::find(kLooking.begin(), kLooking.end(), command.cdb[0]) != kLooking.end();
}

// One command in a thread of its own.
struct Flight {
  Flight(std::shared_ptr<scsi::Transport> d, const scsi::Command& c) : device(std::move(d)), command(c) {}
  std::shared_ptr<scsi::Transport> device;
  scsi::Command command;
  std::mutex mutex{};
  std::condition_variable landed{};
  std::optional<scsi::Result<scsi::Reply>> reply{};
};

void fly(const std::shared_ptr<Flight>& flight) {
  sigset_t all;
  sigfillset(&all);  // signals are the main thread's
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
  auto reply = flight->device->execute(flight->command);
  const std::lock_guard lock(flight->mutex);
  flight->reply.emplace(std::move(reply));
  flight->landed.notify_all();
}

class Interruptible final : public scsi::Transport {
 public:
  Interruptible(std::shared_ptr<scsi::Transport> device, OpenTransport open, const std::atomic<bool>& stop)
      : device_(std::move(device)), path_(device_->path()), open_(std::move(open)), stop_(stop) {}

  scsi::Result<scsi::Reply> execute(const scsi::Command& command) override {
    if (only_looks(command) && stop_) return interrupted();
    if (device_ == nullptr) {
      auto opened = open_(path_);
      if (!opened) return tl::make_unexpected(opened.error());
      device_ = std::move(*opened);
    }
    if (!only_looks(command)) return device_->execute(command);
    const auto flight = std::make_shared<Flight>(device_, command);
    try {
      std::thread(fly, flight).detach();
    } catch (const std::system_error&) {
      return device_->execute(command);  // no thread is left: then it takes as long as it takes
    }
    std::unique_lock lock(flight->mutex);
    // A signal's handler cannot notify; the device has its own deadline.
    while (!flight->landed.wait_for(lock, kSignalLook, [&] { return flight->reply.has_value(); })) {
      if (!stop_) continue;
      device_.reset();  // the thread has it until the answer comes
      return interrupted();
    }
    return std::move(*flight->reply);
  }
  const std::string& path() const override { return path_; }

 private:
  tl::unexpected<scsi::Error> interrupted() const {
    return scsi::fail(scsi::Error::Kind::interrupted, fmt::format("{}: interrupted while it was read", path_));
  }

  std::shared_ptr<scsi::Transport> device_;
  std::string path_;
  OpenTransport open_;
  const std::atomic<bool>& stop_;
};

}  // namespace

OpenTransport interruptible(OpenTransport open, const std::atomic<bool>& stop) {
  return [open = std::move(open), &stop](const std::string& path) -> scsi::Result<std::unique_ptr<scsi::Transport>> {
    auto device = open(path);
    if (!device) return device;
    return std::make_unique<Interruptible>(std::shared_ptr<scsi::Transport>(std::move(*device)), open, stop);
  };
}

}  // namespace shstore::changer
