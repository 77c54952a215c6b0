#include "config/inventory.h"

#include <gtest/gtest.h>

#include "config/sd_config.h"

namespace shstore::config {
namespace {

std::string problem(const std::string& json) {
  const auto inventory = parse_inventory(json, "cibou.json");
  return inventory ? "accepted" : inventory.error();
}

/// An inventory with `more` members.
std::string with(const std::string& more) {
  return R"({"schema": "shstore-inventory/1", "host": "cibou", )" + more + "}";
}

TEST(Inventory, TheSamplesShowOneLibraryFromTwoSides) {
  const auto reader = disk_reader();
  const auto read = [&](const std::string& host) {
    return parse_inventory(*reader->read(SHSTORE_SOURCE "/samples/" + host + "/inventory.json"), host);
  };
  const auto cibou = read("cibou"), dir = read("dir");
  ASSERT_TRUE(cibou) << cibou.error();
  ASSERT_TRUE(dir) << dir.error();
  EXPECT_EQ(cibou->host, "cibou.company.com");
  ASSERT_NE(cibou->device_at("/dev/sg0"), nullptr);
  EXPECT_EQ(cibou->device_at("/dev/sg0")->product, "Ultrium 4-SCSI");
  EXPECT_EQ(cibou->device_at("/dev/sg0"), cibou->device_at("/dev/nst0"));
  EXPECT_EQ(cibou->device_at("/dev/sg0")->serial, dir->device_at("/dev/sg4")->serial);
  EXPECT_EQ(cibou->device_at("/dev/sg9"), nullptr);
  ASSERT_NE(dir->changer_at("/dev/sg6"), nullptr);
  EXPECT_EQ(cibou->changer_at("/dev/sg2")->serial, dir->changer_at("/dev/sg6")->serial);
  EXPECT_EQ(dir->changer_at("/dev/sg6")->drives.at(1).serial, dir->device_at("/dev/nst1")->serial);
  EXPECT_EQ(dir->changer_at("/dev/sg6")->drives.at(1).index, 1U);
}

TEST(Inventory, WhatIsNotKnownMayBeMissingOrNull) {
  const auto inventory = parse_inventory(with(R"("devices": [{"serial": null, "more": 1}], "changers": [{"nodes": null,
      "drives": [{"serial": "A"}, {"element": 257, "index": 7}]}], "later": {})"),
                                         "f");
  ASSERT_TRUE(inventory) << inventory.error();
  EXPECT_EQ(inventory->devices.at(0).serial, "");
  EXPECT_EQ(inventory->changers.at(0).drives.at(0).element, std::nullopt);
  EXPECT_EQ(inventory->changers.at(0).drives.at(0).index, 0U);
  EXPECT_EQ(inventory->changers.at(0).drives.at(1).element, 257U);
  EXPECT_EQ(inventory->changers.at(0).drives.at(1).index, 7U);
  EXPECT_EQ(problem(with(R"("devices": null)")), "accepted");
}

TEST(Inventory, Files) {
  const auto inventory =
      parse_inventory(with(R"("files": [{"path": "/p/a.so", "exists": true, "link": false, "mode": "0644",
      "owner": "root"}, {"path": "/p/b", "exists": null, "mode": null}])"),
                      "f");
  ASSERT_TRUE(inventory) << inventory.error();
  const auto* const known = inventory->file_at("/p/a.so");
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->exists, true);
  EXPECT_EQ(known->link, false);
  EXPECT_EQ(known->mode, 0644U);
  EXPECT_EQ(known->owner, "root");
  EXPECT_EQ(inventory->file_at("/p/b")->exists, std::nullopt);
  EXPECT_EQ(inventory->file_at("/p/b")->mode, std::nullopt);
  EXPECT_EQ(inventory->file_at("/p/c"), nullptr);
}

