#include "bays.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>

namespace relay {
namespace {

int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

bool Bay::is_calibrating() const { return now_ms() < ready_at; }
void Bay::begin_calibration() { ready_at = now_ms() + int64_t{1000} * calibration_seconds; }

Bay* open_bays() {
  const int file = open("/run/relay/bays", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || ftruncate(file, sizeof(Bay) * kDrives)) throw std::runtime_error("cannot open /run/relay/bays");
  void* map = mmap(nullptr, sizeof(Bay) * kDrives, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (map == MAP_FAILED) throw std::runtime_error("cannot map /run/relay/bays");
  return static_cast<Bay*>(map);
}

}  // namespace relay
