#include "config/lint/program/load_site.h"

#include <gtest/gtest.h>

#include <sstream>

#include "world.h"

namespace shstore::config::lint {
namespace {

using testing::sd_conf;
using testing::TestWorld;

LoadedSite load(TestWorld& world, const std::vector<std::string>& words) {
  std::ostringstream out, err;
  World real{world.files, world.commands,
             world.files, [&] { return world.standard_input; },
             world.host,  "/work",
             false,       false,
             out,         err};
  const auto options = parse_options(words);
  EXPECT_TRUE(options) << options.error().text;
  auto loaded = load_site(*options, real);
  EXPECT_TRUE(loaded) << loaded.error();
  return std::move(*loaded);
}

std::string device(const std::string& lock_command) {
  return "Device { Name = D; Media Type = T; Archive Device = /dev/nst0\n Lock Command = \"" + lock_command + "\"\n}\n";
}

std::string inventory(const std::string& host) {
  return R"({"schema": "shstore-inventory/1", "host": ")" + host + "\"}";
}

TEST(SdArgument, HostFileAndStorageCtlConf) {
  TestWorld world;
  world.files.texts["a=b:c"] = "";
  world.files.texts["x:y"] = "";
  struct Case {
    std::string written, host, file, storage_ctl;
  };
  const std::vector<Case> cases = {{"f", "", "f", ""},        {"h=f", "h", "f", ""},        {"f:c", "", "f", "c"},
                                   {"h=f:c", "h", "f", "c"},  {"/a/b=c", "", "/a/b=c", ""}, {"a=b:c", "", "a=b:c", ""},
                                   {"h=x:y", "h", "x:y", ""}, {"=f", "", "=f", ""},         {"-", "", "-", ""}};
  for (const Case& c : cases) {
    const SdArgument argument = parse_sd_argument(c.written, world.files);
    EXPECT_EQ(argument.host, c.host) << c.written;
    EXPECT_EQ(argument.file, c.file) << c.written;
    EXPECT_EQ(argument.storage_ctl, c.storage_ctl) << c.written;
  }
}

TEST(LoadSite, StorageCtlConfIsFound) {
  TestWorld world;
  world.files.texts["etc/sd.conf"] = sd_conf(device("/scripts/storage-ctl %l %o"));
  EXPECT_FALSE(load(world, {"--sd", "etc/sd.conf"}).site.sds[0].storage_ctl);

  world.files.texts["etc/storage-ctl.conf"] = "key=1";
  world.files.texts["/scripts/storage-ctl.conf"] = "key=2";
  world.files.texts["given.conf"] = "key=3";
  const auto key = [&](const std::vector<std::string>& words) {
    return *load(world, words).site.sds[0].storage_ctl->key;
  };
  EXPECT_EQ(key({"--sd", "etc/sd.conf"}), "1") << "another machine's /scripts says nothing";
  EXPECT_EQ(key({"--sd", "etc/sd.conf", "--here"}), "2");
  world.files.directories = {"/w"};
  EXPECT_EQ(key({"--sd", "etc/sd.conf"}), "2");
  EXPECT_EQ(key({"--sd", "etc/sd.conf", "--not-here"}), "1");
  EXPECT_EQ(key({"--sd", "etc/sd.conf:given.conf"}), "3");
}

TEST(LoadSite, WhatIsHere) {
  TestWorld world;
  world.files.texts["a.conf"] = sd_conf("");
  world.files.texts["b.conf"] = sd_conf("");
  world.files.directories = {"/w"};
  const auto here = [&](const std::vector<std::string>& words) {
    std::string result;
    for (const SiteSd& sd : load(world, words).site.sds) result += sd.is_here ? "y" : "n";
    return result;
  };
  EXPECT_EQ(here({"--sd", "a.conf"}), "y");
  EXPECT_EQ(here({"--sd", "cibou=a.conf"}), "y");
  EXPECT_EQ(here({"--sd", "dir=a.conf"}), "n");
  EXPECT_EQ(here({"--sd", "a.conf", "--sd", "b.conf"}), "nn") << "one Working Directory cannot be both's";
  EXPECT_EQ(here({"--sd", "cibou=a.conf", "--sd", "b.conf"}), "yn");
  EXPECT_EQ(here({"--sd", "a.conf", "--sd", "b.conf", "--here"}), "yy");
  world.files.directories = {};
  EXPECT_EQ(here({"--sd", "a.conf"}), "n");
}

TEST(LoadSite, InventoriesGoToTheirHosts) {
  TestWorld world;
  world.files.texts["a.conf"] = sd_conf("");
  world.files.texts["b.conf"] = sd_conf("");
  world.files.texts["a.json"] = inventory("a.company.com");
  world.files.texts["b.json"] = inventory("b");
  const LoadedSite two = load(
      world, {"--sd", "a=a.conf", "--sd", "b.company.com=b.conf", "--inventory", "b.json", "--inventory", "a.json"});
  EXPECT_EQ(two.site.sds[0].inventory->host, "a.company.com");
  EXPECT_EQ(two.site.sds[1].inventory->host, "b");
  EXPECT_EQ(two.files, 4U);
  const LoadedSite renamed = load(world, {"--sd", "x=a.conf", "--inventory", "x=b.json"});
  EXPECT_EQ(renamed.site.sds[0].inventory->host, "b");
  const LoadedSite single = load(world, {"--sd", "a.conf", "--inventory", "a.json"});
  EXPECT_EQ(single.site.sds[0].host, "a.company.com");
  EXPECT_TRUE(single.site.sds[0].inventory);

  const auto problem = [&](std::vector<std::string> words) { return world.run(words).err; };
  EXPECT_EQ(problem({"--sd", "a.conf", "--sd", "b.conf", "--inventory", "a.json"}),
            "shstore-lint: a.json is of host a.company.com, but no Storage Daemon is said to be there: write --sd "
            "a.company.com=FILE\n");
  EXPECT_EQ(problem({"--sd", "a.conf", "--inventory", "c.json"}),
            "shstore-lint: cannot open c.json: No such file or directory\n");
  world.files.texts["c.json"] = "{";
  EXPECT_EQ(problem({"--sd", "a.conf", "--inventory", "c.json"}), "shstore-lint: c.json:1:2: this is not JSON\n");
  EXPECT_EQ(world.run({"--sd", "a.conf", "--inventory", "c.json"}).status, 2);
}

TEST(LoadSite, CommandsRunOnlyIfAllowed) {
  TestWorld world;
  world.files.texts["sd.conf"] = sd_conf("@|\"/bin/drives lto\"\n");
  world.commands.outputs["/bin/drives lto"] = "Device { Name = D; Media Type = T; Archive Device = /dev/nst0 }\n";
  EXPECT_TRUE(load(world, {"--sd", "sd.conf"}).site.sds[0].config.devices.empty());
  EXPECT_EQ(load(world, {"--sd", "sd.conf", "--allow-commands"}).site.sds[0].config.devices.size(), 1U);
}

TEST(LoadSite, IncludesAreAmongTheTexts) {
  TestWorld world;
  world.files.texts["sd.conf"] = sd_conf("@more.conf\n");
  world.files.texts["more.conf"] = "# nothing\n";
  const LoadedSite loaded = load(world, {"--sd", "sd.conf"});
  EXPECT_EQ(loaded.texts.paths(), (std::vector<std::string>{"more.conf", "sd.conf"}));
  EXPECT_EQ(loaded.texts.line("more.conf", 1), "# nothing");
  EXPECT_EQ(loaded.texts.line("more.conf", 9), "");
  EXPECT_EQ(loaded.texts.line("none.conf", 1), "");
}

}  // namespace
}  // namespace shstore::config::lint
