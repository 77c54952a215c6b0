// Rings are looked for on real sockets of shstore-target, by the thread that the plugin has for it.
#include "plugin/mutual_watch.h"

#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>

#include "plugin/scsi_lock_port.h"
#include "scsi/drive_lock.h"
#include "scsi/transport.h"
#include "served_target.h"

namespace shstore::plugin {
namespace {

using namespace std::chrono_literals;
using reserve::JobHalf;
using reserve::JobOnDrives;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kSan =
    R"({"drives": [{"name": "d0", "vendor": "HP", "product": "U", "revision": "1", "serial": "A"},
 {"name": "d1", "vendor": "HP", "product": "U", "revision": "1", "serial": "B"}],
 "initiators": [{"name": "cibou", "wwpn": "2101001b322173ee", "relative_target_port": 1, "devices": {"sg0": "d0", "sg1": "d1"}},
 {"name": "dir", "wwpn": "2100001b321f4365", "relative_target_port": 1, "devices": {"sg0": "d0", "sg1": "d1"}}]})";

class MutualWatchTest : public testing::Test {
 protected:
  void lock(const std::string& path, const char* key) {
    const auto transport = scsi::open_transport(target.path(path));
    ASSERT_TRUE(transport);
    scsi::LogicalUnit unit(**transport);
    ASSERT_TRUE(scsi::DriveLock(unit, *scsi::parse_key(key)).try_lock());
  }
  // cibou has d0 and waits for d1, dir the other way round.
  void SetUp() override {
    lock("cibou/sg0", "bac001");
    lock("dir/sg1", "bac999");
    lock("dir/sg0", "bac999");
    lock("cibou/sg1", "bac001");
    const auto now = reserve::Instant::clock::now();
    JobOnDrives reads{
        1, 1, {target.path("cibou/sg0")}, {}, false, JobHalf::reads, now, {{target.path("cibou/sg0"), now}}};
    JobOnDrives writes{2, 2, {}, {target.path("cibou/sg1")}, false, JobHalf::writes, now, {}};
    jobs = {reads, writes};
  }
  MutualWatch::Surroundings around() {
    return {[this] {
              const std::lock_guard lock(mutex);
              ++looks;
              event.notify_all();
              return jobs;
            },
            [this](const std::string& control) {
              auto& port = ports[control];
              if (!port)
                port = std::make_unique<ScsiLockPort>(control, *scsi::parse_key("bac001"), false, [] { return false; });
              return port->perform(reserve::Action::look, false).reading;
            },
            [] {},
            [this](reserve::JobContext job) {
              const std::lock_guard lock(mutex);
              woken = job;
              event.notify_all();
            }};
  }
  std::vector<MutualWatch::Drive> drives() {
    return {{target.path("cibou/sg0"), *scsi::parse_key("bac001")},
            {target.path("cibou/sg1"), *scsi::parse_key("bac001")}};
  }
  ServedTarget target{kSan};
  std::map<std::string, std::unique_ptr<ScsiLockPort>> ports;  ///< of the watch's thread
  std::mutex mutex;
  std::condition_variable event;
  std::vector<JobOnDrives> jobs;
  reserve::JobContext woken = 0;
  int looks = 0;
};

TEST_F(MutualWatchTest, WakesTheJobThatIsToGiveIn) {
  MutualWatch watch(drives(), around(), {1ms, 1ms, 1ms}, 10ms);
  watch.start();
  {
    std::unique_lock lock(mutex);
    event.wait(lock, [&] { return woken != 0; });
    EXPECT_EQ(woken, 2u);
  }
  const auto standing = watch.gives_in(2);
  ASSERT_TRUE(standing);
  EXPECT_THAT(standing->wait.ring, SizeIs(2));
  EXPECT_FALSE(watch.gives_in(1)) << "the half that reads goes with it";
  {
    // The ring is gone: what was decided is withdrawn with the next look.
    std::unique_lock lock(mutex);
    jobs[1].waits_for.clear();
    const auto then = looks;
    event.wait(lock, [&] { return looks >= then + 4; });
  }
  EXPECT_FALSE(watch.gives_in(2));
  EXPECT_TRUE(watch.stop(1h));
}

TEST_F(MutualWatchTest, WakesNobodyWhereThatIsOff) {
  MutualWatch watch(drives(), around(), {0ms, 1ms, 1ms}, 10ms);
  watch.start();
  {
    std::unique_lock lock(mutex);
    event.wait(lock, [&] { return looks >= 10; });
    EXPECT_EQ(woken, 0u);
  }
  EXPECT_FALSE(watch.gives_in(2));
  EXPECT_THAT(watch.waits(), SizeIs(1));
  EXPECT_TRUE(watch.stop(1h));
}

TEST(MutualWatchTiming, TheLongestCountsAndOffBeforeAll) {
  config::SharedDevices shared;
  shared.devices.resize(2);
  shared.devices[0].mutual_wait = 60s;
  shared.devices[1].mutual_wait = 300s;
  EXPECT_EQ(MutualWatch::timing(shared).mutual_wait, 300s);
  shared.devices[0].mutual_wait = 0s;
  EXPECT_EQ(MutualWatch::timing(shared).mutual_wait, 0s);
}

}  // namespace
}  // namespace shstore::plugin
