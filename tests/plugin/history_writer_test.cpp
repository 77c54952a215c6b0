#include "plugin/history_writer.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "reserve/record/history_file.h"

namespace shstore::plugin {
namespace {

using namespace std::chrono_literals;
using Kind = record::HistoryEvent::Kind;

const record::WallTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 11h;

class HistoryWriterTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(::mkdtemp(folder_.data()), nullptr); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return record::history_path(folder_, "sd"); }
  std::string text() const { return record::read_history_text(path()).value_or(""); }

  static record::SdState state(record::WallTime now, bool locked) {
    record::SdState s;
    s.started = kNow;
    s.updated = now;
    record::DriveState d;
    d.name = "Drive-0";
    d.key = "0xbac001";
    d.locked = locked;
    if (locked) d.locked_since = now;
    s.drives = {d};
    return s;
  }

  std::string folder_ = "/tmp/shstore-history-XXXXXX";
};

TEST_F(HistoryWriterTest, OneLineForEachChange) {
  HistoryWriter writer(path());
  writer.observe(state(kNow, false));
  writer.observe(state(kNow + 5s, true));
  writer.observe(state(kNow + 9s, false));
  writer.observe(state(kNow + 10s, false));
  EXPECT_EQ(text(), R"({"at":"2026-11-22T11:00:00Z","event":"started"}
{"at":"2026-11-22T11:00:05Z","event":"lock-taken","drive":"Drive-0","key":"0xbac001"}
{"at":"2026-11-22T11:00:09Z","event":"lock-released","drive":"Drive-0","key":"0xbac001"}
)");
  EXPECT_EQ(writer.error(), "");
}

TEST_F(HistoryWriterTest, OthersCannotReadIt) {
  HistoryWriter(path()).observe(state(kNow, false));
  struct stat st {};
  ASSERT_EQ(::stat(path().c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0640u);
}

TEST_F(HistoryWriterTest, ASignOfLifeWhenNothingHappens) {
  HistoryWriter writer(path());
  for (auto t = 0min; t <= 30min; t += 1min) writer.observe(state(kNow + t, false));
  EXPECT_EQ(record::parse_history(text()).size(), 1u + 3u);
}

TEST_F(HistoryWriterTest, GoesOnBehindATornLine) {
  std::ofstream(path()) << record::to_line({kNow - 1h, Kind::started}) << R"({"at":"2026-11-22T10:)";
  HistoryWriter(path()).observe(state(kNow, true));
  const auto events = record::parse_history(text());
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[1].kind, Kind::started);
}

TEST_F(HistoryWriterTest, WhatIsOldIsDroppedAndWhatIsStillSoKept) {
  std::ofstream(path()) << record::to_line({kNow - 80h, Kind::lock_taken, "Drive-0", "0xbac001"})
                        << record::to_line({kNow - 79h, Kind::lock_released, "Drive-0", "0xbac001"})
                        << record::to_line({kNow - 78h, Kind::blocked, "Drive-1", "0xbac999"})
                        << record::to_line({kNow - 20h, Kind::running});
  auto first = state(kNow, false);
  first.started = kNow - 10h;
  HistoryWriter(path()).observe(first);
  const auto events = record::parse_history(text());
  ASSERT_EQ(events.size(), 3u) << text();
  EXPECT_EQ(events[0].kind, Kind::blocked);
  EXPECT_EQ(events[1].kind, Kind::running);
}

TEST_F(HistoryWriterTest, NeverGrowsMuchAboveItsBound) {
  constexpr uint64_t kBound = 20'000;
  HistoryWriter writer(path(), kBound);
  auto now = kNow;
  uint64_t largest = 0;
  for (int i = 0; i < 2000; ++i, now += 5s) {
    writer.observe(state(now, i % 2 == 1));
    largest = std::max<uint64_t>(largest, text().size());
  }
  EXPECT_LT(largest, 25'000u);
  EXPECT_GT(largest, kBound / 2) << "the newer half is kept";
  EXPECT_EQ(record::parse_history(text()).back().at, now - 5s);
}

TEST_F(HistoryWriterTest, AFolderThatCannotBeWrittenIsToldAndGetsWell) {
  const auto missing = folder_ + "/later";
  HistoryWriter writer(record::history_path(missing, "sd"));
  writer.observe(state(kNow, false));
  EXPECT_EQ(writer.error(), "cannot write " + missing + "/sd.shstore.history: No such file or directory");
  std::filesystem::create_directory(missing);
  writer.observe(state(kNow + 5s, true));
  EXPECT_EQ(writer.error(), "");
}

/// While it lives, no file grows above so many bytes: what a full disk does, in the middle of a line.
class NoRoom {
 public:
  explicit NoRoom(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~NoRoom() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  NoRoom(const NoRoom&) = delete;
  NoRoom& operator=(const NoRoom&) = delete;

 private:
  rlimit before_{};
};

TEST_F(HistoryWriterTest, AFullDiskIsToldAndALineThatWasTornIsLeftBehind) {
  HistoryWriter writer(path());
  {
    const NoRoom full(70);
    writer.observe(state(kNow, true));
    EXPECT_EQ(writer.error(), "cannot write " + path() + ": No space left on device");
    EXPECT_EQ(text().size(), 70u);
  }
  writer.observe(state(kNow + 5s, false));
  EXPECT_EQ(writer.error(), "");
  const auto events = record::parse_history(text());
  ASSERT_EQ(events.size(), 2u) << text();
  EXPECT_EQ(events[1].kind, Kind::lock_released);
}

TEST_F(HistoryWriterTest, WithRoomAgainTheErrorGoesAlthoughNothingHappens) {
  HistoryWriter writer(path());
  writer.observe(state(kNow, false));
  {
    const NoRoom full(text().size() + 20);
    writer.observe(state(kNow + 5s, true));
    EXPECT_EQ(writer.error(), "cannot write " + path() + ": No space left on device");
    writer.observe(state(kNow + 6s, true));
    EXPECT_NE(writer.error(), "");
  }
  writer.observe(state(kNow + 7s, true));
  EXPECT_EQ(writer.error(), "");
}

TEST_F(HistoryWriterTest, SomethingThatIsNoFileIsLeftAlone) {
  HistoryWriter writer("/dev/full");
  writer.observe(state(kNow, false));
  EXPECT_EQ(writer.error(), "cannot write /dev/full: it is not a regular file");
}

TEST_F(HistoryWriterTest, NeverFollowsALink) {
  std::filesystem::create_symlink(folder_ + "/elsewhere", path());
  HistoryWriter writer(path());
  writer.observe(state(kNow, false));
  EXPECT_NE(writer.error(), "");
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/elsewhere"));
}

}  // namespace
}  // namespace shstore::plugin
