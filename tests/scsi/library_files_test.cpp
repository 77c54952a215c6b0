// What a library leaves in the file system: its state, and the link by which an SD finds the loaded medium.
#include "scsi/target/library_files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "scsi/changer_unit.h"
#include "scsi/tape_unit.h"
#include "scsi/target/library_state.h"
#include "support.h"

namespace shstore::scsi::target {
namespace {

constexpr uint16_t kSlot = 1024, kDrive = 256;

San library_san() { return load_san(SHSTORE_ROOT "/samples/library.json").value(); }

std::string content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return in ? text.str() : "cannot read " + path;
}

// --- the state as text
// -------------------------------------------------------------------------------------------

const Contents kContents = {{256, {.barcode = "A00001L4", .source = 1024, .loaded = true}},
                            {1025, {.barcode = "A00002L4", .source = 17, .imported = true}},
                            {1026, {.barcode = "A00003L4"}},
                            {1027, {.barcode = "A00004L4"}},
                            {1028, {.barcode = "A00005L4"}},
                            {1029, {.barcode = "A00006L4"}}};
constexpr const char* kState =
    "[\n"
    "{\"barcode\":\"A00001L4\",\"element\":256,\"loaded\":true,\"source\":1024},\n"
    "{\"barcode\":\"A00002L4\",\"element\":1025,\"imported\":true,\"source\":17},\n"
    "{\"barcode\":\"A00003L4\",\"element\":1026},\n"
    "{\"barcode\":\"A00004L4\",\"element\":1027},\n"
    "{\"barcode\":\"A00005L4\",\"element\":1028},\n"
    "{\"barcode\":\"A00006L4\",\"element\":1029}\n"
    "]\n";

std::string state_problem(const std::string& from, const std::string& to) {
  std::string text = kState;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  const auto said = message(parse_state(text, library_san().changers[0], "robot.state"));
  const std::string advice = ". Remove the file, and the library starts as it is described";
  EXPECT_TRUE(said.ends_with(advice)) << said;
  return said.substr(0, said.size() - std::min(said.size(), advice.size()));
}

TEST(LibraryState, BothWays) {
  EXPECT_EQ(state_text(kContents), kState);
  EXPECT_EQ(parse_state(kState, library_san().changers[0], "f"), kContents);
}

TEST(LibraryState, WhatDoesNotFitIsRefused) {
  EXPECT_EQ(state_problem("[\n", ""), "robot.state: this is not JSON");
  EXPECT_EQ(state_problem("A00003L4", "A00007L4"),
            "robot.state: medium \"A00007L4\" is not among the media of \"robot\"");
  EXPECT_EQ(state_problem("A00003L4", "A00004L4"), "robot.state: medium \"A00003L4\" of \"robot\" is there 0 times");
  EXPECT_EQ(state_problem(",\n{\"barcode\":\"A00006L4\",\"element\":1029}", ""),
            "robot.state: medium \"A00006L4\" of \"robot\" is there 0 times");
  EXPECT_EQ(state_problem("1029", "1028"), "robot.state: [5]: its element is taken");
  EXPECT_EQ(state_problem("1029", "1032"), "robot.state: changer \"robot\" has no element 1032");
  EXPECT_EQ(state_problem("1029", "1"), "robot.state: changer \"robot\" has no element 1");
  EXPECT_EQ(state_problem("1029", "65536"), "robot.state: [5].element: must be a whole number from 0 to 65535");
  EXPECT_EQ(state_problem("1029", "1029,\"loaded\":true"), "robot.state: element 1029 is no drive");
  EXPECT_EQ(state_problem("1029", "1029,\"colour\":1"), "robot.state: [5].colour: unknown field");
  EXPECT_EQ(state_problem("1029", "1029,\"loaded\":1"), "robot.state: [5].loaded: must be true or false");
}

// --- the files
// ---------------------------------------------------------------------------------------------------

class LibraryFilesTest : public testing::Test {
 protected:
  TemporaryFolder folder;
  const std::string san_folder = folder.path("san");
  const std::string archive0 = folder.path("san/drives/drive0"), archive1 = folder.path("san/drives/drive1");
  const std::string media = folder.path("san/media/");

  // A target with its files, as long as shstore-target would run.
  struct Run {
    explicit Run(const std::string& folder, San san = library_san())
        : target(std::move(san)), files(LibraryFiles::open(target, folder)) {
      EXPECT_TRUE(files) << message(files);
    }
    MoveResult move(uint16_t from, uint16_t to) {
      const auto outcome = robot.move_medium({0, from, to, false});
      EXPECT_TRUE(outcome) << message(outcome);
      const auto updated = files->update();
      EXPECT_TRUE(updated) << message(updated);
      return outcome->result;
    }
    Target target;
    Result<LibraryFiles> files;
    DirectTransport to_drive0{target, 0}, to_robot{target, 2};
    LogicalUnit drive0{to_drive0, [](auto) {}}, robot_unit{to_robot, [](auto) {}};
    MediumChanger robot{robot_unit};
  };

