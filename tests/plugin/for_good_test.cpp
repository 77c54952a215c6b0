// 3614: what waiting does not cure. A job fails when that is so of every drive it may have, and what an administrator corrects in
// storage-ctl.conf is used without a restart.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_port.h"
#include "plugin/admission.h"

namespace shstore::plugin {
namespace {

using config::SharedDevice;
using testing::HasSubstr;
using std::chrono::milliseconds;
using std::chrono::seconds;

const WholePass::Instant kNow = WholePass::Instant{} + std::chrono::hours(1);
constexpr auto kSleep = seconds(30);  // Bacula's, between two passes

TEST(WholePass, OneThatEndsInRefusalsForGoodIsKnownWhenTheNextBegins) {
  WholePass pass;
  EXPECT_FALSE(pass.refused_for_good(kNow));
  EXPECT_FALSE(pass.refused_for_good(kNow + milliseconds(1))) << "the first pass is not over";
  EXPECT_TRUE(pass.refused_for_good(kNow + kSleep));
  EXPECT_TRUE(pass.refused_for_good(kNow + kSleep + milliseconds(1)));
}

TEST(WholePass, ADriveThatMayBecomeFreeIsHope) {
  WholePass pass;
  EXPECT_FALSE(pass.refused_for_good(kNow));
  pass.may_hope(kNow + milliseconds(1));
  EXPECT_FALSE(pass.refused_for_good(kNow + kSleep));
  EXPECT_TRUE(pass.refused_for_good(kNow + 2 * kSleep)) << "and none in the second pass";
}

TEST(WholePass, HopeComesBeforeToo) {
  WholePass pass;
  pass.may_hope(kNow);
  EXPECT_FALSE(pass.refused_for_good(kNow + milliseconds(1)));
  EXPECT_FALSE(pass.refused_for_good(kNow + kSleep));
}

SharedDevice device(const char* name, const char* archive, const char* control, const char* problem = "",
                    const char* media = "LTO-9") {
  SharedDevice d;
  d.name = name;
  d.archive_device = archive;
  d.control_device = control;
  d.media_type = media;
  d.problem = problem;
  if (d.problem.empty()) d.key = {0xbac001};
  return d;
}

struct JobsCaller final : Caller {
  explicit JobsCaller(std::string codes_) : codes(std::move(codes_)) {}
  const void* dcr() const override { return this; }
  std::optional<std::string> edit_device_codes(const char*) const override { return codes; }
  bool begins_to_append(const std::string&) const override { return false; }
  void set_reserve_message(const std::string&) const override {}
  void message(MessageType type, const std::string& text) const override { log.emplace_back(type, text); }
  void debug(const std::string&) const override {}
  void note(const std::string&) const override {}
  std::string codes;
  mutable std::vector<std::pair<MessageType, std::string>> log;
};

struct ForGood : testing::Test {
  ~ForGood() override {
    if (drives) drives->stop(seconds(30));
  }
  void start() {
    drives = std::make_unique<SharedDrives>(
        shared.devices, [this](const SharedDevice& d) { return std::make_unique<FakePort>(fakes[d.control_device]); },
        SharedDrives::Listener{});
    drives->start();
    mending = std::make_unique<Mending>([this] { return now; }, [this](const SharedDevice& d) { drives->add(d); });
    admission = std::make_unique<Admission>(shared, *drives, jobs, mending.get());
  }
  /// What bacula-sd does with the job: is it failed now?
  bool fails(const JobsCaller& caller) {
    EXPECT_FALSE(admission->try_open(&job, caller));
    return !caller.log.empty() && caller.log.back().first == MessageType::fatal;
  }

