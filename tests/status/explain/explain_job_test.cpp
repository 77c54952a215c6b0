#include "status/explain/explain_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "golden.h"
#include "recorded.h"

namespace shstore::status {
namespace {

using reserve::Refusal;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;
using State = JobExplanation::State;

class OneFile final : public config::FileReader {
 public:
  explicit OneFile(std::string text) : text_(std::move(text)) {}
  tl::expected<std::string, std::string> read(const std::string&) override { return text_; }

 private:
  std::string text_;
};

// Host "cibou" of the white paper, or "dir" with host number 2: two drives, the second reserved for restores.
std::string sd_conf(int host) {
  const auto n = std::to_string(host);
  std::string text = "Storage { Name = " + std::string(host == 1 ? "cibou-sd" : "dir-sd") +
                     "; Working Directory = /w; Pid Directory = /p }\nDirector { Name = d; Password = x }\n"
                     "Messages { Name = m; director = d = all }\n"
                     "Autochanger { Name = LTO-Changer-" +
                     n + "; Device = LT09_" + n + "_Drive0, LT09_" + n +
                     "_Drive1; Changer Device = /dev/null; Changer Command = \"\" }\n";
  for (const std::string drive : {"0", "1"}) {
    text += "Device { Name = LT09_" + n + "_Drive" + drive +
            "; Media Type = LTO-9; Device Type = Vtape; Archive Device = /tapes/drive" + drive +
            "\n Autochanger = yes; Drive Index = " + drive + "; Control Device = /dev/sg" + drive +
            "; Lock Command = \"/s/storage-ctl %l %o\"\n" + (drive == "1" ? " Auto Select = no\n" : "") + "}\n";
  }
  return text;
}

class ExplainJob : public testing::Test {
 protected:
  void on_host(int host) {
    OneFile reader(sd_conf(host));
    config = config::load_sd_config("bacula-sd.conf", reader);
    shared = config::shared_devices(
        config, [](const std::string& path) { return scsi::parse_storage_ctl_conf("key=bac001\n", path); });
    live.assign(2, {});
    state = record::SdState{};
    state.sd_name = *config.storage->name;
    for (const auto& d : shared.devices) {
      record::DriveState drive;
      drive.name = d.name;
      drive.archive_device = d.archive_device;
      state.drives.push_back(drive);
    }
  }
  // Job 3 was refused the first drive, which host "dir" holds.
  void held_by_dir() {
    on_host(1);
    live[0].blocked_by = "0xbac999";
    state.drives[0].waiting = {{3, record::WallTime{1795345732s}, {Refusal::Kind::held_by_other, "0xbac999", {}}}};
  }
  JobExplanation explain(uint32_t job, const std::string& status, const WishHints& hints = {}) {
    const auto bacula = status.empty() ? std::nullopt : parse_bacula_status(status);
    const auto snapshot = join(config, shared, {state, plugin_runs, {}}, live);
    return explain_job({config, shared, snapshot, plugin_runs, bacula}, job, hints);
  }

