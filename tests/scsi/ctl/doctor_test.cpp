#include "scsi/ctl/doctor.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "support.h"

namespace shstore::scsi::ctl {
namespace {

using Verdict = Check::Verdict;

class Doctor : public testing::Test {
 protected:
  // The first check of that name.
  Check check(const Patient& patient, const std::string& name) {
    for (const auto& c : examine(patient)) {
      if (c.name == name) return c;
    }
    ADD_FAILURE() << "no check \"" << name << '"';
    return {};
  }
  Patient patient(const std::string& control) {
    return {control, {}, folder.path("storage-ctl.conf"), folder.path("sys"), {}};
  }

  TemporaryFolder folder;
};

TEST_F(Doctor, FindsABrokenConfiguration) {
  folder.write("storage-ctl.conf", "key=xyz\n");
  const auto c = check(patient("/dev/null"), "config");
  EXPECT_EQ(c.verdict, Verdict::failed);
  EXPECT_EQ(c.text, folder.path("storage-ctl.conf") + ":1: key \"xyz\" is not 1 to 6 hexadecimal digits (0-9, a-f)");
}

TEST_F(Doctor, FindsAMissingDevice) {
  const auto c = check(patient("/dev/does-not-exist"), "device");
  EXPECT_EQ(c.verdict, Verdict::failed);
  EXPECT_THAT(c.text,
              testing::StartsWith("cannot open control device /dev/does-not-exist: No such file or directory. "));
  EXPECT_THAT(c.text, testing::HasSubstr("\"lsscsi -g\""));
}

TEST_F(Doctor, FindsWhatIsNoScsiDevice) {
  EXPECT_EQ(check(patient(folder.write("a-file", "")), "device").verdict, Verdict::failed);
}

// Two nodes of the kernel stand for the drive's; which SCSI device they belong to is what a made-up sysfs says.
class DoctorsPair : public Doctor {
 protected:
  void belongs_to(const char* node, const std::string& scsi_device) {
    struct stat st {};
    ASSERT_EQ(::stat(node, &st), 0);
    const auto number = fmt::format("sys/dev/char/{}:{}", major(st.st_rdev), minor(st.st_rdev));
    std::filesystem::create_directories(folder.path(number));
    std::filesystem::create_directories(folder.path("sys/devices/" + scsi_device));
    std::filesystem::create_symlink(folder.path("sys/devices/" + scsi_device), folder.path(number + "/device"));
  }
  Check archive() {
    auto p = patient("/dev/zero");
    p.archive_device = "/dev/null";
    return check(p, "archive");
  }
};

TEST_F(DoctorsPair, OneDriveByOnePathIsRight) {
  belongs_to("/dev/zero", "1:0:0:0");
  belongs_to("/dev/null", "1:0:0:0");
  EXPECT_EQ(archive().verdict, Verdict::ok);
  EXPECT_EQ(archive().text, "/dev/null and /dev/zero are the same drive by the same path (1:0:0:0)");
}

TEST_F(DoctorsPair, TwoDrivesAreFound) {
  belongs_to("/dev/zero", "1:0:0:0");
  belongs_to("/dev/null", "1:0:0:1");
  EXPECT_EQ(archive().verdict, Verdict::failed);
  EXPECT_EQ(archive().text,
            "/dev/null (1:0:0:1) and /dev/zero (1:0:0:0) are two drives: the wrong one would be locked");
}

TEST_F(DoctorsPair, WithoutSysfsItIsUnknownAndNotFine) { EXPECT_EQ(archive().verdict, Verdict::warning); }

TEST(DoctorsKey, SaysHowOftenItIsRegisteredAndByWhom) {
  const auto text = [](size_t count, std::optional<size_t> elsewhere) {
    const auto c = check_key(kCibouKey, count, elsewhere);
    return (c.verdict == Verdict::ok ? "ok: " : "failed: ") + c.text;
  };
  EXPECT_EQ(text(0, 0), "ok: 0xbac001 is not registered by anybody");
  EXPECT_EQ(text(1, 0), "ok: 0xbac001 is registered once");
  EXPECT_EQ(text(2, 0), "ok: 0xbac001 is registered 2 times, each time by a port of this host");
  EXPECT_EQ(text(2, {}), "ok: 0xbac001 is registered 2 times; the drive does not tell by whom");
  EXPECT_EQ(text(2, 1), "failed: 0xbac001 is registered 2 times: another host uses the same key");
}

TEST(DoctorText, OneLinePerCheck) {
  EXPECT_EQ(doctor_text({{Verdict::ok, "config", "fine"}, {Verdict::failed, "archive", "two drives"}}),
            "ok       config        fine\nFAILED   archive       two drives\n");
}

}  // namespace
}  // namespace shstore::scsi::ctl
