// storage-ctl doctor --all: the plugin and every shared drive of a bacula-sd.conf, one verdict.
#include "scsi/ctl/site_doctor.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "program.h"

namespace shstore::scsi::ctl {
namespace {

using testing::HasSubstr;
using testing::Not;
using Verdict = Check::Verdict;

struct SiteDoctorTest : testing::Test {
  RunningSan san;
  std::ostringstream out;
  std::string archive = "/dev/null";
  Check plugin{Verdict::ok, "plugin", "as if it were there"};

  std::string storage_ctl = [&] {
    std::filesystem::create_directories(san.folder.path("scripts"));
    return san.folder.write("scripts/storage-ctl", "");
  }();
  void key(const std::string& text) { san.folder.write("scripts/storage-ctl.conf", text); }
  std::string device(const std::string& name, const std::string& control, const std::string& more = "") {
    return "Device {\n Name = " + name + "\n Media Type = LTO-9\n Device Type = Tape\n Archive Device = " + archive +
           "\n" +
           (control.empty() ? ""
                            : " Control Device = " + control + "\n Lock Command = \"" + storage_ctl + " %l %o\"\n") +
           more + "}\n";
  }
  int ask(const std::string& devices, bool json = false) {
    SiteDoctor how;
    how.sd_conf = san.folder.write(
        "bacula-sd.conf",
        "Storage {\n Name = cibou-sd\n Working Directory = /tmp\n Pid Directory = /tmp\n}\n" + devices);
    how.json = json;
    how.plugin = [&](const SiteConf&) { return plugin; };
    return site_doctor(how, out);
  }
};

TEST_F(SiteDoctorTest, AllIsWell) {
  key("key=bac001\n");
  EXPECT_EQ(ask(device("Drive-0", san.device("cibou/sg0"))), 0) << out.str();
  EXPECT_THAT(out.str(),
              HasSubstr("\"Drive-0\" (/dev/null) through " + san.device("cibou/sg0") + "\n  ok       config "));
  EXPECT_THAT(out.str(), HasSubstr("\nok: 1 drive can be shared"));
}

TEST_F(SiteDoctorTest, OneOfTwoDrivesIsNotThere) {
  key("key=bac001\n");
  EXPECT_EQ(ask(device("Drive-0", san.device("cibou/sg0")) + device("Drive-1", san.device("cibou/sg77"))), 4);
  EXPECT_THAT(out.str(), HasSubstr("\nFAILED: 1 of 2 drives cannot be shared as configured"));
  EXPECT_THAT(out.str(), HasSubstr("\"Drive-0\"")) << "the other one is examined all the same";
}

// As in the first hour without a SAN: the drives are shstore-target's, and bacula-sd.conf names a tape that this host does not have.
TEST_F(SiteDoctorTest, ASimulatedDriveWithoutATapeCanBeLockedAllTheSame) {
  key("key=bac001\n");
  archive = "/dev/tape/by-nexus/there-is-none-nst";
  EXPECT_EQ(ask(device("Drive-0", san.device("cibou/sg0"))), 0) << out.str();
  EXPECT_THAT(out.str(), HasSubstr("  warning  archive       " + archive + ": No such file or directory"));
  EXPECT_THAT(out.str(), HasSubstr("no job can write a tape through it"));
  EXPECT_THAT(out.str(), HasSubstr("\nok: 1 drive can be shared, 1 with a warning"));
}

TEST_F(SiteDoctorTest, WhereTheArchiveDeviceCannotBeLookedAtItIsNoMatterOfSimulation) {
  key("key=bac001\n");
  std::filesystem::create_symlink(san.folder.path("loop"), san.folder.path("loop"));
  archive = san.folder.path("loop");
  EXPECT_EQ(ask(device("Drive-0", san.device("cibou/sg0"))), 4) << out.str();
  EXPECT_THAT(out.str(), HasSubstr("FAILED: 1 of 1 drives cannot be shared"));
}

TEST_F(SiteDoctorTest, ABrokenKeyIsSaidOnceForEachDrive) {
  key("key=xyz\n");
  EXPECT_EQ(ask(device("Drive-0", san.device("cibou/sg0"))), 4);
  const auto text = out.str();
  EXPECT_THAT(text, HasSubstr("key \"xyz\" is not 1 to 6 hexadecimal digits"));
  EXPECT_EQ(text.find("key \"xyz\""), text.rfind("key \"xyz\""));
}

TEST_F(SiteDoctorTest, WithoutThePluginNothingIsProtected) {
  key("key=bac001\n");
  plugin = {Verdict::failed, "plugin", "/usr/lib/bacula/shstore-sd.so: is missing"};
  EXPECT_EQ(ask(device("Drive-0", san.device("cibou/sg0"))), 4);
  EXPECT_THAT(out.str(), HasSubstr("FAILED: the drives of "));
  EXPECT_THAT(out.str(), HasSubstr("are not protected"));
}

TEST_F(SiteDoctorTest, NoDriveIsShared) {
  EXPECT_EQ(ask(device("Drive-0", "")), 4);
  EXPECT_THAT(out.str(), HasSubstr("no Device has a Lock Command"));
}

TEST_F(SiteDoctorTest, NothingThatIsAConfiguration) {
  SiteDoctor how;
  how.sd_conf = san.folder.path("there-is-none.conf");
  how.plugin = check_plugin;
  EXPECT_EQ(site_doctor(how, out), 4);
  EXPECT_THAT(out.str(), HasSubstr("there-is-none.conf cannot be read"));
}

TEST_F(SiteDoctorTest, AsJson) {
  key("key=bac001\n");
  EXPECT_EQ(ask(device("Drive-0", san.device("cibou/sg0")), true), 0);
  const auto j = nlohmann::json::parse(out.str());
  EXPECT_EQ(j.at("schema"), "shstore/1");
  EXPECT_THAT(j.at("verdict").get<std::string>(), HasSubstr("ok: 1 drive"));
  EXPECT_EQ(j.at("devices").at(0).at("drive"), "\"Drive-0\" (/dev/null)");
  EXPECT_EQ(j.at("devices").at(0).at("checks").at(0).at("verdict"), "ok");
}

struct PluginOf : testing::Test {
  TemporaryFolder folder;
  Check check(const std::string& directory) {
    return check_plugin(read_site_conf(
        folder.write("bacula-sd.conf",
                     "Storage {\n Name = sd\n Working Directory = /tmp\n Pid Directory = /tmp\n" + directory + "}\n")));
  }
};

TEST_F(PluginOf, NoPluginDirectoryIsNoPlugin) {
  const auto c = check("");
  EXPECT_EQ(c.verdict, Verdict::failed);
  EXPECT_THAT(c.text, HasSubstr("has no Plugin Directory"));
}

TEST_F(PluginOf, AMissingFileAndALinkAreNoPlugin) {
  EXPECT_EQ(check(" Plugin Directory = " + folder.path("") + "\n").verdict, Verdict::failed);
  std::filesystem::create_symlink("/dev/null", folder.path("shstore-sd.so"));
  const auto c = check(" Plugin Directory = " + folder.path("") + "\n");
  EXPECT_EQ(c.verdict, Verdict::failed);
  EXPECT_THAT(c.text, HasSubstr("Without its plugin bacula-sd locks no drive"));
}

TEST(DoctorProgram, WithoutAPluginItsExitStatusIsNotZero) {
  RunningSan san;
  const auto conf = san.folder.write("storage-ctl.conf", "key=bac001\n");
  const auto sd =
      san.folder.write("bacula-sd.conf",
                       "Storage {\n Name = sd\n Working Directory = /tmp\n Pid Directory = /tmp\n Plugin Directory = " +
                           san.folder.path("") + "\n}\n");
  EXPECT_EQ(Process({SHSTORE_STORAGE_CTL, "--config", conf, "--sd", sd, san.device("cibou/sg0"), "doctor"}).end(), 4);
  EXPECT_EQ(Process({SHSTORE_STORAGE_CTL, "--config", conf, "--sd", sd, "doctor", "--all"}).end(), 4);
  EXPECT_EQ(Process({SHSTORE_STORAGE_CTL, "--all", san.device("cibou/sg0"), "doctor"}).end(), 1);
  EXPECT_EQ(Process({SHSTORE_STORAGE_CTL, san.device("cibou/sg0")}).end(), 1);
}

}  // namespace
}  // namespace shstore::scsi::ctl