  config::SdConfig config;
  config::SharedDevices shared;
  record::SdState state;
  bool plugin_runs = true;
  std::vector<LiveLock> live;
};

TEST_F(ExplainJob, ThatWaitsForAnotherHostsDrive) {
  held_by_dir();
  const auto e = explain(3, tests::recorded_status("bacula-waiting.txt"));
  EXPECT_EQ(e.state, State::waits);
  EXPECT_EQ(e.expected, e.bacula_says) << "our rules lead to the line that bacula-sd shows";
  EXPECT_TRUE(tests::equals_golden(to_text(e), "status/explain-waiting.txt"));
  EXPECT_TRUE(tests::equals_golden(to_json(e), "status/explain-waiting.json"));
}

TEST_F(ExplainJob, OfWhichOnlyThePluginKnows) {
  held_by_dir();
  const auto e = explain(3, "");
  EXPECT_EQ(e.state, State::waits);
  EXPECT_TRUE(tests::equals_golden(to_text(e), "status/explain-without-bacula.txt"));
}

TEST_F(ExplainJob, WhoseDriveHasBecomeFreeSinceItWasRefused) {
  held_by_dir();
  live[0].blocked_by.clear();
  const auto e = explain(3, tests::recorded_status("bacula-waiting.txt"));
  EXPECT_EQ(e.chosen, "LT09_1_Drive0");
  EXPECT_THAT(e.remarks,
              ElementsAre("It gets \"LT09_1_Drive0\" (/tapes/drive0) at bacula-sd's next try, within a minute"));
}

// "Nothing to do" would be false then.
TEST_F(ExplainJob, ThatWaitsInARingOfHosts) {
  held_by_dir();
  live[1].locked = true;
  record::MutualWait wait{record::WallTime{1795345732s}};
  wait.ring = {{"0xbac001", "LT09_1_Drive1", "LT09_1_Drive0"}, {"0xbac999", "LT09_1_Drive0", "LT09_1_Drive1"}};
  wait.job = 3;
  wait.having = {2};
  state.mutual_waits = {wait};
  const auto e = explain(3, tests::recorded_status("bacula-waiting.txt"));
  EXPECT_THAT(e.remarks,
              Contains(HasSubstr("0xbac001 has \"LT09_1_Drive1\" and waits for \"LT09_1_Drive0\"; 0xbac999 has")));
  EXPECT_EQ(e.drives.at(0).what_to_do,
            "If that stays so, no job of the ring ever goes on: end one with \"cancel jobid=3\" in bconsole");
}

// The plugin's answer stands as long as its state says so.
TEST_F(ExplainJob, WhoseFreeDriveIsLeftToAnotherDaemon) {
  held_by_dir();
  live[0].blocked_by.clear();
  state.drives[0].waiting[0].refusal = {Refusal::Kind::yielding, "0xbac999", {}};
  state.drives[0].yielding_to = "0xbac999";
  const auto e = explain(3, tests::recorded_status("bacula-waiting.txt"));
  EXPECT_EQ(e.chosen, "");
  EXPECT_EQ(e.drives.at(0).why,
            "it is the turn of another Storage Daemon, which waits for the drive; its key is 0xbac999");
  EXPECT_THAT(e.drives[0].line, HasSubstr("3615 JobId=3 waiting because it is the turn of 0xbac999"));
  state.drives[0].yielding_to.clear();
  EXPECT_EQ(explain(3, tests::recorded_status("bacula-waiting.txt")).chosen, "LT09_1_Drive0");
}

// 3615 while other jobs of this daemon still use the drive.
TEST_F(ExplainJob, WhoseDriveMayNotBeJoinedAnyMore) {
  held_by_dir();
  live[0].blocked_by.clear();
  live[0].locked = true;
  state.drives[0].locked = true;
  state.drives[0].claims = {{9, state.updated}};
  state.drives[0].waiting[0].refusal = {Refusal::Kind::yielding, "0xbac999", {}};
  const auto e = explain(3, tests::recorded_status("bacula-waiting.txt"));
  EXPECT_EQ(e.chosen, "");
  EXPECT_THAT(e.drives[0].line, HasSubstr("3615 JobId=3 waiting because it is the turn of 0xbac999"));
}

TEST_F(ExplainJob, WhoseFreeDriveIsKeptForAnotherJob) {
  held_by_dir();
  live[0].blocked_by.clear();
  live[0].locked = true;
  state.drives[0].waiting[0].refusal = {Refusal::Kind::promised, {}, {}, 9};
  state.drives[0].locked = true;
  state.drives[0].promised_to = 9;
  const auto e = explain(3, tests::recorded_status("bacula-waiting.txt"));
  EXPECT_EQ(e.chosen, "");
  EXPECT_EQ(e.drives.at(0).why, "the drive is kept for JobId=9, which has waited longer");
  EXPECT_THAT(e.drives[0].line, HasSubstr("3616 JobId=3"));
  state.drives[0].promised_to = 3;
  EXPECT_EQ(explain(3, tests::recorded_status("bacula-waiting.txt")).chosen, "LT09_1_Drive0");
}

TEST_F(ExplainJob, InAStatusThatWasSavedElsewhere) {
  on_host(1);
  plugin_runs = false;
  const auto e = explain(3, tests::recorded_status("bacula-waiting.txt"));
  ASSERT_FALSE(e.drives.empty());
  EXPECT_EQ(e.drives[0].why, "another Storage Daemon holds the drive: its key is 0xbac999");
}

TEST_F(ExplainJob, WhoseDriveDoesNotAnswer) {
  on_host(1);
  live[0].error = "/dev/sg0 does not answer (READ KEYS was not answered within 5 s)";
  const auto e = explain(3, tests::recorded_status("bacula-waiting.txt"));
  ASSERT_FALSE(e.drives.empty());
  EXPECT_THAT(e.drives[0].why, HasSubstr("/dev/sg0 does not answer"));
  EXPECT_EQ(e.drives[0].what_to_do, "Look at the drive with storage-ctl /dev/sg0 doctor");
}

TEST_F(ExplainJob, ThatWrites) {
  on_host(2);
  EXPECT_TRUE(tests::equals_golden(to_text(explain(2, tests::recorded_status("bacula-writing.txt"))),
                                   "status/explain-writing.txt"));
}

TEST_F(ExplainJob, ThatWritesAlreadyWhileThePluginsStateIsTheOneBefore) {
  on_host(2);
  state.drives[0].waiting = {{2, record::WallTime{1795345732s}, {Refusal::Kind::held_by_other, "0xbac001", {}}}};
  EXPECT_TRUE(tests::equals_golden(to_text(explain(2, tests::recorded_status("bacula-writing.txt"))),
                                   "status/explain-writing.txt"));
}

TEST_F(ExplainJob, ThatHasEnded) {
  on_host(1);
  const auto e = explain(1, tests::recorded_status("bacula-waiting.txt"));
  EXPECT_EQ(e.state, State::ended);
  EXPECT_EQ(to_text(e), "Job 1 (backup-cibou) has ended: OK, 22-Nov-26 19:43.\n");
}

TEST_F(ExplainJob, ThatTheDaemonDoesNotKnow) {
  on_host(1);
  const auto e = explain(4711, tests::recorded_status("bacula-waiting.txt"));
  EXPECT_EQ(e.state, State::unknown);
  EXPECT_TRUE(tests::equals_golden(to_text(e), "status/explain-unknown.txt"));
}

TEST_F(ExplainJob, ThatIsOnlyPlanned) {
  on_host(2);
  WishHints hints;
  hints.device = "LTO-Changer-2";
  hints.pool = "Archive";
  hints.volumes = {"A1"};
  const auto e = explain(9, tests::recorded_status("bacula-writing.txt"), hints);
  EXPECT_EQ(e.state, State::planned);
  EXPECT_EQ(e.chosen, "");
  EXPECT_TRUE(tests::equals_golden(to_text(e), "status/explain-planned.txt"));
  hints.pool = "Tapes";
  hints.volumes = {"TAPE-1"};
  EXPECT_EQ(explain(9, tests::recorded_status("bacula-writing.txt"), hints).chosen, "LT09_2_Drive0")
      << "it joins the other job";
}

TEST_F(ExplainJob, ThatFindsNoDriveAtAll) {
  on_host(2);
  WishHints hints;
  hints.device = "LTO-Changer-2";
  hints.pool = "Tapes";
  hints.media_type = "LTO-7";
  const auto e = explain(9, tests::recorded_status("bacula-writing.txt"), hints);
  EXPECT_THAT(e.remarks, Contains(HasSubstr("No drive comes into question at all")));
}

TEST_F(ExplainJob, ThatWaitsForItsClientAndThatSpools) {
  on_host(1);
  const std::string running =
      "cibou-sd Version: 9.6.7 (10 December 2020)\nRunning Jobs:\n"
      "Backup Job night.2026-11-22_19.44.01_03 waiting for Client connection.\n"
      "Writing: Full Backup job night JobId=5 Volume=\"T1\"\n    pool=\"Tapes\" device=\"LT09_1_Drive0\" "
      "(/tapes/drive0)\n"
      "    spooling=1 despooling=0 despool_wait=0\n    Files=0 Bytes=0 AveBytes/sec=0 LastBytes/sec=0\n====\n"
      "Device status:\nDevice Vtape: \"LT09_1_Drive0\" (/tapes/drive0) is not open.\n==\n====\n"
      "Used Volume status:\nReserved volume: T1 on Vtape device \"LT09_1_Drive0\" (/tapes/drive0)\n"
      "    Reader=0 writers=0 reserves=1 volinuse=1 worm=0\n====\n";
  const auto e = explain(5, running);
  EXPECT_EQ(e.state, State::has_drive);
  EXPECT_EQ(e.summary,
            "Job 5 (night) has \"LT09_1_Drive0\" (/tapes/drive0) for Volume \"T1\", and no data has come yet");
  EXPECT_THAT(e.remarks, ElementsAre("It waits for its Client to connect",
                                     "It spools: the drive is not written to at the moment"));
}

// The Volumes in use and the jobs that are attached: what is counted when bacula-sd does not say its
// counters.
TEST_F(ExplainJob, ItsOwnPromiseIsNotInItsWay) {
  on_host(1);
  const std::string status =
      "Running Jobs:\nWriting: Full Backup job a JobId=5 Volume=\"\"\n    pool=\"Tapes\" "
      "device=\"LT09_1_Drive0\" (/tapes/drive0)\n"
      "    Files=0 Bytes=0 AveBytes/sec=0 LastBytes/sec=0\n====\n"
      "Used Volume status:\nReserved volume: T1 on Vtape device \"LT09_1_Drive0\" (/tapes/drive0)\n"
      "    Reader=0 writers=0 reserves=1 volinuse=1 worm=0\n====\n";
  const auto bacula = parse_bacula_status(status);
  const auto snapshot = join(config, shared, {state, true, {}}, live);
  const SdKnowledge known{config, shared, snapshot, true, bacula};
  EXPECT_EQ(sd_use(known, 5).drives[0].reserved, 0u);
  EXPECT_EQ(sd_use(known, 6).drives[0].reserved, 1u);
}

TEST_F(ExplainJob, Bacula15TriesReadOnlyDrivesFirst) {
  OneFile reader(sd_conf(1));
  config = config::load_sd_config("x", reader);
  config.devices[1].read_only.value = true;
  const auto order = [&](const std::string& version) {
    const auto bacula = parse_bacula_status("cibou-sd Version: " + version + " (x)\nRunning Jobs:\n====\n");
    const SdSnapshot snapshot;
    return sd_model({config, shared, snapshot, true, bacula}).changers[0].drives;
  };
  EXPECT_THAT(order("9.6.7"), ElementsAre(0, 1));
  EXPECT_THAT(order("15.0.3"), ElementsAre(1, 0));
}

}  // namespace
}  // namespace shstore::status
