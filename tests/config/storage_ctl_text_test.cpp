#include "config/storage_ctl_text.h"

#include <gtest/gtest.h>

#include "scsi/storage_ctl_conf.h"

namespace shstore::config {
namespace {

std::string complaints(std::string_view text) {
  const StorageCtlText read = read_storage_ctl_text(text, "storage-ctl.conf");
  std::string result;
  for (const Diagnostic& diagnostic : read.diagnostics) result += to_text(diagnostic, {read.path}) + "\n";
  return result;
}

TEST(StorageCtlText, ValuesHaveTheirPlaces) {
  const StorageCtlText text =
      read_storage_ctl_text("# ours\n\n  key = no\n\tkey= 'bac001' # mine\r\nmax_lock_wait=60", "f");
  EXPECT_EQ(text.path, "f");
  EXPECT_EQ(*text.key, "bac001");
  EXPECT_EQ(text.key.at, (Location{0, 4, 7}));
  EXPECT_EQ(text.key.directive_at(), (Location{0, 4, 2}));
  EXPECT_EQ(*text.max_lock_wait, 60U);
  EXPECT_EQ(text.max_lock_wait.at, (Location{0, 5, 15}));
}

TEST(StorageCtlText, ReadsOnBehindAProblem) {
  EXPECT_EQ(
      complaints("key=$(hostid)\nset -e\ndebug_log=2\nmax_lock_wiat=5\n key=a b\nkey=\"a\nSG_PERSIST='x' y\n"),
      "storage-ctl.conf:1:5: error: this file is parsed, not sourced by a shell: $ and ` are not expanded\n"
      "storage-ctl.conf:2:1: error: \"set -e\" is not of the form NAME=VALUE\n"
      "storage-ctl.conf:3:11: error: debug_log=2: not a whole number from 0 to 1\n"
      "storage-ctl.conf:4:1: warning: storage-ctl knows no setting \"max_lock_wiat\" and ignores it; did you mean "
      "\"max_lock_wait\"?\n"
      "storage-ctl.conf:5:6: error: \"a b\": this file is parsed, not sourced by a shell: one NAME=VALUE on a line\n"
      "storage-ctl.conf:6:5: error: the closing quote is missing\n"
      "storage-ctl.conf:7:12: error: unexpected text after the closing quote: y\n");
}

TEST(StorageCtlText, NamesOfOtherHosts) {
  EXPECT_EQ(complaints("peer_bac999=dir\npeer_dir=bac999\npeer_bac998='the other one'\n"),
            "storage-ctl.conf:2:1: warning: \"peer_dir\" is ignored: it names no key; expected is a setting like "
            "peer_bac999=dir\n"
            "storage-ctl.conf:3:13: warning: peer_bac998=the other one is ignored: that is not a host's name\n");
}

TEST(StorageCtlText, AnEmptyValueIsAtTheEndOfItsLine) {
  const StorageCtlText text = read_storage_ctl_text("key=\n", "f");
  EXPECT_TRUE(text.key.given);
  EXPECT_EQ(text.key.at, (Location{0, 1, 5}));
}

// The linter must not say anything else than the program that reads this file when it matters.
TEST(StorageCtlText, AcceptsWhatStorageCtlAccepts) {
  const std::vector<std::string> samples = {"",
                                            "\n",
                                            "#\n",
                                            "key=bac001",
                                            "key=bac001\n",
                                            "key=bac001\r\n",
                                            "key=\"bac001\"",
                                            "key='bac001'",
                                            "  key=bac001  ",
                                            "key=bac001 # ours",
                                            "key=bac001\t# ours",
                                            "key=\"bac001\" # ours",
                                            "key=BAC001",
                                            "key=0xbac001",
                                            "\tkey= bac001",
                                            "key=1\nkey=2",
                                            "key=2\nkey=x",
                                            "key =1",
                                            "key",
                                            "=1",
                                            "key=",
                                            "key=\"\"",
                                            "key=\"1",
                                            "key='1\"",
                                            "key=\"1\" x",
                                            "key=1 2",
                                            "key=1;",
                                            "key=1#x",
                                            "key= # x",
                                            "key=# x",
                                            "key=1 # $x",
                                            "key=1 `",
                                            "export key=1",
                                            "key=bac0011",
                                            "key=0",
                                            "key=g",
                                            "key=1\ndebug_log=1",
                                            "key=1\ndebug_log=2",
                                            "key=1\ndebug_log=yes",
                                            "key=1\ndebug_log=",
                                            "key=1\ndebug_log=01",
                                            "key=1\nmax_lock_wait=604800",
                                            "key=1\nmax_lock_wait=604801",
                                            "key=1\nmax_lock_wait=-1",
                                            "key=1\nmax_lock_wait=\"60\"",
                                            "key=1\nmax_lock_wait=99999999999999999999",
                                            "key=1\nSG_PERSIST=/usr/bin/sg_persist",
                                            "key=1\nSG_PERSIST='/opt/my tools/#1/sg_persist'",
                                            "key=1\nSG_PERSIST=/opt/my tools",
                                            "key=1\nunknown=2",
                                            "key=1\nun-known=2",
                                            "key=1\npeer_bac999=dir",
                                            "key=1\npeer_0xBAC999='dir.example.org'",
                                            "key=1\npeer_=dir",
                                            "key=1\npeer_0=dir",
                                            "key=1\npeer_00=dir",
                                            "key=1\npeer_bac9990=dir",
                                            "key=1\npeer_dir=bac999",
                                            "key=1\npeer_bac999=",
                                            "key=1\npeer_bac999=\"a b\"",
                                            "key=1\npeer_0x=dir",
                                            "key=1\n\x01",
                                            std::string("key=1\0\n", 7),
                                            "\xEF\xBB\xBFkey=1"};
  for (const std::string& sample : samples) {
    const auto theirs = scsi::parse_storage_ctl_conf(sample, "f");
    const StorageCtlText ours = read_storage_ctl_text(sample, "f");
    const bool has_error = std::any_of(ours.diagnostics.begin(), ours.diagnostics.end(),
                                       [](const Diagnostic& d) { return d.severity == Severity::error; });
    const auto key = scsi::parse_key(*ours.key);
    EXPECT_EQ(theirs.has_value(), !has_error && ours.key.given && key.has_value()) << sample;
    if (!theirs || !key) continue;
    EXPECT_EQ(theirs->key, *key) << sample;
    EXPECT_EQ(static_cast<uint64_t>(theirs->max_lock_wait.count()), *ours.max_lock_wait) << sample;
    EXPECT_EQ(theirs->unknown.size(), ours.diagnostics.size()) << sample;
  }
}

}  // namespace
}  // namespace shstore::config
