#include "reserve/record/state.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "golden.h"
#include "reserve/record/state_file.h"
#include "scsi/base/output_file.h"

namespace shstore::record {
namespace {

using reserve::Refusal;
using namespace std::chrono_literals;

SdState sample() {
  const WallTime t{1795345732s};
  SdState s{"cibou-sd", "0.1.0", "9.6.7", 4711, 815, true, t, t + 60s, {"a limit"}, {}};
  DriveState waiting{"LT09_1_Drive0", "/dev/nst0", "/dev/sg0", "LTO-9", "LTO-Changer-1", 0,
                     "0xbac001",      "",          true,       false,   false,           std::nullopt,
                     "0xbac999",      "",          {},         {}};
  waiting.waiting.push_back({2, t + 5s, {Refusal::Kind::held_by_other, "0xbac999", {}}});
  DriveState locked{"LT09_1_Drive1", "/dev/nst1", "/dev/sg1", "LTO-9", "",       1, "0xbac001", "", true, true,
                    false,           t,           "",         "",      {{3, t}}, {}};
  DriveState broken{"Old", "/dev/nst2", "",    "LTO-4",      "", 0,  "", "it has a Lock Command but no Control Device",
                    false, false,       false, std::nullopt, "", "", {}, {}};
  locked.counters = DriveCounters{4, 2, 1, 1500ms, {{"29/00", 1}}};
  s.drives = {waiting, locked, broken};
  return s;
}

TEST(State, IsWrittenAsTheGoldenFileShows) {
  EXPECT_TRUE(tests::equals_golden(to_json(sample()), "status/state.json"));
}

TEST(State, ReadsWhatItWrote) {
  const auto read = parse_state(to_json(sample()));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(*read, sample());
}

TEST(State, RemembersWhichDriveWasLockedAndThroughWhichNexus) {
  auto state = sample();
  state.drives[1].locked_drive = LockedDrive{"HU19477B2C", "naa.50014380023560d4", "2:0:0:0",
                                             "iqn.2026-11.example:cibou,i,0x00023d000002", "17a4"};
  const auto read = parse_state(to_json(state));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(*read, state);
  state.drives[1].locked_drive = LockedDrive{};
  EXPECT_EQ(parse_state(to_json(state)).value(), state);
}

TEST(State, RemembersHostsThatWaitForEachOther) {
  auto state = sample();
  MutualWait wait{state.started};
  wait.ring = {{"0xbac001", "LT09_1_Drive1", "LT09_1_Drive0"}, {"0xbac999", "LT09_1_Drive0", "LT09_1_Drive1"}};
  wait.job = 3;
  wait.having = {2};
  state.mutual_waits = {wait, wait};
  state.mutual_waits[1].proven = true;
  state.mutual_waits[1].gives_in_at = state.started + 10min;
  const auto read = parse_state(to_json(state));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(*read, state);
}

TEST(State, RemembersOnWhichVolumesDataMayNotBeEnded) {
  auto state = sample();
  state.unended = {{"TAPE-1", 0, 12}, {"TAPE \"2\"", 3, 5'000'000'000}};
  const auto read = parse_state(to_json(state));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(*read, state);
}

TEST(State, EveryPrefixIsAnErrorAndNoCrash) {
  const auto text = to_json(sample());
  for (size_t length = 0; length + 2 < text.size(); ++length) EXPECT_FALSE(parse_state(text.substr(0, length)));
}

TEST(State, AnotherSchemaIsRefused) {
  auto text = to_json(sample());
  text.replace(text.find("shstore-state/1"), 15, "shstore-state/9");
  EXPECT_EQ(parse_state(text).error(), "its schema is \"shstore-state/9\", not one this version knows");
}

TEST(State, AWrongTypeIsAnErrorAndNoCrash) {
  auto text = to_json(sample());
  text.replace(text.find("4711"), 4, "\"x\"");
  EXPECT_FALSE(parse_state(text));
}

TEST(State, NamesOfAnyBytesAreWritten) {
  auto s = sample();
  s.sd_name = "caf\xe9";
  EXPECT_TRUE(parse_state(to_json(s)));
}

class StateFile : public testing::Test {
 protected:
  StateFile() { EXPECT_NE(::mkdtemp(folder.data()), nullptr); }
  ~StateFile() override { std::filesystem::remove_all(folder); }
  std::string folder = "/tmp/shstore-state-XXXXXX";
};

TEST_F(StateFile, IsReplacedAsAWholeAndNotWorldReadable) {
  const auto path = state_path(folder, "cibou-sd");
  ASSERT_TRUE(write_state(path, sample()));
  auto second = sample();
  second.running = false;
  ASSERT_TRUE(write_state(path, second));
  EXPECT_EQ(*read_state(path), second);
  struct stat st {};
  ASSERT_EQ(::stat(path.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777u, 0640u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1) << "nothing is left beside it";
}

// As cron does where one run takes longer than the time to the next.
TEST_F(StateFile, IsWholeHoweverManyWriteIt) {
  const auto path = folder + "/page.html";
  const auto text = [](int i) { return std::string(300'000, static_cast<char>('a' + i)); };
  std::vector<std::thread> writers;
  std::atomic<int> failures{0};
  for (int i = 0; i < 8; ++i) {
    writers.emplace_back([&, i] {
      for (int n = 0; n < 20; ++n) failures += base::replace_file(path, text(i), 0644) ? 0 : 1;
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(failures, 0);
  std::ifstream in(path);
  const std::string found{std::istreambuf_iterator<char>(in), {}};
  ASSERT_EQ(found.size(), 300'000u);
  EXPECT_EQ(found, std::string(found.size(), found[0]));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1) << "nothing is left beside it";
}

TEST_F(StateFile, ALinkAtThePlaceOfTheNewFileIsNotFollowed) {
  const auto path = state_path(folder, "cibou-sd");
  const auto victim = folder + "/victim";
  std::ofstream(victim) << "precious";
  ASSERT_EQ(::symlink(victim.c_str(), (path + ".new").c_str()), 0);
  ASSERT_TRUE(write_state(path, sample()));
  std::string text;
  std::getline(std::ifstream(victim), text);
  EXPECT_EQ(text, "precious");
}

TEST_F(StateFile, AFolderThatIsNotThereIsAnErrorThatNamesIt) {
  const auto written = write_state(folder + "/none/x.json", sample());
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error(), "cannot write beside " + folder + "/none/x.json: No such file or directory");
}

TEST_F(StateFile, WhatIsNotJsonIsAnErrorThatNamesTheFile) {
  const auto path = folder + "/x.json";
  std::ofstream(path) << "nonsense";
  const auto read = read_state(path);
  ASSERT_FALSE(read);
  EXPECT_TRUE(read.error().message.starts_with("cannot understand " + path)) << read.error().message;
  EXPECT_FALSE(read.error().missing);
  EXPECT_TRUE(read_state(folder + "/none.json").error().missing);
  EXPECT_FALSE(read_state(folder).error().missing) << "what is there and cannot be read";
}

TEST(Alive, AProcessIsKnownByItsStartToo) {
  auto s = sample();
  s.pid = ::getpid();
  s.pid_started = process_start(s.pid);
  EXPECT_GT(s.pid_started, 0);
  EXPECT_TRUE(is_alive(s));
  --s.pid_started;  // an earlier process had the same number
  EXPECT_FALSE(is_alive(s));
}

TEST(Alive, AProcessThatCannotBeSeenIsNotTakenForDead) {
  auto s = sample();
  s.pid = ::getpid();
  s.pid_started = process_start(s.pid);
  s.pid_namespace = pid_namespace();
  EXPECT_EQ(writer_of(s), Writer::alive);
  s.pid_namespace = "pid:[1]";
  EXPECT_EQ(writer_of(s), Writer::hidden) << "a container has its own numbers";
  EXPECT_FALSE(is_alive(s));
  s.running = false;
  EXPECT_EQ(writer_of(s), Writer::gone) << "it has said so itself";
  EXPECT_EQ(parse_state(to_json(s))->pid_namespace, "pid:[1]");
}

// A process of ours that runs until it is killed; `leader` is what its first thread does.
class Child {
 public:
  explicit Child(void (*leader)()) : pid(::fork()) {
    if (pid != 0) return;
    leader();
    ::_exit(1);
  }
  ~Child() {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  SdState state() const {
    auto s = sample();
    s.pid = pid;
    s.pid_started = process_start(pid);
    return s;
  }
  const pid_t pid;
};
void wait_for_ever() {
  for (;;) ::pause();
}

// Whoever started it may ask late, or never (a container without an init).
TEST(Alive, ADaemonThatWasKilledIsNotThoughNobodyHasAskedHow) {
  const Child child(wait_for_ever);
  const auto s = child.state();
  EXPECT_EQ(writer_of(s), Writer::alive);
  EXPECT_FALSE(is_ending(s));
  ::kill(child.pid, SIGKILL);
  siginfo_t end{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child.pid), &end, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(process_start(child.pid), s.pid_started) << "it is in /proc as before";
  EXPECT_EQ(writer_of(s), Writer::gone);
  EXPECT_FALSE(is_ending(s));
}

// To /proc the process is the same zombie then.
TEST(Alive, ADaemonOfWhichOneThreadHangsInACommandIs) {
  const Child child([] {
    std::thread(wait_for_ever).detach();
    ::syscall(SYS_exit, 0);
  });
  const auto s = child.state();
  const auto is_zombie = [&] {
    std::ifstream in("/proc/" + std::to_string(child.pid) + "/stat");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return text.find(") Z ") != std::string::npos;
  };
  EXPECT_TRUE(is_alive(s));
  while (!is_zombie()) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(writer_of(s), Writer::alive);
  EXPECT_TRUE(is_ending(s)) << "whoever starts the next one may wait for it";
}

TEST(PluginFile, IsToldFromTheOneThatReplacesIt) {
  auto s = sample();
  EXPECT_EQ(to_json(s).find("plugin_file"), std::string::npos) << "an older plugin knows nothing of it";
  s.plugin_file = ::testing::TempDir() + "shstore-sd.so." + std::to_string(::getpid());
  std::ofstream(s.plugin_file) << "old";
  const std::ifstream loaded(s.plugin_file);  // the number of a file in use is not given away
  s.plugin_file_id = file_id(s.plugin_file);
  EXPECT_EQ(*parse_state(to_json(s)), s);
  const auto beside = s.plugin_file + ".new";
  std::ofstream(beside) << "new";
  std::filesystem::rename(beside, s.plugin_file);
  EXPECT_NE(file_id(s.plugin_file), s.plugin_file_id);
  std::filesystem::remove(s.plugin_file);
  EXPECT_EQ(file_id(s.plugin_file), "");
}

TEST(Alive, ADaemonThatEndedInOrderIsNot) {
  auto s = sample();
  s.pid = ::getpid();
  s.pid_started = process_start(s.pid);
  s.running = false;
  EXPECT_FALSE(is_alive(s));
}

}  // namespace
}  // namespace shstore::record
