#include "status/show/annotate.h"

#include <gtest/gtest.h>

#include "golden.h"
#include "recorded.h"
#include "sample_snapshot.h"

namespace shstore::status {
namespace {

using tests::recorded_status;

// What comes out, fed in pieces of that size.
std::string annotated(const std::string& text, const std::vector<SdSnapshot>& known, size_t piece = 1 << 20,
                      bool names = false) {
  std::string out;
  Annotator a(
      [&](const std::string& name) -> const SdSnapshot* {
        for (const auto& s : known) {
          if (s.sd_name == name || (name.empty() && known.size() == 1)) return &s;
        }
        return nullptr;
      },
      [&](std::string_view bytes) { out += bytes; }, names);
  for (size_t i = 0; i < text.size(); i += piece) a.feed(std::string_view(text).substr(i, piece));
  a.end();
  return out;
}

// The white paper's section 3 without the two lines that are the plugin's.
std::string white_paper(const std::string& waiting, const std::string& counts) {
  return "Jobs waiting to reserve a drive:\n" + waiting +
         "====\n\nDevice status:\nAutochanger \"tape\" with devices:\n  \"Drive-0\" (/dev/nst0)\n"
         "Device \"Drive-0\" (/dev/nst0) is mounted with:\n  Volume:      TestVolume001\n  Pool:        "
         "Default\n"
         "  Media type:  tape\n" +
         counts + "====\n";
}

TEST(Annotate, TheWhitePapersBlockedDevice) {
  const auto bacula =
      white_paper("  3612 JobId=2 waiting because device \"Drive-0\" (/dev/nst0)\n    is reserved by: 0xbac999.\n",
                  "  Total Bytes Read=64,512 Blocks Read=1 Bytes/block=64,512\n  Positioned at File=0 Block=0\n");
  EXPECT_TRUE(
      tests::equals_golden(annotated(bacula, {tests::sample("waiting")}), "status/section-3_bacula-blocked.txt"));
}

TEST(Annotate, TheWhitePapersLockedDevice) {
  const auto bacula =
      white_paper("", "  Total Bytes=48,900,096 Blocks=757 Bytes/block=64,597\n  Positioned at File=1 Block=0\n");
  EXPECT_TRUE(tests::equals_golden(annotated(bacula, {tests::sample("locked")}), "status/section-3_bacula-locked.txt"));
}

// The two drives of the site that was recorded.
SdSnapshot recorded_site(const std::string& sd, int host, const SdSnapshot& first_drive) {
  SdSnapshot s = first_drive;
  s.sd_name = sd;
  s.devices.push_back(tests::free_drive().devices[0]);
  for (int i = 0; i < 2; ++i) {
    auto& d = s.devices[static_cast<size_t>(i)];
    d.name = "LT09_" + std::to_string(host) + "_Drive" + std::to_string(i);
    d.archive_device = "/tapes/drive" + std::to_string(i);
  }
  for (auto& w : s.waiting) w.device = s.devices[0].display();
  return s;
}

SdSnapshot cibou_waits(uint32_t job) {
  auto s = recorded_site("cibou-sd", 1, tests::sample("waiting"));
  s.waiting[0].waiting.job = job;
  return s;
}

struct Recording {
  const char* name;
  SdSnapshot site;
};

// Of 9.6.7 (with setdebug level=1) and of 15.0.3.
std::vector<Recording> recordings() {
  return {{"bacula-waiting", cibou_waits(3)},
          {"bacula-writing", recorded_site("dir-sd", 2, tests::sample("locked"))},
          {"bacula-15-waiting", cibou_waits(2)},
          {"bacula-15-writing", recorded_site("dir-sd", 2, tests::sample("locked"))}};
}

TEST(Annotate, RealOutputs) {
  for (const auto& r : recordings()) {
    const auto out = annotated(recorded_status(std::string(r.name) + ".txt"), {r.site});
    EXPECT_TRUE(tests::equals_golden(out, std::string("status/annotated_") + r.name + ".txt"));
  }
}

TEST(Annotate, PiecesOfAnySizeGiveTheSame) {
  for (const auto& r : recordings()) {
    const auto text = recorded_status(std::string(r.name) + ".txt");
    const auto whole = annotated(text, {r.site});
    for (const size_t piece : {1u, 2u, 7u, 64u}) EXPECT_EQ(annotated(text, {r.site}, piece), whole) << piece;
  }
}

TEST(Annotate, NothingIsLost) {
  for (const auto& r : recordings()) {
    const auto text = recorded_status(std::string(r.name) + ".txt");
    const auto out = annotated(text, {r.site});
    size_t at = 0;  // each line of the original is there, in order
    for (size_t begin = 0; begin < text.size();) {
      const auto end = text.find('\n', begin);
      const auto line = text.substr(begin, end - begin + 1);
      at = out.find(line, at);
      ASSERT_NE(at, std::string::npos) << line;
      at += line.size();
      begin = end + 1;
    }
  }
}

TEST(Annotate, TwiceIsNoMoreThanOnce) {
  for (const auto& r : recordings()) {
    const auto once = annotated(recorded_status(std::string(r.name) + ".txt"), {r.site});
    EXPECT_EQ(annotated(once, {r.site}), once);
  }
}

TEST(Annotate, ADaemonThatIsNotKnownIsLeftAlone) {
  for (const auto& r : recordings()) {
    auto other = r.site;
    other.sd_name = "third-sd";
    const auto text = recorded_status(std::string(r.name) + ".txt");
    EXPECT_EQ(annotated(text, {other}), text);
  }
}

TEST(Annotate, AnythingElsePassesByteForByte) {
  std::string noise;
  for (int i = 0; i < 4096; ++i) noise += static_cast<char>(i * 7919 >> 3);
  for (const auto& text : {noise, std::string("*"), std::string("no newline"), std::string("\n\n\0==\n", 6),
                           std::string("Device status:\n====\n"), std::string("====\n==\n")}) {
    EXPECT_EQ(annotated(text, {tests::sample("waiting")}, 3), text);
  }
}

TEST(Annotate, APromptIsNotKeptBack) {
  std::string out;
  Annotator a([](const std::string&) { return nullptr; }, [&](std::string_view bytes) { out += bytes; }, false);
  a.feed("Enter a period to cancel a command.\n*");
  EXPECT_EQ(out, "Enter a period to cancel a command.\n*");
}

TEST(Annotate, AStatusThatIsCutOffStillGetsItsLine) {
  const std::string text = "Device status:\n\nDevice Tape: \"Drive-0\" (/dev/nst0) is not open.\n";
  EXPECT_EQ(annotated(text, {tests::sample("waiting")}),
            text +
                "    Device is BLOCKED by another SD=0xbac999\n    shstore=1 registered=1 locked=0 "
                "blockedbySD=0xbac999\n");
}

TEST(Annotate, WaitingJobsThatTheDaemonCannotListAreListed) {
  const std::string text = "Jobs waiting to reserve a drive:\n====\n";
  EXPECT_EQ(annotated(text, {tests::sample("waiting")}),
            "Jobs waiting to reserve a drive:\n"
            "   3612 JobId=2 waiting because device \"Drive-0\" (/dev/nst0) is reserved by: 0xbac999.\n====\n");
}

TEST(Annotate, TheMediaTypeThatAnOperatorIsAskedForIsNotTheVolumes) {
  const std::string text =
      "Device status:\n\nDevice Tape: \"Drive-0\" (/dev/nst0) open but no Bacula volume is currently "
      "mounted.\n"
      "    Total Bytes Read=0 Blocks Read=0 Bytes/block=0\n"
      "   Device is BLOCKED waiting for mount of volume \"F1\",\n       Pool:        Tapes\n       Media "
      "type:  LTO-9\n==\n====\n";
  const auto out = annotated(text, {tests::sample("waiting")});
  const auto ours = out.find("    Device is BLOCKED by another SD=0xbac999\n    Total Bytes Read");
  EXPECT_NE(ours, std::string::npos) << out;
  EXPECT_EQ(out.find("BLOCKED by another", ours + 20), std::string::npos) << out;
}

}  // namespace
}  // namespace shstore::status
