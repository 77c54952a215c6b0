#include "scsi/storage_ctl_conf.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support.h"

namespace shstore::scsi {
namespace {

// White paper 2.10.
constexpr const char* kDefault = R"(#
# This file is sourced by the storage-ctl script every time it runs.
# You can put your site customization here, and when you do an
# upgrade, the process should not modify this file. Thus you
# preserve your storage-ctl configuration.
#

#
# The following key must be a unique 6 hex digit value on each SD
#
key=bac001

# Set to 1 if you want debug info written to a log
debug_log=0

# Set to path to your sg_persist program
SG_PERSIST=/usr/bin/sg_persist

# Set to the maximum number of seconds to wait for a scsi lock
# Default = 30*60 = 1800 or 30 minutes
max_lock_wait=1800
)";

Result<StorageCtlConf> parse(std::string_view text) { return parse_storage_ctl_conf(text, "storage-ctl.conf"); }
std::string problem(std::string_view text) { return message(parse(text)); }

TEST(StorageCtlConf, TheWhitePapersDefault) {
  const auto conf = parse(kDefault);
  ASSERT_TRUE(conf) << conf.error();
  EXPECT_EQ(conf->key, kCibouKey);
  EXPECT_FALSE(conf->debug_log);
  EXPECT_EQ(conf->sg_persist, "/usr/bin/sg_persist");
  EXPECT_EQ(conf->max_lock_wait, std::chrono::seconds(1800));
  EXPECT_TRUE(conf->unknown.empty());
}

TEST(StorageCtlConf, NamesOfOtherHosts) {
  const auto conf = parse("key=bac001\npeer_bac999=dir\npeer_0xABC='backup.example.org'\n");
  ASSERT_TRUE(conf) << conf.error();
  EXPECT_EQ(conf->peers, (std::map<ReservationKey, std::string>{{{0xbac999}, "dir"}, {{0xabc}, "backup.example.org"}}));
  EXPECT_TRUE(conf->unknown.empty());
}

TEST(StorageCtlConf, ANameThatCannotBeUnderstoodKeepsNobodyFromLocking) {
  const auto conf = parse("key=bac001\npeer_dir=bac999\npeer_bac999=\"two words\"\n");
  ASSERT_TRUE(conf) << conf.error();
  EXPECT_TRUE(conf->peers.empty());
  EXPECT_EQ(conf->unknown, (std::vector<std::string>{"peer_dir at line 2", "peer_bac999 at line 3"}));
}

TEST(StorageCtlConf, TheSameWithCrLfAndWithoutLastLineEnd) {
  std::string text;
  for (const char c : std::string(kDefault)) text += c == '\n' ? "\r\n" : std::string(1, c);
  text.erase(text.size() - 2);
  const auto conf = parse(text);
  ASSERT_TRUE(conf) << conf.error();
  EXPECT_EQ(conf->key, kCibouKey);
  EXPECT_EQ(conf->max_lock_wait, std::chrono::seconds(1800));
}

TEST(StorageCtlConf, QuotesBlanksAndComments) {
  for (const char* line :
       {"key=\"bac001\"", "key='bac001'", "  key=bac001  ", "key=bac001 # ours", "key=bac001\t# ours",
        "key=\"bac001\" # ours", "key=BAC001", "key=0xbac001", "\tkey= bac001"}) {
    const auto conf = parse(line);
    ASSERT_TRUE(conf) << line << ": " << conf.error();
    EXPECT_EQ(conf->key, kCibouKey) << line;
  }
  EXPECT_EQ(parse("key=bac001\nSG_PERSIST='/opt/my tools/#1/sg_persist'")->sg_persist, "/opt/my tools/#1/sg_persist");
}

TEST(StorageCtlConf, OnlyTheKeyIsNeeded) {
  const auto conf = parse("key=1");
  ASSERT_TRUE(conf);
  EXPECT_EQ(conf->key, ReservationKey{1});
  EXPECT_EQ(conf->max_lock_wait, std::chrono::seconds(1800));
}

// A shell would take the last one and say nothing.
TEST(StorageCtlConf, OneOfTwoIsNotChosen) {
  EXPECT_EQ(message(parse("key=1\n\nkey=2")),
            "storage-ctl.conf:3: key is set a second time; the first is in line 1. Which one is meant?");
  EXPECT_FALSE(parse("key=1\nidle_lock_release=1\nidle_lock_release=2"));
  EXPECT_FALSE(parse("key=1\nmax_lock_wait=1\nmax_lock_wait=2"));
}

TEST(StorageCtlConf, UnknownSettingsAreKept) {
  EXPECT_EQ(parse("key=1\n\nfoo=1\nmax_lock_wiat=2")->unknown,
            (std::vector<std::string>{"foo at line 3", "max_lock_wiat at line 4"}));
}

struct Refusal {
  const char* text;
  const char* message;
};

TEST(StorageCtlConf, Refusals) {
  constexpr const char* kShell =
      "storage-ctl.conf:1: this file is parsed, not sourced by a shell: $ and ` are not expanded";
  const Refusal kRows[] = {
      {"", "storage-ctl.conf: no key is set. Give each Storage Daemon its own: a line such as key=bac001 in that file"},
      {"# key=bac001\n",
       "storage-ctl.conf: no key is set. Give each Storage Daemon its own: a line such as key=bac001 in that file"},
      {"key=000000", "storage-ctl.conf:1: key \"000000\" is zero, which SCSI uses for \"no registration\""},
      {"\n\nkey=bac0011", "storage-ctl.conf:3: key \"bac0011\" is not 1 to 6 hexadecimal digits (0-9, a-f)"},
      {"key=xyz", "storage-ctl.conf:1: key \"xyz\" is not 1 to 6 hexadecimal digits (0-9, a-f)"},
      {"key=", "storage-ctl.conf:1: key \"\" is not 1 to 6 hexadecimal digits (0-9, a-f)"},
      {"key=$(hostid)", kShell},
      {"key=`hostid`", kShell},
      {"key=\"$KEY\"", kShell},
      {"key=bac001; reboot",
       "storage-ctl.conf:1: \"bac001; reboot\": this file is parsed, not sourced by a shell: one NAME=VALUE on a "
       "line"},
      {"key=bac001&&x",
       "storage-ctl.conf:1: \"bac001&&x\": this file is parsed, not sourced by a shell: one NAME=VALUE on a line"},
      {"export key=bac001", "storage-ctl.conf:1: \"export key=bac001\" is not of the form NAME=VALUE"},
      {"key = bac001", "storage-ctl.conf:1: \"key = bac001\" is not of the form NAME=VALUE"},
      {"bac001", "storage-ctl.conf:1: \"bac001\" is not of the form NAME=VALUE"},
      {"key=\"bac001", "storage-ctl.conf:1: the closing quote is missing"},
      {"key=\"bac\"001", "storage-ctl.conf:1: unexpected text after the closing quote: 001"},
      {"key=1\ndebug_log=2", "storage-ctl.conf:2: debug_log=2: not a whole number from 0 to 1"},
      {"key=1\nmax_lock_wait=-1", "storage-ctl.conf:2: max_lock_wait=-1: not a whole number from 0 to 604800"},
      {"key=1\nidle_lock_release=5m", "storage-ctl.conf:2: idle_lock_release=5m: not a whole number from 0 to 604800"},
      {"key=1\nmax_lock_wait=30m", "storage-ctl.conf:2: max_lock_wait=30m: not a whole number from 0 to 604800"},
      {"key=1\nmax_lock_wait=", "storage-ctl.conf:2: max_lock_wait=: not a whole number from 0 to 604800"},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(problem(row.text), row.message) << row.text;
    EXPECT_EQ(parse(row.text).error().kind, Error::Kind::config);
  }
}

TEST(StorageCtlConf, EveryPrefixOfTheDefaultIsReadOrRefused) {
  const std::string_view whole = kDefault;
  for (size_t n = 0; n < whole.size(); ++n) {
    const auto conf = parse(whole.substr(0, n));
    EXPECT_TRUE(!conf || conf->key.value != 0) << n;
  }
}

TEST(StorageCtlConfFile, IsRead) {
  TemporaryFolder folder;
  const auto conf = load_storage_ctl_conf(folder.write("storage-ctl.conf", kDefault));
  ASSERT_TRUE(conf) << conf.error();
  EXPECT_EQ(conf->key, kCibouKey);
}

TEST(StorageCtlConfFile, ErrorsNameIt) {
  TemporaryFolder folder;
  const auto file = folder.write("storage-ctl.conf", "key=0\n");
  EXPECT_EQ(message(load_storage_ctl_conf(file)),
            file + ":1: key \"0\" is zero, which SCSI uses for \"no registration\"");
}

TEST(StorageCtlConfFile, Refusals) {
  TemporaryFolder folder;
  const auto problem_of = [](const std::string& file) { return message(load_storage_ctl_conf(file)); };
  const auto missing = folder.path("none.conf");
  EXPECT_EQ(
      problem_of(missing),
      "cannot read " + missing +
          ": No such file or directory. Write it, with a key that no other host has, for example: key=bac001; or name another file with --config");
  EXPECT_EQ(problem_of(folder.path()), "cannot read " + folder.path() + ": it is not a regular file");
  const auto open = folder.write("open.conf", "key=1", 0646);
  EXPECT_EQ(problem_of(open), "cannot read " + open + ": every user may write it; \"chmod o-w\" it first");
  const auto huge = folder.write("huge.conf", std::string((1 << 20) + 1, '#'));
  EXPECT_EQ(problem_of(huge), "cannot read " + huge + ": it is larger than 1 MiB");
  const auto pipe = folder.path("pipe.conf");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(problem_of(pipe), "cannot read " + pipe + ": it is not a regular file");
}

TEST(StorageCtlConf, TheLockIsGivenBackUnderAWaitingJobOnlyWhereThatIsAskedFor) {
  EXPECT_EQ(parse("key=1")->idle_lock_release.count(), 0);
  EXPECT_EQ(parse("key=1\nidle_lock_release=300")->idle_lock_release.count(), 300);
}

TEST(StorageCtlConf, HowLongHostsMayWaitForEachOther) {
  EXPECT_EQ(parse("key=1")->mutual_wait.count(), 600);
  EXPECT_EQ(parse("key=1\nmutual_wait=0")->mutual_wait.count(), 0);
  EXPECT_EQ(parse("key=1\nmutual_wait=15")->mutual_wait.count(), 15);
  EXPECT_EQ(problem("key=1\nmutual_wait=14"), "storage-ctl.conf:2: mutual_wait=14: 0, or 15 seconds at least");
}

}  // namespace
}  // namespace shstore::scsi
