// One line for every move.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "changer/program/move_log.h"
#include "real_libraries.h"

namespace shstore::changer::program {
namespace {

using testing::HasSubstr;

TEST_F(RealLibraries, OneLineForEveryMove) {
  cibou.settings.log = library.folder() + "/moves.log";
  cibou.caller = {"My Job.2026-11-30_01.05.00_07", "12"};
  cibou.load(3, 0);
  cibou.load(3, 0);
  cibou("transfer", "1", "9");
  std::ifstream in(cibou.settings.log);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[0], testing::ContainsRegex(
                            "^20..-..-..T..:..:..Z changer=.*/sg2 operation=load slot=3 drive=0 from=[0-9]* to=[0-9]* "
                            "barcode=A00003L4 jobid=12 job=\"My Job.2026-11-30_01.05.00_07\" seconds=.* result=done$"));
  EXPECT_THAT(
      lines[1],
      HasSubstr(
          " result=failed status=1 why=\"drive 0 is full: it holds tape \\\"A00003L4\\\" of slot 3. Unload it first\""));
  EXPECT_THAT(lines[2], HasSubstr("operation=transfer slot=1 to_slot=9 from="));
}

// Root appends to it by hand, and its folder may be the daemon's.
TEST_F(RealLibraries, TheLogOfMovesFollowsNoLink) {
  const auto precious = library.folder() + "/precious";
  std::ofstream(precious) << "";
  cibou.settings.log = library.folder() + "/moves.log";
  std::filesystem::create_symlink(precious, cibou.settings.log);
  EXPECT_EQ(cibou.load(3, 0), 0) << "the tape is moved all the same";
  EXPECT_THAT(cibou.err, HasSubstr("the log of moves: cannot write " + cibou.settings.log + ": it is a symbolic link"));
  EXPECT_EQ(std::filesystem::file_size(precious), 0u);
}

TEST_F(RealLibraries, WhatOthersCallThemselvesBeginsNoLine) {
  cibou.settings.log = library.folder() + "/moves.log";
  cibou.caller = {"job\n::error file=a::forged\x1b[31m\u009b", "12"};
  cibou.load(3, 0);
  EXPECT_EQ((cibou.out + cibou.err).find("\n::error"), std::string::npos) << cibou.out << cibou.err;
  std::ifstream in(cibou.settings.log);
  std::string line, next;
  std::getline(in, line);
  EXPECT_THAT(line, HasSubstr("job=\"job ::error file=a::forged [31m \""));
  EXPECT_FALSE(std::getline(in, next)) << next;
}

}  // namespace
}  // namespace shstore::changer::program
