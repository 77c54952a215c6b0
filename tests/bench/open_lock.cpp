// open_lock CONTROL-DEVICE ARCHIVE-DEVICE TIMES: how long after an open(2) has returned the plugin has the drive's lock. The agent, the
// watch and the port are the plugin's; only the grace after a close is none. Prints the median and the 99th percentile, in milliseconds.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>
#include <vector>

#include "plugin/device_open.h"
#include "plugin/device_users.h"
#include "plugin/drive_agent.h"
#include "plugin/scsi_lock_port.h"

namespace {

using namespace shstore;
using Clock = std::chrono::steady_clock;

// Until the agent's view is so; false: it never was.
bool wait_for(const plugin::DriveAgent& agent, bool locked) {
  for (const auto until = Clock::now() + std::chrono::seconds(20); agent.view().locked != locked;) {
    if (Clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 1;
  const std::string control = argv[1], archive = argv[2];
  plugin::OpenWatch watch;
  watch.add(control, {archive});
  const auto is_open = [&] { return plugin::is_open_in_this_process(archive); };
  reserve::Timing timing;
  timing.open_grace = reserve::Duration(0);
  plugin::DriveAgent agent(
      std::make_unique<plugin::WatchedPort>(
          std::make_unique<plugin::ScsiLockPort>(control, scsi::ReservationKey{0xbac001}, false, is_open),
          plugin::DeviceUsers(control, {archive}, is_open, &watch)),
      {}, timing);
  agent.start();
  watch.start([&](const std::string&) { agent.device_event(); });
  std::vector<double> took;
  for (long left = std::atol(argv[3]); left > 0; --left) {
    const int fd = ::open(archive.c_str(), O_RDONLY | O_NONBLOCK);
    const auto begin = Clock::now();
    if (fd < 0 || !wait_for(agent, true)) {
      std::cerr << "no lock came: " << agent.view().error << '\n';
      return 1;
    }
    took.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    ::close(fd);
    if (!wait_for(agent, false)) {
      std::cerr << "the lock stayed\n";
      return 1;
    }
  }
  watch.stop();
  agent.stop(std::chrono::seconds(2));
  std::sort(took.begin(), took.end());
  fmt::print("{} opens: median {:.2f} ms, 99 % {:.2f} ms, longest {:.2f} ms\n", took.size(), took[took.size() / 2],
             took[took.size() * 99 / 100], took.back());
}
