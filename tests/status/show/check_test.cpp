#include "status/show/check.h"

#include <gtest/gtest.h>

#include "golden.h"
#include "sample_snapshot.h"
#include "status/look/drive_use.h"

namespace shstore::status {
namespace {

using tests::sample;

Thresholds limits(const char* text) {
  const auto parsed = parse_thresholds(text);
  EXPECT_TRUE(parsed) << parsed.error();
  return *parsed;
}
CheckResult plain(const std::string& file) { return check({sample(file)}, {}, {}, {}); }

TEST(Range, AlertsAsTheGuidelinesSay) {
  struct Case {
    const char* text;
    std::vector<double> quiet, alerts;
  };
  const Case cases[] = {{"10", {0, 5, 10}, {-1, 10.5}}, {"10:", {10, 1e9}, {9, -1}},   {"~:10", {-1e9, 10}, {11}},
                        {"10:20", {10, 20}, {9, 21}},   {"@10:20", {9, 21}, {10, 20}}, {"0:", {0, 7}, {-1}},
                        {"@~:0", {1}, {-1, 0}},         {"1.5", {1.5}, {1.6}}};
  for (const auto& c : cases) {
    const auto range = parse_range(c.text);
    ASSERT_TRUE(range) << c.text;
    for (const double v : c.quiet) EXPECT_FALSE(range->alerts(v)) << c.text << ' ' << v;
    for (const double v : c.alerts) EXPECT_TRUE(range->alerts(v)) << c.text << ' ' << v;
  }
}

TEST(Check, APluginThatWasReplacedSinceTheStartIsAWarning) {
  auto sd = sample("waiting");
  sd.plugin_replaced = "cibou-sd runs with a plugin that was replaced since";
  const auto result = check({sd}, {}, {}, {});
  EXPECT_EQ(result.severity, Severity::warning);
  EXPECT_NE(result.text.find(sd.plugin_replaced), std::string::npos) << result.text;
}

TEST(Check, HostsThatPerhapsWaitForEachOtherAreNotOk) {
  using namespace std::chrono_literals;
  auto sd = sample("waiting");
  record::MutualWait wait{sd.taken - 720s};
  wait.ring = {{"0xbac001", "Drive-1", "Drive-0"}, {"0xbac999", "Drive-0", "Drive-1"}};
  wait.job = 2;
  wait.having = {1};
  sd.state->mutual_waits = {wait};
  auto result = check({sd}, {}, {}, {});
  EXPECT_EQ(result.severity, Severity::warning);
  for (
      const auto* text :
      {"Perhaps a mutual wait, for 12 min: 0xbac001 (cibou) has \"Drive-1\" and waits for \"Drive-0\"; 0xbac999 (dir) has "
       "\"Drive-0\" and waits for \"Drive-1\"",
       "On this host JobId=1 has a drive and has not begun, JobId=2 waits for another one",
       "end one with \"cancel jobid=2\" in bconsole"})
    EXPECT_NE(result.text.find(text), std::string::npos) << result.text;
  sd.state->mutual_waits[0].proven = true;
  sd.state->mutual_waits[0].gives_in_at = sd.taken + 60s;
  result = check({sd}, {}, {}, {});
  EXPECT_NE(result.text.find("this host fails JobId=2 itself on "), std::string::npos) << result.text;
  sd.life = Life::ended;
  EXPECT_EQ(check({sd}, {}, {}, {}).text.find("mutual"), std::string::npos) << "nobody waits any more";
}

// A console's mount, a forgotten btape: nobody else gets the drive, and no job uses it.
TEST(Check, ADriveThatIsOpenForNoJobIsToldOfAfterTenMinutesAndForWhom) {
  using namespace std::chrono_literals;
  auto sd = sample("kept");
  auto& drive = *sd.devices[0].plugin;
  drive.opened_by = "mt (process 4711)";
  drive.opened_since = sd.taken - 599s;
  EXPECT_EQ(check({sd}, {}, {}, {}).severity, Severity::ok);
  drive.opened_since = sd.taken - 600s;
  const auto result = check({sd}, {}, {}, {});
  EXPECT_EQ(result.severity, Severity::warning);
  EXPECT_NE(result.text.find(
                "It was opened by mt (process 4711) and not by a job, 10 min ago: its lock is kept while it is open"),
            std::string::npos)
      << result.text;
}

TEST(Check, AJobThatKeepsADriveAndDoesNotUseItIsToldOfAfterAMinute) {
  using namespace std::chrono_literals;
  auto sd = sample("locked");
  auto& drive = *sd.devices[0].plugin;
  drive.claims = {{122, sd.taken - 300s}};
  drive.unused_since = sd.taken - 59s;
  EXPECT_EQ(check({sd}, {}, {}, {}).severity, Severity::ok);
  drive.unused_since = sd.taken - 250s;
  const auto result = check({sd}, {}, {}, {});
  EXPECT_EQ(result.severity, Severity::warning);
  EXPECT_NE(result.text.find("JobId 122 holds it and waits for a Volume: the device has been closed for"),
            std::string::npos)
      << result.text;
}

// It is what the administrator has asked for: said, and no warning.
TEST(Check, AJobThatLendsItsDriveIsNoProblem) {
  using namespace std::chrono_literals;
  auto sd = sample("locked");
  auto& drive = *sd.devices[0].plugin;
  drive.claims.clear();
  drive.locked = drive.registered = false;
  drive.paused = {{122, sd.taken - 300s, {}}};
  EXPECT_EQ(use_remarks(sd, sd.devices[0]),
            (std::vector<std::string>{
                "JobId 122 waits for a Volume with the device closed: the lock was given back meanwhile "
                "(idle_lock_release), and is taken again when the device is opened"}));
  EXPECT_TRUE(use_warnings(sd, sd.devices[0]).empty());
}

TEST(Check, AJobThatWasFailedAndDoesNotEndIsNotSaidToWaitForAVolume) {
  using namespace std::chrono_literals;
  auto sd = sample("locked");
  auto& drive = *sd.devices[0].plugin;
  drive.claims = {{122, sd.taken - 300s}};
  drive.unused_since = sd.taken - 250s;
  drive.lost = true;
  const auto text = check({sd}, {}, {}, {}).text;
  EXPECT_NE(text.find("JobId 122 has been failed and not ended yet"), std::string::npos) << text;
  EXPECT_NE(text.find("until Maximum Open Wait is over"), std::string::npos) << text;
  EXPECT_EQ(text.find("waits for a Volume"), std::string::npos) << text;
}

TEST(Range, AnythingElseIsRefused) {
  for (const char* text : {"", "x", "10:x", "20:10", "1 0", "@", "10s", "--1"}) EXPECT_FALSE(parse_range(text)) << text;
  EXPECT_EQ(parse_range("x").error(), "\"x\" is not a range like 3600, 10:3600, ~:3600 or @10:20");
}

TEST(Thresholds, AreForTheAgeAndForTheWait) {
  EXPECT_FALSE(limits("3600").wait);
  EXPECT_FALSE(limits(",600").lock_age);
  EXPECT_EQ(limits("3600,600").wait->text, "600");
  for (const char* text : {"", ",", "x", "1,x", "1,2,3"}) EXPECT_FALSE(parse_thresholds(text)) << text;
}

TEST(Check, EachStateHasItsSeverity) {
  const std::pair<const char*, Severity> expected[] = {
      {"free", Severity::ok},
      {"locked", Severity::ok},
      {"kept", Severity::ok},
      {"blocked", Severity::ok},
      {"waiting", Severity::ok},
      {"promised", Severity::ok},
      {"yielding", Severity::ok},
      {"own-command", Severity::ok},
      {"not-shared", Severity::ok},
      {"not-ours", Severity::warning},
      {"daemon-dead", Severity::warning},
      {"must-close", Severity::warning},
      {"lost", Severity::critical},
      {"left-behind", Severity::critical},
      {"duplicate-key", Severity::critical},
      {"other-product", Severity::critical},
      {"misconfigured", Severity::critical},
      {"spc2-reserved", Severity::critical},
      {"plugin-not-loaded", Severity::critical},
      {"no-answer", Severity::unknown},
      {"unsupported", Severity::unknown},
      {"cannot-be-asked", Severity::unknown},
      {"unprotected", Severity::critical},
      {"never-with-plugin", Severity::critical},
      {"restarted-without-plugin", Severity::critical},
      {"refused-by-plugin", Severity::critical},
      {"contradicts", Severity::critical},
      {"contradicts-without-jobs", Severity::warning},
      {"state-old", Severity::warning},
      {"state-unreadable", Severity::unknown},
      {"daemon-hidden", Severity::unknown},
  };
  EXPECT_EQ(std::size(expected), tests::state_samples().size()) << "every state";
  for (const auto& [file, severity] : expected)
    EXPECT_EQ(plain(file).severity, severity) << file << '\n' << plain(file).text;
}

TEST(Check, ADaemonWithoutThePluginIsNotOneThatDoesNotRun) {
  for (const auto* file : {"never-with-plugin", "restarted-without-plugin"}) {
    const auto text = plain(file).text;
    EXPECT_NE(text.find("bacula-sd (pid 4711) runs without the plugin: its drives are not protected"),
              std::string::npos)
        << text;
    EXPECT_EQ(text.find("not running"), std::string::npos) << text;
  }
}

TEST(Check, WhatCannotBeReadIsNoReasonToBreakALock) {
  for (const auto* file : {"state-unreadable", "daemon-hidden"}) {
    const auto text = plain(file).text;
    EXPECT_EQ(text.find("reclaim"), std::string::npos) << text;
    EXPECT_EQ(text.find("not protected"), std::string::npos) << text;
  }
}

TEST(Check, AnErrorOfThePluginAlarms) {
  auto s = sample("free");
  s.devices[0].error = "/dev/sg0: READ KEYS failed";
  EXPECT_EQ(check({s}, {}, {}, {}).severity, Severity::warning);
  EXPECT_NE(check({s}, {}, {}, {}).text.find("the plugin met an error: /dev/sg0: READ KEYS failed"), std::string::npos);
}

TEST(Check, AnErrorInTheConfigurationAlarms) {
  auto s = sample("free");
  s.configuration_errors = "bacula-sd.conf:7: expected }";
  EXPECT_EQ(check({s}, {}, {}, {}).severity, Severity::critical);
  s = sample("not-shared");
  s.configuration_errors = "bacula-sd.conf:7: expected }";
  EXPECT_EQ(check({s}, {}, {}, {}).severity, Severity::critical) << "it may be the shared drive that was dropped";
}

TEST(Check, OnlyALimitThatRefusesEveryJobAlarms) {
  auto s = sample("free");
  s.state->limits = {
      "a job whose lock is lost while it writes fails at its end only, because this bacula-sd has no Qmsg"};
  EXPECT_EQ(check({s}, {}, {}, {}).severity, Severity::ok);
  s.state->limits.push_back("device codes of this bacula-sd cannot be used: " +
                            std::string(record::kEveryDeviceIsRefused));
  EXPECT_EQ(check({s}, {}, {}, {}).severity, Severity::critical);
}

TEST(Check, WhatCannotBeProvenOfADriveIsANote) {
  auto s = sample("free");
  s.state->limits = {
      "device \"Drive-0\" (/dev/nst0): that Archive Device /dev/nst0 and Control Device /dev/sg0 are one drive cannot be proven"};
  const auto seen = check({s}, {}, {}, {});
  EXPECT_EQ(seen.severity, Severity::ok);
  EXPECT_NE(seen.text.find("\nNOTE: cibou-sd: device \"Drive-0\" (/dev/nst0): that Archive Device"), std::string::npos)
      << seen.text;
}

TEST(Check, OneLineAndItsPerformanceData) {
  EXPECT_EQ(plain("free").text, "SHSTORE OK - 1 drive, 0 locked | 'Drive-0_lock_age'=0s;;;0; 'Drive-0_wait'=0s;;;0;\n");
  EXPECT_EQ(check({sample("locked")}, limits("3600,600"), limits("86400,~:3600"), {}).text,
            "SHSTORE OK - 1 drive, 1 locked by 0xbac001 (cibou) | 'Drive-0_lock_age'=68s;3600;86400;0; "
            "'Drive-0_wait'=0s;600;~:3600;0;\n");
  EXPECT_EQ(plain("waiting").text,
            "SHSTORE OK - 1 drive, 1 locked by 0xbac999 (dir), 1 job waiting | 'Drive-0_lock_age'=U;;;0; "
            "'Drive-0_wait'=40s;;;0;\n");
}

TEST(Check, ADriveThatTwoDaemonsShareIsOneDrive) {
  auto holder = sample("locked");
  holder.sd_name = "dir-sd";
  holder.devices[0].key = "0xbac999";
  EXPECT_EQ(check({sample("waiting"), holder}, {}, {}, {}).text.substr(0, 72),
            "SHSTORE OK - 1 drive, 1 locked by 0xbac999 (dir), 1 job waiting | 'cibou");
}

TEST(Check, AgesBeyondTheirThresholds) {
  EXPECT_EQ(check({sample("locked")}, limits("60"), limits("3600"), {}).severity, Severity::warning);
  EXPECT_EQ(check({sample("locked")}, limits("60"), limits("67"), {}).severity, Severity::critical);
  const auto wait = check({sample("waiting")}, limits(",30"), limits(",3600"), {});
  EXPECT_EQ(wait.severity, Severity::warning);
  EXPECT_EQ(wait.text,
            "SHSTORE WARNING - \"Drive-0\" (/dev/nst0): a job has waited for it for 40 s | "
            "'Drive-0_lock_age'=U;;;0; "
            "'Drive-0_wait'=40s;30;3600;0;\n");
}

TEST(Check, TheWorstComesFirstAndTheRestBelow) {
  auto other = sample("no-answer");
  other.sd_name = "dir-sd";
  const auto r = check({other, sample("lost")}, {}, {}, {{"x.conf", "cannot read x.conf"}});
  EXPECT_EQ(r.severity, Severity::critical);
  EXPECT_TRUE(tests::equals_golden(r.text, "status/check_several.txt"));
}

TEST(Check, ANameCannotBeginThePerformanceData) {
  auto s = sample("lost");
  s.devices[0].name = "a|b'c=d\ne";
  const auto text = check({s}, {}, {}, {}).text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '|'), 1);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  EXPECT_NE(text.find("'a_b_c_d_e_lock_age'="), std::string::npos) << text;
}

}  // namespace
}  // namespace shstore::status