  config::SharedDevices shared, now;
  std::map<std::string, FakeDrive> fakes;
  RunningJobs jobs{{[](void*, MessageType, const std::string&) {}, [] {}}};
  std::unique_ptr<SharedDrives> drives;
  std::unique_ptr<Mending> mending;
  std::unique_ptr<Admission> admission;
  Job job{1, 7};
  JobsCaller drive0{"/dev/nst0\n/dev/sg0"}, drive1{"/dev/nst1\n/dev/sg1"};
};

TEST_F(ForGood, WhereEveryDriveOfThatMediaTypeHasABadKeyTheJobFailsWithTheReason) {
  shared.devices = {device("Drive0", "/dev/nst0", "/dev/sg0", "key \"xyz\" is none"),
                    device("Drive1", "/dev/nst1", "/dev/sg1", "key \"xyz\" is none"),
                    device("Old", "/dev/nst2", "/dev/sg2", "", "LTO-4")};
  now = shared;
  start();
  EXPECT_TRUE(fails(drive0));
  EXPECT_THAT(
      drive0.log.back().second,
      HasSubstr("3614 JobId=7 may not use device (/dev/nst0), which is configured for locking: key \"xyz\" is none"));
}

TEST_F(ForGood, WhereAnotherDriveOfThatMediaTypeMayBecomeFreeTheJobWaits) {
  shared.devices = {device("Drive0", "/dev/nst0", "/dev/sg0", "no key"), device("Drive1", "/dev/nst1", "/dev/sg1")};
  now = shared;
  fakes["/dev/sg1"].holder = "0xbac999";
  start();
  EXPECT_FALSE(fails(drive0));
  EXPECT_FALSE(fails(drive1)) << "3612";
  EXPECT_FALSE(fails(drive0));
}

TEST_F(ForGood, AnUnsharedDriveOfThatMediaTypeIsHopeToo) {
  shared.devices = {device("Drive0", "/dev/nst0", "/dev/sg0", "no key")};
  shared.unshared_media_types = {"LTO-9"};
  now = shared;
  start();
  EXPECT_FALSE(fails(drive0));
}

TEST_F(ForGood, TheDaemonsOwnStartFailsNothing) {
  shared.devices = {device("Drive0", "/dev/nst0", "/dev/sg0", "no key")};
  now = shared;
  start();
  job = Job{1, 0};
  EXPECT_FALSE(fails(drive0));
}

TEST_F(ForGood, AKeyThatIsCorrectedIsUsedByTheNextJob) {
  shared.devices = {device("Drive0", "/dev/nst0", "/dev/sg0", "no key"),
                    device("Drive1", "/dev/nst1", "/dev/sg1", "no key")};
  now = shared;
  now.devices = {device("Drive0", "/dev/nst0", "/dev/sg0"), device("Drive1", "/dev/nst1", "/dev/sg1")};
  start();
  EXPECT_EQ(drives->state().at(0).problem, "no key");
  EXPECT_TRUE(admission->try_open(&job, drive0));
  EXPECT_TRUE(fakes["/dev/sg0"].held);
  EXPECT_EQ(drives->state().at(0).problem, "");
  EXPECT_TRUE(drives->state().at(0).locked);
  EXPECT_TRUE(admission->open(&job, drive0));
  admission->conclude(job, drive0);
  EXPECT_EQ(drives->state().at(1).problem, "no key") << "nobody has asked for it yet";
  Job next{2, 8};
  EXPECT_TRUE(admission->try_open(&next, drive1));
}

TEST_F(ForGood, AnotherMistakeIsSaidInItsOwnWords) {
  shared.devices = {device("Drive0", "/dev/nst0", "/dev/sg0", "no key")};
  now.devices = {device("Drive0", "/dev/nst0", "/dev/sg0", "the file is gone")};
  start();
  EXPECT_TRUE(fails(drive0));
  EXPECT_THAT(drive0.log.back().second, HasSubstr("the file is gone"));
}

TEST(Mendings, FilesAreReadOnceASecondHoweverManyJobsAsk) {
  int reads = 0, added = 0;
  config::SharedDevices files;
  files.devices = {device("Drive0", "/dev/nst0", "/dev/sg0", "no key")};
  Mending mending([&] { return ++reads, files; }, [&](const SharedDevice&) { ++added; });
  const auto t = Mending::Clock::time_point{} + std::chrono::hours(1);
  for (int i = 0; i < 10; ++i)
    EXPECT_TRUE(std::holds_alternative<config::Misconfigured>(mending.judge("/dev/nst0", "/dev/sg0", t)));
  EXPECT_EQ(reads, 1);
  files.devices[0].problem.clear();
  const auto first = mending.judge("/dev/nst0", "/dev/sg0", t + seconds(2));
  ASSERT_TRUE(std::holds_alternative<const SharedDevice*>(first));
  EXPECT_EQ(std::get<const SharedDevice*>(mending.judge("/dev/nst0", "/dev/sg0", t + seconds(9))),
            std::get<const SharedDevice*>(first));
  EXPECT_EQ(reads, 2);
  EXPECT_EQ(added, 1);
  EXPECT_TRUE(mending.is_mended("Drive0"));
}

}  // namespace
}  // namespace shstore::plugin
