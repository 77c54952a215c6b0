#include "status/watch/reader.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

#include "scsi/base/descriptor.h"

namespace shstore::status::watch {

// Lives as long as the thread, which may be stuck in a drive.
struct Reader::Shared {
  Shared() : news(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!news) throw std::system_error(errno, std::generic_category(), "cannot create an eventfd");
  }
  ~Shared() = default;
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  void tell() const {
    const uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(news.get(), &one, sizeof one);
  }

  const base::Descriptor news;
  std::mutex mutex;
  std::condition_variable changed;
  bool wanted = true, over = false;
  Latest latest;
};

namespace {

Reading read_or_say_why(const std::function<Reading()>& read) {
  try {
    return read();
  } catch (const std::exception& e) {
    return {{}, {{"shstore-status", e.what()}}};
  }
}

}  // namespace

Reader::Reader(std::function<Reading()> read, std::chrono::seconds interval) : shared_(std::make_shared<Shared>()) {
  std::thread([shared = shared_, read = std::move(read), interval] {
    std::unique_lock lock(shared->mutex);
    while (!shared->over) {
      shared->wanted = false;
      shared->latest.asking = Clock::now();
      lock.unlock();
      auto reading = std::make_shared<const Reading>(read_or_say_why(read));
      lock.lock();
      shared->latest = {std::move(reading), Clock::now(), std::nullopt};
      shared->tell();
      shared->changed.wait_for(lock, interval, [&] { return shared->wanted || shared->over; });
    }
  }).detach();
}

Reader::~Reader() {
  const std::lock_guard lock(shared_->mutex);
  shared_->over = true;
  shared_->changed.notify_all();
}

int Reader::fd() const { return shared_->news.get(); }

Reader::Latest Reader::latest() {
  uint64_t count = 0;
  [[maybe_unused]] const auto taken = ::read(shared_->news.get(), &count, sizeof count);
  const std::lock_guard lock(shared_->mutex);
  return shared_->latest;
}

void Reader::refresh() {
  const std::lock_guard lock(shared_->mutex);
  shared_->wanted = true;
  shared_->changed.notify_all();
}

}  // namespace shstore::status::watch
