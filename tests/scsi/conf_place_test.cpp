// storage-ctl.conf is found the same way by whoever knows storage-ctl by one of its names.
#include "scsi/conf_place.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "support.h"

namespace shstore::scsi {
namespace {

namespace fs = std::filesystem;

class ConfPlace : public testing::Test {
 protected:
  ConfPlace() {
    std::string pattern = (fs::temp_directory_path() / "shstore-conf.XXXXXX").string();
    root = ::mkdtemp(pattern.data());
    for (const char* folder : {"scripts", "opt", "libexec"}) fs::create_directory(root / folder);
    std::ofstream(root / "libexec/storage-ctl") << "program";
  }
  ~ConfPlace() override { fs::remove_all(root); }
  void put(const std::string& folder, const char* text) const {
    std::ofstream(root / folder / "storage-ctl.conf") << text;
  }
  std::string found(const std::string& program) const {
    const auto place = conf_of_program(root / program);
    EXPECT_TRUE(place) << place.error().message;
    return place ? fs::path(*place).lexically_relative(root).string() : std::string{};
  }

  fs::path root;
};

TEST_F(ConfPlace, IsBesideTheProgram) {
  EXPECT_EQ(found("libexec/storage-ctl"), "libexec/storage-ctl.conf")
      << "also while it is not there: the message names it";
  EXPECT_EQ(*conf_of_program("/nowhere/storage-ctl"), "/nowhere/storage-ctl.conf");
}

TEST_F(ConfPlace, IsBesideTheLinkOrBesideWhatItLeadsTo) {
  fs::create_symlink("../libexec/storage-ctl", root / "scripts/storage-ctl");
  fs::create_symlink(root / "scripts/storage-ctl", root / "opt/storage-ctl");
  put("scripts", "key=1\n");
  EXPECT_EQ(found("scripts/storage-ctl"), "scripts/storage-ctl.conf");
  EXPECT_EQ(found("opt/storage-ctl"), "scripts/storage-ctl.conf") << "a link to the link";
}

TEST_F(ConfPlace, TwoThatDifferAreAnError) {
  fs::create_symlink("../libexec/storage-ctl", root / "scripts/storage-ctl");
  put("scripts", "key=1\n");
  put("libexec", "key=1\n");
  EXPECT_EQ(found("scripts/storage-ctl"), "scripts/storage-ctl.conf");
  put("libexec", "key=2\n");
  const auto place = conf_of_program(root / "scripts/storage-ctl");
  ASSERT_FALSE(place);
  EXPECT_NE(place.error().message.find("two storage-ctl.conf that are not the same"), std::string::npos);
}

TEST_F(ConfPlace, ALinkThatLeadsToItselfIsNoEndlessWay) {
  fs::create_symlink("storage-ctl", root / "opt/storage-ctl");
  EXPECT_EQ(found("opt/storage-ctl"), "opt/storage-ctl.conf");
}

}  // namespace
}  // namespace shstore::scsi
