// try_open_time PLUGIN CONFIG ARCHIVE CONTROL JOBS PAUSE: how long DeviceTryOpen takes, during which bacula-sd keeps every
// other job from reserving a drive. JOBS jobs, one after the other, ask for the device as bacula-sd asks, five times if they
// are refused, and PAUSE milliseconds lie between them. Prints a line for each try: "granted", "refused" (the first time,
// when the drive had to be asked) or "again" (from memory), and its microseconds.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "fake_bacula.h"

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  const std::chrono::milliseconds pause(std::atol(argv[6]));
  fake_bacula::Daemon daemon(argv[1], argv[2]);
  const fake_bacula::Device device{argv[3], argv[4]};
  for (uint32_t id = 1; id <= static_cast<uint32_t>(std::atol(argv[5])); ++id) {
    fake_bacula::Job job(daemon, id);
    for (int tries = 0; tries < 5; ++tries) {
      const auto begin = std::chrono::steady_clock::now();
      const bool granted = job.try_open(device);
      const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
      std::printf("%s %.1f\n", granted ? "granted" : tries == 0 ? "refused" : "again", took.count());
      if (granted) break;
    }
    job.end();
    std::this_thread::sleep_for(pause);
  }
}
