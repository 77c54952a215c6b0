// Who means whom: Storages of the Director, Storage Daemons, drives.
#include "config/site.h"

#include <gtest/gtest.h>

#include "loading.h"

namespace shstore::config {
namespace {

using By = StorageLink::By;
using Target = StorageLink::Target;

template <class T>
Value<T> given(T value) {
  return {std::move(value), Written({0, 1, 1}, {0, 1, 1})};
}

struct StorageText {
  std::string name{}, address{};
  uint32_t port = 9103;
  std::string password{};
  std::vector<std::string> devices{};
  std::string autochanger{}, shared_storage{};
  bool is_autochanger_resource = false;
};

DirStorage to_storage(const StorageText& text, Sources& texts) {
  const auto kept = [&](const std::string& value) { return given(texts.keep(value)); };
  DirStorage storage;
  storage.name = kept(text.name);
  if (!text.address.empty()) storage.address = kept(text.address);
  storage.sd_port = given(text.port);
  if (!text.password.empty()) storage.password = kept(text.password);
  for (const std::string& device : text.devices) storage.devices.push_back(kept(device));
  if (!text.autochanger.empty()) storage.autochanger = kept(text.autochanger);
  if (!text.shared_storage.empty()) storage.shared_storage = kept(text.shared_storage);
  storage.is_autochanger_resource = text.is_autochanger_resource;
  return storage;
}

DirConfig director(const std::vector<StorageText>& storages, const std::string& name = "bacula-dir") {
  DirConfig config;
  const auto texts = std::make_shared<Sources>();
  config.sources = texts;
  config.director.emplace();
  config.director->name = given(texts->keep(name));
  for (const StorageText& text : storages) config.storages.push_back(to_storage(text, *texts));
  return config;
}

/// An SD by the text of its configuration and its host's name.
SiteSd daemon(const std::string& text, const std::string& host = {}) {
  SiteSd sd;
  sd.path = "bacula-sd.conf";
  sd.config = testing::load(text);
  sd.host = host;
  return sd;
}

std::string storage(const std::string& more) {
  return "Storage { Name = sd; Working Directory = /w; Pid Directory = /w\n" + more + "\n}\n";
}
std::string password(const std::string& text, const std::string& name = "bacula-dir") {
  return "Director { Name = " + name + "; Password = \"" + text + "\" }\n";
}
std::string drive(const std::string& name, const std::string& archive = "/dev/nst0") {
  return "Device { Name = " + name + "; Media Type = T; Archive Device = " + archive + "\n}\n";
}
std::string changer(const std::string& name, const std::string& drives) {
  return "Autochanger { Name = " + name + "; Changer Device = /dev/sg2; Changer Command = \"\"; Device = " + drives +
         "\n}\n";
}

std::string read_file(const std::string& path) {
  const auto text = disk_reader()->read(path);
  EXPECT_TRUE(text) << text.error();
  return text.value_or("");
}

/// The white paper's two hosts, as the files have them.
SiteSd white_paper(const std::string& name, bool with_inventory) {
  SiteSd sd;
  sd.path = SHSTORE_LINT_FILES "/white-paper/" + name + "/bacula-sd.conf";
  sd.config = load_sd_config(sd.path, *disk_reader());
  sd.host = name + ".company.com";
  if (!with_inventory) return sd;
  const auto inventory = parse_inventory(read_file(SHSTORE_SOURCE "/samples/" + name + "/inventory.json"), name);
  EXPECT_TRUE(inventory) << inventory.error();
  if (inventory) sd.inventory = *inventory;
  return sd;
}

TEST(Site, TheWhitePapersTwoHosts) {
  const DirConfig dir = director({
      {"Changer-1", "cibou.company.com", 9103, "xxxxxxxxxx", {"LTO-Changer-1"}, "", "", true},
      {"Changer-1-Drive0", "cibou.company.com", 9103, "xxxxxxxxxx", {"LT09_1_Drive0"}, "Changer-1", ""},
      {"Changer-1-Drive1", "cibou.company.com", 9103, "xxxxxxxxxx", {"LT09_1_Drive1"}, "Changer-1", ""},
      {"Changer-2", "dir.company.com", 9103, "yyyyyyy", {"LTO-Changer-2"}, "", "Changer-1", true},
      {"Changer-2-Drive0", "dir.company.com", 9103, "yyyyyyy", {"LT09_2_0"}, "Changer-2", ""},
  });
  const Site site(dir, {white_paper("cibou", true), white_paper("dir", true)});

  ASSERT_EQ(site.links.size(), 5U);
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(site.links[i].sd, i < 3 ? 0U : 1U) << i;
    EXPECT_EQ(site.links[i].by, By::address) << i;
    EXPECT_EQ(site.links[i].changer, i < 3 ? 0U : 3U) << i;
    EXPECT_EQ(site.links[i].shared_with, i == 3 ? std::optional<size_t>(0) : std::nullopt) << i;
  }
  EXPECT_EQ(site.links[0].target, Target::autochanger);
  EXPECT_EQ(site.links[1].target, Target::device);
  EXPECT_EQ(site.links[1].index, 0U);
  EXPECT_EQ(site.links[2].index, 1U);
  EXPECT_EQ(site.links[4].target, Target::unknown) << "the paper calls it LT09_2_0 here and LT09_2_Drive0 there";