  void SetUp() override { std::filesystem::create_directories(san_folder); }
  static std::string where(const std::string& link) { return std::filesystem::read_symlink(link).string(); }
};

TEST_F(LibraryFilesTest, TheArchiveLeadsToTheLoadedMedium) {
  Run run(san_folder);
  run.move(kSlot, kDrive);
  EXPECT_EQ(where(archive0), media + "A00001L4");
  EXPECT_EQ(where(archive1), kNoMedium);
  EXPECT_EQ(content(archive0), "") << "a new medium is empty";
  std::ofstream(archive0) << "written";
  run.move(kDrive, kSlot + 7);
  EXPECT_EQ(where(archive0), kNoMedium);
  run.move(kSlot + 1, kDrive);
  EXPECT_EQ(content(archive0), "");
  run.move(kSlot + 7, kDrive + 1);
  EXPECT_EQ(content(archive1), "written") << "what was written stays with the medium";
}

TEST_F(LibraryFilesTest, AnEmptyDriveCanNeitherBeOpenedNorCreated) {
  Run run(san_folder);
  for (const int flags : {O_RDONLY, O_RDWR, O_RDWR | O_CREAT, O_RDWR | O_CREAT | O_TRUNC}) {
    const int fd = ::open(archive0.c_str(), flags, 0640);
    EXPECT_EQ(fd, -1) << flags;
    if (fd >= 0) ::close(fd);
  }
  struct stat st {};
  EXPECT_NE(::stat(archive0.c_str(), &st), 0);
}

TEST_F(LibraryFilesTest, AnUnloadedTapeIsNotSeenAlthoughTheDriveHoldsIt) {
  Run run(san_folder);
  run.move(kSlot, kDrive);
  ASSERT_EQ(unload_tape(run.drive0), UnloadResult::done);
  ASSERT_TRUE(run.files->update());
  EXPECT_EQ(where(archive0), kNoMedium);
  ASSERT_EQ(load_tape(run.drive0), UnloadResult::done);
  ASSERT_TRUE(run.files->update());
  EXPECT_EQ(where(archive0), media + "A00001L4");
}

// Whoever has the cartridge open keeps that cartridge, and never gets the next one.
TEST_F(LibraryFilesTest, AnOpenFileStaysWithItsMedium) {
  Run run(san_folder);
  run.move(kSlot, kDrive);
  std::ofstream job(archive0);
  run.move(kDrive, kSlot);
  run.move(kSlot + 1, kDrive);
  job << "late" << std::flush;
  EXPECT_EQ(content(media + "A00001L4"), "late");
  EXPECT_EQ(content(archive0), "");
}

TEST_F(LibraryFilesTest, TheLibraryBeginsWhereItEnded) {
  Contents before;
  {
    Run run(san_folder);
    run.move(kSlot, kDrive);
    run.move(kSlot + 1, kSlot + 6);
    before = run.target.library(0).contents();
  }
  for (const auto& archive : {archive0, archive1}) std::filesystem::remove(archive);
  std::filesystem::create_symlink("/nowhere", archive1);
  Run again(san_folder);
  EXPECT_EQ(again.target.library(0).contents(), before);
  EXPECT_EQ(where(archive0), media + "A00001L4");
  EXPECT_EQ(where(archive1), kNoMedium);
  const auto readiness = again.drive0.test_unit_ready();
  EXPECT_TRUE(readiness->ready);
  EXPECT_EQ(describe(again.drive0.unit_attentions().at(0)),
            "Unit Attention, 29/00 (power on, reset, or bus device reset occurred)");
}

TEST_F(LibraryFilesTest, AStateThatDoesNotFitStopsTheTarget) {
  { Run run(san_folder); }
  auto san = library_san();
  san.changers[0].media.pop_back();
  Target target(san);
  EXPECT_EQ(message(LibraryFiles::open(target, san_folder)),
            san_folder +
                "/robot.state: medium \"A00006L4\" is not among the media of \"robot\". Remove the file, and "
                "the library starts as it is described");
}

TEST_F(LibraryFilesTest, AFileThatIsNoLinkIsNotReplaced) {
  std::filesystem::create_directories(folder.path("san/drives"));
  std::ofstream(archive0) << "precious";
  Target target(library_san());
  EXPECT_EQ(message(LibraryFiles::open(target, san_folder)),
            "cannot replace " + archive0 + ": it is not a link, and may hold data");
  EXPECT_EQ(content(archive0), "precious");
}

TEST_F(LibraryFilesTest, AfterAFailureTheNextUpdateTriesAgain) {
  Run run(san_folder);
  std::filesystem::remove(archive0);
  std::ofstream(archive0) << "in the way";
  ASSERT_EQ(run.robot.move_medium({0, kSlot, kDrive, false})->result, MoveResult::done);
  EXPECT_EQ(message(run.files->update()), "cannot replace " + archive0 + ": it is not a link, and may hold data");
  std::filesystem::remove(archive0);
  EXPECT_TRUE(run.files->update());
  EXPECT_EQ(where(archive0), media + "A00001L4");
}

TEST_F(LibraryFilesTest, PathsMayLieOutsideTheServedFolder) {
  auto san = library_san();
  san.changers[0].media_folder = "../tapes";
  san.drives[0].archive = folder.path("archive0");
  Run run(san_folder, san);
  run.move(kSlot, kDrive);
  EXPECT_EQ(where(folder.path("archive0")), folder.path("tapes/A00001L4"));
}

TEST_F(LibraryFilesTest, WithoutLibrariesNothingIsWritten) {
  Target target(white_paper_san());
  auto files = LibraryFiles::open(target, san_folder);
  ASSERT_TRUE(files) << message(files);
  EXPECT_TRUE(files->update());
  EXPECT_TRUE(std::filesystem::is_empty(san_folder));
}

}  // namespace
}  // namespace shstore::scsi::target
