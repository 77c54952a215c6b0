// A site's configuration out of inventories.
#include "config/generate.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

namespace shstore::config {
namespace {

Inventory sample(const std::string& host) {
  const std::string path = std::string(SHSTORE_SOURCE) + "/samples/" + host + "/inventory.json";
  std::ifstream in(path, std::ios::binary);
  return parse_inventory(std::string(std::istreambuf_iterator<char>(in), {}), path).value();
}

std::string text_of(const std::vector<GeneratedFile>& files, const std::string& path) {
  for (const GeneratedFile& file : files) {
    if (file.path == path) return file.text;
  }
  return "no " + path;
}

TEST(Generate, KeysAreOfTheNameAndNeverEqual) {
  const auto alone = keys_for({"alpha"});
  EXPECT_EQ(alone.at("alpha").size(), 6U);
  EXPECT_EQ(keys_for({"beta", "alpha"}).at("alpha"), alone.at("alpha"));
  std::vector<std::string> hosts;
  for (int i = 0; i < 20000; ++i) hosts.push_back("host" + std::to_string(i));
  std::set<std::string> keys;
  for (const auto& [host, key] : keys_for(hosts)) keys.insert(key);
  EXPECT_EQ(keys.size(), hosts.size());
  EXPECT_FALSE(keys.contains("000000"));
}

TEST(Generate, MediaTypesOfWhatDrivesSay) {
  EXPECT_EQ(media_type_of("Ultrium 4-SCSI"), "LTO-4");
  EXPECT_EQ(media_type_of("ULT3580-TD9"), "LTO-9");
  EXPECT_EQ(media_type_of("ULTRIUM-HH8"), "LTO-8");
  EXPECT_EQ(media_type_of("DLT7000"), "DLT7000");
  EXPECT_EQ(media_type_of("03592E07"), "Tape-03592E07");
  EXPECT_EQ(media_type_of("  \"x{\n"), "x");
}

TEST(Generate, WritesEachHostsFiles) {
  const auto files = generate({sample("cibou"), sample("dir")}, {});
  ASSERT_TRUE(files) << files.error();
  ASSERT_EQ(files->size(), 5U);
  const std::string sd = text_of(*files, "cibou.company.com/bacula-sd.conf");
  EXPECT_NE(
      sd.find("Name = Library-1-Drive-0\n  Media Type = LTO-4\n  Device Type = Tape\n"
              "  Archive Device = \"/dev/tape/by-id/scsi-350014380023560a3-nst\"\n  Control Device = \"/dev/sg0\""),
      std::string::npos)
      << sd;
  EXPECT_LT(sd.find("Library-1-Drive-0\n  Media"), sd.find("Library-1-Drive-1\n  Media"));
  EXPECT_NE(sd.find("Always Open = no"), std::string::npos);
  EXPECT_NE(sd.find("shstore-changer %c %o %S %a %d %j"), std::string::npos);
  EXPECT_NE(sd.find("Password = \"@PASSWORD@\""), std::string::npos);
  const std::string director = text_of(*files, "bacula-dir-storages.conf");
  EXPECT_NE(director.find("Shared Storage = Library-1-cibou"), std::string::npos) << director;
  EXPECT_EQ(director.find("Shared Storage = Library-1-dir"), std::string::npos);
}

TEST(Generate, FoldersAreThoseOfTheHostsBacula) {
  Inventory opt = sample("cibou"), debian = sample("dir");
  opt.files = {{"/opt/bacula/plugins/shstore-sd.so", true, false, 0644, "root"},
               {"/etc/bacula/scripts/storage-ctl", false, std::nullopt, std::nullopt, ""}};
  debian.files.clear();
  const auto files = generate({opt, debian}, {});
  ASSERT_TRUE(files) << files.error();
  const std::string one = text_of(*files, opt.host + "/bacula-sd.conf");
  EXPECT_NE(one.find("Working Directory = \"/opt/bacula/working\""), std::string::npos) << one;
  EXPECT_NE(one.find("Plugin Directory = \"/opt/bacula/plugins\""), std::string::npos);
  EXPECT_NE(one.find("\"/opt/bacula/scripts/storage-ctl %l %o\""), std::string::npos);
  EXPECT_NE(one.find("\"/opt/bacula/scripts/shstore-changer %c"), std::string::npos);
  EXPECT_EQ(one.find("/etc/bacula"), std::string::npos);
  const std::string other = text_of(*files, debian.host + "/bacula-sd.conf");
  EXPECT_EQ(other.find("/opt/bacula"), std::string::npos);
  EXPECT_NE(text_of(*files, "bacula-dir-storages.conf").find("@/etc/bacula/"), std::string::npos);

  SiteFacts facts;
  facts.is_under_opt = true;  // as a build for such packages says of hosts that have nothing of ours yet
  const auto built = generate({debian}, facts);
  ASSERT_TRUE(built);
  EXPECT_EQ(text_of(*built, debian.host + "/bacula-sd.conf").find("/etc/bacula"), std::string::npos);
  EXPECT_NE(text_of(*built, "bacula-dir-storages.conf").find("@/opt/bacula/etc/"), std::string::npos);
  facts.scripts = "/srv/scripts";
  EXPECT_NE(
      text_of(generate({debian}, facts).value(), debian.host + "/bacula-sd.conf").find("\"/srv/scripts/storage-ctl"),
      std::string::npos);
}

TEST(Generate, HostsWithOneShortNameKeepTheirLongOnes) {
  Inventory one = sample("cibou"), other = sample("dir");
  one.host = "sd.east.example.org";
  other.host = "SD.west.example.org";
  const std::string director = text_of(generate({one, other}, {}).value(), "bacula-dir-storages.conf");
  EXPECT_NE(director.find("Name = Library-1-sd.east.example.org\n"), std::string::npos) << director;
  EXPECT_NE(director.find("Name = Library-1-SD.west.example.org\n"), std::string::npos);
}

TEST(Generate, ALibraryWhoseRobotAHostDoesNotSeeIsNotMovedByIt) {
  Inventory one = sample("cibou");
  for (InventoryChanger& changer : one.changers) changer.nodes.clear();
  const std::string sd = text_of(generate({one}, {}).value(), one.host + "/bacula-sd.conf");
  EXPECT_NE(sd.find("  Changer Device = /dev/null\n  Changer Command = \"\""), std::string::npos) << sd;
  EXPECT_EQ(sd.find("shstore-changer"), std::string::npos);
}

TEST(Generate, ASecondPathIsNoSecondDrive) {
  Inventory one = sample("cibou");
  one.changers.clear();
  const size_t devices = one.devices.size();
  for (size_t i = 0; i < devices; ++i) one.devices.push_back(one.devices[i]);
  const std::string sd = text_of(generate({one}, {}).value(), one.host + "/bacula-sd.conf");
  const size_t first = sd.find("  Name = Drive-1\n");
  ASSERT_NE(first, std::string::npos) << sd;
  EXPECT_EQ(sd.find("  Name = Drive-1\n", first + 1), std::string::npos) << sd;
}

TEST(Generate, WhatIsSaidOfAHostWithoutAnInventoryIsATypingError) {
  SiteFacts facts;
  facts.passwords["cibuo.company.com"] = "secret";
  const auto files = generate({sample("cibou")}, facts);
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error(),
            "there is a password for cibuo.company.com, but no inventory: those are of cibou.company.com");
}

TEST(Generate, RefusesWhatCannotBeWritten) {
  Inventory one = sample("cibou");
  EXPECT_FALSE(generate({one, one}, {}));
  one.host = "../etc";
  EXPECT_FALSE(generate({one}, {}));
  one = sample("cibou");
  one.devices.clear();
  EXPECT_FALSE(generate({one}, {}));
  one = sample("cibou");
  SiteFacts facts;
  facts.passwords[one.host] = "a\"b";
  EXPECT_FALSE(generate({one}, facts));
}

}  // namespace
}  // namespace shstore::config