TEST(Inventory, InitiatorNames) {
  const auto inventory = parse_inventory(with(R"("initiators": ["iqn.2026-11.lab:a", "iqn.2026-11.lab:b"])"), "f");
  ASSERT_TRUE(inventory) << inventory.error();
  EXPECT_EQ(inventory->initiators, (std::vector<std::string>{"iqn.2026-11.lab:a", "iqn.2026-11.lab:b"}));
  EXPECT_EQ(problem(with(R"("initiators": "iqn.2026-11.lab:a")")),
            "cibou.json: initiators: an array is expected, not \"iqn.2026-11.lab:a\"");
}

TEST(Inventory, TheVersionOfItsBacula) {
  const auto inventory = parse_inventory(with(R"("bacula": "15.0.3")"), "f");
  ASSERT_TRUE(inventory) << inventory.error();
  EXPECT_EQ(inventory->bacula, "15.0.3");
  EXPECT_NE(print_inventory(*inventory).find("\"bacula\": \"15.0.3\""), std::string::npos);
  EXPECT_EQ(problem(with(R"("bacula": "new")")),
            "cibou.json: bacula: a version such as \"15.0.3\" is expected, not \"new\"");
}

TEST(Inventory, WhatIsNotKnownIsWrittenAsNull) {
  Inventory inventory;
  inventory.host = "caf\xe9";
  inventory.devices.emplace_back().nodes = {"/dev/sg0"};
  inventory.changers.emplace_back();
  const auto text = print_inventory(inventory);
  EXPECT_NE(text.find("\"serial\": null"), std::string::npos) << text;
  EXPECT_NE(text.find("\"drives\": null"), std::string::npos) << text;
  const auto read = parse_inventory(text, "f");
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(print_inventory(*read), text);
}

TEST(Inventory, ErrorsNameTheMember) {
  EXPECT_EQ(problem(with(R"("files": [{"exists": "yes"}])")),
            "cibou.json: files[0].exists: true or false is expected, not \"yes\"");
  EXPECT_EQ(problem(with(R"("files": [{"mode": "0888"}])")),
            "cibou.json: files[0].mode: a mode such as \"0644\" is expected, not \"0888\"");
  EXPECT_EQ(problem(with(R"("devices": [{}, {"serial": 5}])")),
            "cibou.json: devices[1].serial: a string is expected, not the number 5");
  EXPECT_EQ(problem(with(R"("devices": {})")), "cibou.json: devices: an array is expected, not an object");
  EXPECT_EQ(problem(with(R"("devices": [[]])")), "cibou.json: devices[0]: an object is expected, not an array");
  EXPECT_EQ(problem(with(R"("devices": [{"nodes": ["/dev/sg0", true]}])")),
            "cibou.json: devices[0].nodes[1]: a string is expected, not a boolean");
  EXPECT_EQ(
      problem(with(R"("changers": [{"drives": [{"index": -1}]}])")),
      "cibou.json: changers[0].drives[0].index: a whole number from 0 to 4294967295 is expected, not the number -1");
  EXPECT_EQ(problem("{}"), "cibou.json: schema: \"shstore-inventory/1\" is expected, not nothing");
  EXPECT_EQ(problem(R"({"schema": "shstore/1"})"),
            "cibou.json: schema: \"shstore-inventory/1\" is expected, not \"shstore/1\"");
  EXPECT_EQ(problem(R"({"schema": "shstore-inventory/1"})"),
            "cibou.json: host: the host's name is expected, not nothing");
  EXPECT_EQ(problem("[]"), "cibou.json: an object is expected, not an array");
}

TEST(Inventory, WhatIsNotJsonIsToldWithItsPlace) {
  EXPECT_EQ(problem("{\n  \"schema\": oops }"), "cibou.json:2:13: this is not JSON");
  EXPECT_EQ(problem(""), "cibou.json:1:1: this is not JSON");
  EXPECT_EQ(problem(std::string(100'000, '[')).find("cibou.json:1:1000"), 0U);
}

}  // namespace
}  // namespace shstore::config
