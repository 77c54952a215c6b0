#include "status/look/bconsole.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace shstore::status {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

// A program of our own in the place of bconsole.
class Bconsole : public testing::Test {
 protected:
  Bconsole() { EXPECT_NE(::mkdtemp(folder.data()), nullptr); }
  ~Bconsole() override { std::filesystem::remove_all(folder); }
  BconsoleRequest request(const std::string& script) {
    const auto program = folder + "/bconsole";
    std::ofstream(program) << "#!/bin/sh\n" << script << '\n';
    EXPECT_EQ(::chmod(program.c_str(), 0700), 0);
    return {"/etc/bacula/bconsole.conf", "Changer-1", program, 30s};
  }
  std::string folder = "/tmp/shstore-bconsole-XXXXXX";
};

TEST_F(Bconsole, IsToldTheStorageAndItsOutputComesBackWhole) {
  const auto text = bacula_status_text(
      request("printf '%s\\n' \"$*\"; read -r a; echo \"$a\"; head -c 300000 /dev/zero | tr '\\0' x; echo; cat"));
  ASSERT_TRUE(text) << text.error();
  EXPECT_TRUE(text->starts_with("-n -c /etc/bacula/bconsole.conf\nstatus storage=\"Changer-1\"\nxxx"));
  EXPECT_TRUE(text->ends_with("xxx\n")) << "and nothing of what tells its end";
  EXPECT_GT(text->size(), 300000u);
}

// As bconsole 15.0.3 was seen to do.
TEST_F(Bconsole, ThatHasAnsweredAndDoesNotEndHasAnswered) {
  auto r = request("cat; exec sleep 1000");
  r.deadline = 1000s;
  const auto text = bacula_status_text(r);
  ASSERT_TRUE(text) << text.error();
  EXPECT_EQ(*text, "status storage=\"Changer-1\"\n");
}

TEST_F(Bconsole, ThatFailsIsAnErrorWithItsLastWords) {
  const auto text = bacula_status_text(request("echo Connecting; echo 'Director authorization error.' >&2; exit 1"));
  ASSERT_FALSE(text);
  EXPECT_THAT(text.error(), HasSubstr("Director authorization error."));
  EXPECT_THAT(text.error(), HasSubstr("/etc/bacula/bconsole.conf"));
}

TEST_F(Bconsole, ThatHangsIsEndedAtTheDeadline) {
  auto r = request("exec sleep 60");
  r.deadline = 1s;
  const auto text = bacula_status_text(r);
  ASSERT_FALSE(text);
  EXPECT_THAT(text.error(), HasSubstr("it did not end within 1 s"));
}

TEST_F(Bconsole, ThatClosesItsOutputAndHangsIsEndedToo) {
  auto r = request("exec >/dev/null 2>&1; exec sleep 60");
  r.deadline = 1s;
  ASSERT_FALSE(bacula_status_text(r));
}

TEST_F(Bconsole, ThatReadsNothingAndEndsIsNoSignalToUs) { EXPECT_TRUE(bacula_status_text(request("exit 0"))); }

TEST_F(Bconsole, ThatIsNotThereIsAnError) {
  auto r = request("");
  r.program = folder + "/none";
  EXPECT_THAT(bacula_status_text(r).error(), HasSubstr("No such file or directory"));
}

TEST_F(Bconsole, ANameThatWouldBeASecondCommandIsRefused) {
  for (const std::string name : {"", "a\nquit", "a\" yes", "a;b"}) {
    auto r = request("cat");
    r.storage = name;
    EXPECT_THAT(bacula_status_text(r).error(), HasSubstr("is not the name of a Storage")) << name;
  }
}

}  // namespace
}  // namespace shstore::status