  ASSERT_EQ(site.same_drive.size(), 2U);
  EXPECT_EQ(site.same_drive[0], (std::vector<DriveRef>{{0, 0}, {1, 0}}));
  EXPECT_EQ(site.same_drive[1], (std::vector<DriveRef>{{0, 1}, {1, 1}}));
  EXPECT_EQ(*site.device(site.same_drive[1][1]).name, "LT09_2_Drive1");
}

/// One Storage, two SDs: which of them is it, and how is it found?
struct JoinCase {
  std::string what;
  StorageText storage;
  std::string first, first_host, second, second_host;
  std::optional<size_t> sd;
  By by = By::none;
};

TEST(Site, FindsTheSdOfAStorage) {
  const std::string any = storage("");
  const std::vector<JoinCase> cases = {
      {"host name", {"S", "dir.company.com"}, any, "cibou.company.com", any, "dir.company.com", 1, By::address},
      {"without case, with a last dot",
       {"S", "DIR.Company.com."},
       any,
       "cibou",
       any,
       "dir.company.com",
       1,
       By::address},
      {"short name here", {"S", "dir"}, any, "cibou.company.com", any, "dir.company.com", 1, By::address},
      {"short name there", {"S", "dir.company.com"}, any, "cibou", any, "dir", 1, By::address},
      {"other domain", {"S", "dir.other.com"}, any, "cibou", any, "dir.company.com", {}, By::none},
      {"SDAddress",
       {"S", "10.0.0.2"},
       storage("SDAddress = 10.0.0.1"),
       "",
       storage("SDAddress = 10.0.0.2"),
       "",
       1,
       By::address},
      {"one of SDAddresses",
       {"S", "10.0.0.3", 9105},
       any,
       "",
       storage("SDAddresses = { ip = { addr = 10.0.0.2; port = 9105 } ip = { addr = 10.0.0.3; port = 9105 } }"),
       "",
       1,
       By::address},
      {"port tells two of one host apart",
       {"S", "localhost", 9104},
       storage("SDAddress = 127.0.0.1"),
       "",
       storage("SDAddress = 127.0.0.1\nSDPort = 9104"),
       "",
       1,
       By::address},
      {"an address's first number is no short name",
       {"S", "10"},
       storage("SDAddress = 10.0.0.1"),
       "",
       any,
       "",
       {},
       By::none},
      {"a wildcard is nobody's address", {"S", "0.0.0.0"}, storage("SDAddress = 0.0.0.0"), "", any, "", {}, By::none},
      {"password", {"S", "a", 9103, "two"}, any + password("one"), "", any + password("two"), "", 1, By::password},
      {"password of another Director",
       {"S", "a", 9103, "two"},
       any + password("one"),
       "",
       any + password("two", "other-dir"),
       "",
       {},
       By::none},
      {"password, but another port",
       {"S", "a", 9109, "two"},
       any + password("one"),
       "",
       any + password("two"),
       "",
       {},
       By::none},
      {"password, but another host",
       {"S", "a", 9103, "two"},
       any + password("one"),
       "",
       any + password("two"),
       "b",
       {},
       By::none},
      {"password, a name and a number",
       {"S", "a", 9103, "two"},
       any + password("one"),
       "",
       storage("SDAddress = 10.0.0.2") + password("two"),
       "",
       1,
       By::password},
      {"password of both, devices of one",
       {"S", "a", 9103, "p", {"D2"}},
       any + password("p") + drive("D1"),
       "",
       any + password("p") + drive("D2"),
       "",
       1,
       By::devices},
      {"password and devices, in spite of the port",
       {"S", "a", 9109, "p", {"D2"}},
       any + password("p") + drive("D1"),
       "",
       any + password("p") + drive("D2"),
       "",
       1,
       By::devices},
      {"devices alone", {"S", "a", 9103, "p", {"D2"}}, any + drive("D1"), "", any + drive("D2"), "", 1, By::devices},
      {"devices alone, but another port",
       {"S", "a", 9109, "p", {"D2"}},
       any + drive("D1"),
       "",
       any + drive("D2"),
       "",
       {},
       By::none},
      {"devices of both", {"S", "a", 9103, "p", {"D"}}, any + drive("D"), "", any + drive("D"), "", {}, By::none},
      {"devices of both, password of one",
       {"S", "a", 9103, "p", {"D"}},
       any + drive("D") + password("p"),
       "",
       any + drive("D"),
       "",
       0,
       By::password},
      {"one of the devices is missing", {"S", "a", 9103, "", {"D", "E"}}, any + drive("D"), "", any, "", {}, By::none},
      {"two at one address: the password",
       {"S", "a", 9103, "p"},
       any + password("q"),
       "a",
       any + password("p"),
       "a",
       1,
       By::password},
      {"two at one address: a third does not count", {"S", "a", 9103, "p", {"D"}}, any, "a", any, "a", {}, By::none},
      {"nothing is known", {"S", ""}, any, "", any, "", {}, By::none},
  };
  for (const JoinCase& c : cases) {
    const Site site(director({c.storage}), {daemon(c.first, c.first_host), daemon(c.second, c.second_host)});
    ASSERT_EQ(site.links.size(), 1U);
    EXPECT_EQ(site.links[0].sd, c.sd) << c.what;
    EXPECT_EQ(site.links[0].by, c.by) << c.what;
  }
}

// One password for all is common. With only one SD's file at hand, the other SD's Storages must not become this one's.
TEST(Site, APasswordOfSeveralAddressesSaysNothing) {
  const DirConfig dir = director({{"S1", "a", 9103, "p", {"D1"}}, {"S2", "b", 9103, "p", {"D2"}}});
  const Site site(dir, {daemon(storage("") + password("p") + drive("D1"))});
  EXPECT_EQ(site.links[0].by, By::devices);
  EXPECT_EQ(site.links[1].by, By::none);
}

// A Device that is misspelt must not lose its SD: that is the very thing to report.
TEST(Site, NeighboursOfOneAddressAreOneSds) {
  const DirConfig dir =
      director({{"S1", "a", 9103, "x", {"D1"}}, {"S2", "a", 9103, "x", {"D-1"}}, {"S3", "a", 9104, "x", {"D-1"}}});
  const Site site(dir, {daemon(storage("") + drive("D1"))});
  EXPECT_EQ(site.links[1].sd, 0U);
  EXPECT_EQ(site.links[1].by, By::same_address);
  EXPECT_EQ(site.links[1].target, Target::unknown);
  EXPECT_EQ(site.links[2].by, By::none);
}

TEST(Site, AnAutochangerComesBeforeADeviceOfThatName) {
  const DirConfig dir = director({{"S", "a", 9103, "", {"D", "X", "Y"}}});
  const Site site(dir, {daemon(storage("") + drive("X") + drive("D") + changer("D", "X"), "a")});
  ASSERT_EQ(site.links[0].devices.size(), 3U);
  EXPECT_EQ(site.links[0].target, Target::autochanger);
  EXPECT_EQ(site.links[0].index, 0U);
  EXPECT_EQ(site.links[0].devices[1].kind, Target::device);
  EXPECT_EQ(site.links[0].devices[2].kind, Target::unknown);
}

TEST(Site, AutochangerAndSharedStorageAreNamesOfStorages) {
  const Site site(director({{"A", "", 9103, "", {}, "", "B", true},
                            {"B", "", 9103, "", {}, "yes", "none"},
                            {"C", "", 9103, "", {}, "A", "C"},
                            {"D", "", 9103, "", {}, "missing", ""},
                            {"E", "", 9103, "", {}, "C", "", true}}),
                  {});
  const std::vector<std::optional<size_t>> changers = {0, {}, 0, {}, 2}, shared = {1, {}, 2, {}, {}};
  for (size_t i = 0; i < changers.size(); ++i) {
    EXPECT_EQ(site.links[i].changer, changers[i]) << i;
    EXPECT_EQ(site.links[i].shared_with, shared[i]) << i;
  }
}

Inventory inventory(const std::string& host, const std::vector<InventoryDevice>& devices) {
  Inventory result;
  result.host = host;
  result.devices = devices;
  return result;
}
InventoryDevice tape(const std::string& serial, const std::string& designator, std::vector<std::string> nodes) {
  InventoryDevice device;
  device.serial = serial;
  device.designator = designator;
  device.nodes = std::move(nodes);
  return device;
}

TEST(Site, DrivesAreTheSameByWhatTheInventoriesSay) {
  SiteSd a =
      daemon(drive("A0", "/dev/nst0") + drive("A1", "/dev/nst1") + drive("A2", "/dev/nst2") + drive("A3", "/no"));
  a.inventory = inventory(
      "a", {tape("1", "", {"/dev/sg0", "/dev/nst0"}), tape("2", "", {"/dev/nst1"}), tape("", "naa.5", {"/dev/nst2"})});
  SiteSd b = daemon(drive("B0", "/dev/nst7") + drive("B1", "/dev/nst0") + drive("B2", "/dev/nst8"));
  b.inventory = inventory("b", {tape("2", "naa.2", {"/dev/nst0"}), tape("", "naa.5", {"/dev/nst8"})});
  SiteSd c = daemon(drive("C0", "/dev/nst0"));
  const Site site({}, {a, b, c});
  EXPECT_TRUE(site.links.empty());
  EXPECT_EQ(site.same_drive, (std::vector<std::vector<DriveRef>>{{{0, 1}, {1, 1}}, {{0, 2}, {1, 2}}}));
}

TEST(Site, TwoDevicesOfOneSdAreNoGroupOfTheirOwn) {
  SiteSd a = daemon(drive("A0", "/dev/nst0") + drive("A1", "/dev/sg0"));
  a.inventory = inventory("a", {tape("1", "", {"/dev/sg0", "/dev/nst0"})});
  EXPECT_TRUE(Site({}, {a}).same_drive.empty());
  EXPECT_EQ(Site({}, {a, a}).same_drive.at(0).size(), 4U);
}

TEST(Site, TheControlDeviceWillDoWhereTheArchiveDeviceIsNotKnown) {
  const std::string by_control =
      "Device { Name = D; Media Type = T; Archive Device = /dev/tape0\n Control Device = /dev/sg0\n}\n";
  SiteSd a = daemon(by_control), b = daemon(drive("D", "/dev/nst0"));
  a.inventory = inventory("a", {tape("1", "", {"/dev/sg0", "/dev/nst0"})});
  b.inventory = a.inventory;
  EXPECT_EQ(Site({}, {a, b}).same_drive.size(), 1U);
}

}  // namespace
}  // namespace shstore::config
