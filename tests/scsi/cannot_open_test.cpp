#include "scsi/cannot_open.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

namespace shstore::scsi {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string said(const std::string& path, int error) { return cannot_open(path, error).value().message; }

TEST(CannotOpen, SaysWhatToTypeNext) {
  struct Case {
    const char* path;
    int error;
    const char* command;
  };
  for (const auto& c : {Case{"/dev/sg7", ENOENT, "\"lsscsi -g\""}, Case{"/dev/sg7", EACCES, "\"ls -lL /dev/sg7\""},
                        Case{"/dev/sg7", EPERM, "\"adduser bacula tape\""}, Case{"/dev/sg7", ENXIO, "\"lsscsi -g\""},
                        Case{"/dev/sg7", ENODEV, "\"lsscsi -g\""}, Case{"/dev/sg7", EBUSY, "\"fuser -v /dev/sg7\""},
                        Case{"/tmp/san/cibou/sg0", ENOENT, "\"shstore-target --help\""},
                        Case{"/tmp/san/cibou/sg0", ECONNREFUSED, "\"shstore-target --help\""}}) {
    EXPECT_THAT(said(c.path, c.error),
                StartsWith("cannot open control device " + std::string(c.path) + ": " + errno_text(c.error) + ". "));
    EXPECT_THAT(said(c.path, c.error), HasSubstr(c.command));
  }
}

TEST(CannotOpen, SaysNoMoreThanItKnows) {
  EXPECT_EQ(said("/dev/sg7", EMFILE), "cannot open control device /dev/sg7: Too many open files");
}

TEST(CannotOpen, APathCommandsNoTerminal) { EXPECT_EQ(said("/dev/\x1b[2J", EACCES).find('\x1b'), std::string::npos); }

}  // namespace
}  // namespace shstore::scsi
