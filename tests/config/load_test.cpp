// From text to SdConfig, and the whole text of what is said about mistakes.
#include <gtest/gtest.h>

#include "loading.h"

namespace shstore::config::testing {
namespace {

SdConfig sample(const std::string& name) {
  const auto reader = disk_reader();
  return load_sd_config(std::string(SHSTORE_SAMPLES) + "/" + name, *reader);
}

TEST(WhitePaper, Cibou) {
  const SdConfig config = sample("cibou.conf");
  EXPECT_TRUE(config.diagnostics.empty()) << complaints(config);
  ASSERT_TRUE(config.storage);
  EXPECT_EQ(*config.storage->name, "xxx");
  EXPECT_EQ(*config.storage->plugin_directory, "/opt/bacula/plugins");
  EXPECT_EQ(*config.directors.at(0).password, "a secret");
  ASSERT_EQ(config.devices.size(), 2U);
  const SdDevice& drive = config.devices[1];
  EXPECT_EQ(*drive.name, "LT09_1_Drive1");
  EXPECT_EQ(*drive.media_type, "LTO-9");
  EXPECT_EQ(*drive.archive_device, "/dev/nst1");
  EXPECT_EQ(*drive.control_device, "/dev/sg1");
  EXPECT_EQ(*drive.lock_command, "/opt/bacula/scripts/storage-ctl %l %o");
  EXPECT_EQ(*drive.spool_directory, "/opt/bacula/working");
  EXPECT_EQ(*drive.device_type, "Tape");
  EXPECT_EQ(*drive.drive_index, 0U);
  EXPECT_FALSE(*drive.always_open);
  EXPECT_TRUE(drive.always_open.given);
  EXPECT_FALSE(*drive.auto_select);
  EXPECT_TRUE(*drive.autochanger);
  EXPECT_TRUE(*drive.automatic_mount);
  ASSERT_TRUE(config.changer_of(drive));
  EXPECT_EQ(*config.changer_of(drive)->name, "LTO-Changer-1");
  EXPECT_EQ(*config.changer_of(drive)->changer_command, "/opt/bacula/scripts/mtx-changer %c %o %S %a %d");
}

TEST(WhitePaper, Dir) {
  const SdConfig config = sample("dir.conf");
  EXPECT_TRUE(config.diagnostics.empty()) << complaints(config);
  EXPECT_EQ(*config.storage->name, "yyy");
  ASSERT_TRUE(config.find_device("LT09_2_Drive1"));
  EXPECT_EQ(*config.find_device("LT09_2_Drive1")->drive_index, 1U);
  EXPECT_EQ(*config.find_device("LT09_2_Drive1")->control_device, "/dev/sg5");
  EXPECT_FALSE(config.find_device("lt09_2_drive1"));
  EXPECT_EQ(config.autochangers.at(0).devices.size(), 2U);
}

TEST(Load, EveryRuleOfTheLexer) {
  const SdConfig config = sample("every_rule.conf");
  EXPECT_EQ(complaints(config), "");
  EXPECT_EQ(*config.storage->sd_port, 29103U);
  ASSERT_EQ(config.storage->sd_addresses.size(), 2U);
  EXPECT_EQ(*config.storage->sd_addresses[1], "127.0.0.2");
  ASSERT_EQ(config.directors.size(), 2U);
  EXPECT_EQ(*config.directors[0].password, "a \"quoted\" \\ word # no comment; really");
  EXPECT_EQ(*config.directors[1].password, "unquoted@password");
  ASSERT_EQ(config.messages.at(0).destinations.size(), 2U);
  EXPECT_EQ(config.messages[0].destinations[0].raw, "first-dir = all, !skipped, \\\n    !restored");
  EXPECT_EQ(config.messages[0].destinations[1].raw, "\"/opt/bacula/working/log\" = all");
  ASSERT_EQ(config.devices.size(), 3U);
  EXPECT_EQ(*config.devices[0].media_type, "LTO9");
  EXPECT_EQ(*config.devices[0].maximum_changer_wait, 5U);
  EXPECT_EQ(*config.devices[0].maximum_open_wait, 120U);
  EXPECT_EQ(*config.devices[0].volume_poll_interval, 5184000U);
  EXPECT_EQ(*config.devices[2].drive_index, 2U);
}

TEST(Load, LockCommandOfTheAutochanger) {
  const SdConfig config = sample("every_rule.conf");
  EXPECT_EQ(config.effective_lock_command(config.devices[0]), "/opt/bacula/scripts/storage-ctl %l %o");
  const SdConfig alone = load(device(""));
  EXPECT_EQ(alone.effective_lock_command(alone.devices.at(0)), "");
  const SdConfig own = load(device("Lock Command = /own\n"));
  EXPECT_EQ(own.effective_lock_command(own.devices.at(0)), "/own");
}

TEST(Load, MissingResourcesAreWarnings) {
  const SdConfig config = load(device(""));
  EXPECT_FALSE(config.has_errors());
  ASSERT_EQ(config.diagnostics.size(), 3U);
  EXPECT_EQ(to_text(config.diagnostics[0], config.files),
            "sd.conf: warning: there is no Storage resource; bacula-sd needs one");
}

TEST(Load, OneBrokenResourceDoesNotHideTheNext) {
  const SdConfig config = load(
      "Device {\n"
      "  Name = D1\n"
      "  If you have smartctl, enable this\n"
      "  Archive_Device = /dev/nst0\n"
      "  Always Open = perhaps; Drive Index = x\n"
      "}}\n"
      "Name = lost\n"
      "Device {\n"
      "  Name = D2; Media Type = T; Archive Device = /dev/nst1\n"
      "}\n");
  EXPECT_EQ(complaints(config),
            "sd.conf:1:1: error: Device \"D1\": the required directive \"Media Type\" is missing\n"
            "sd.conf:1:1: error: Device \"D1\": the required directive \"Archive Device\" is missing\n"
            "sd.conf:3:3: error: expected \"=\" behind \"If you have smartctl\"\n"
            "sd.conf:4:3: error: \"Archive_Device\" cannot be the name of a directive: names are made of letters "
            "and "
            "blanks\n"
            "sd.conf:5:17: error: Always Open: expected yes or no (or true or false), found \"perhaps\"\n"
            "sd.conf:5:40: error: Drive Index: expected a number such as 10, found \"x\"\n"
            "sd.conf:6:2: error: there is no open { that this } could close\n"
            "sd.conf:7:1: error: \"Name =\" stands outside of any resource: is a line such as \"Device {\" missing "
            "above, or is there a } too many?\n");
  ASSERT_EQ(config.devices.size(), 2U);
  EXPECT_EQ(*config.devices[1].archive_device, "/dev/nst1");
}

TEST(Load, MissingBrace) {
  const SdConfig config = load(
      "Director {\n  Name = d\n  Password = x\n\n"
      "Device {\n  Name = D; Media Type = T; Archive Device = /x\n}\n");
  EXPECT_EQ(complaints(config),
            "sd.conf:5:1: error: Device begins inside of Director (line 1): is a } missing above?\n");
  EXPECT_EQ(config.devices.size(), 1U);
  EXPECT_EQ(config.directors.size(), 1U);
}

TEST(Load, BraceBehindAValueOpensNothing) {
  const SdConfig config = load(device("Lock Command = /a { b = c\nAlways Open = no\n"));
  EXPECT_EQ(complaints(config),
            "sd.conf:5:19: warning: Bacula ignores the \"{\" behind the value of \"Lock Command\"\n");
  EXPECT_EQ(*config.devices.at(0).lock_command, "/a");
  EXPECT_FALSE(*config.devices.at(0).always_open);
}

TEST(Load, UnclosedResource) {
  const SdConfig config = load("Device {\n  Name = D; Media Type = T; Archive Device = /x\n");
  EXPECT_EQ(complaints(config), "sd.conf:1:1: error: Device is never closed: a } is missing\n");
  EXPECT_EQ(config.devices.size(), 1U);
}

TEST(Load, UnclosedQuote) {
  const SdConfig config = load(
      "Device {\n  Name = \"D1\n  Media Type = \"T\"\n  Archive Device = /x\n}\n"
      "Device {\n  Name = \"Dtwo\"; Media Type = T; Archive Device = /x\n}\n");
  EXPECT_EQ(complaints(config),
            "sd.conf:2:10: error: this quote is never closed: is a \" missing at the end of the line?\n"
            "sd.conf:2:10: error: Name: a name must have at least one character\n");
  ASSERT_EQ(config.devices.size(), 2U);
  EXPECT_EQ(*config.devices[0].archive_device, "/x");
  EXPECT_EQ(*config.devices[1].name, "Dtwo");
}

TEST(Load, QuotesThatHappenToPair) {
  const SdConfig config = load(device("Lock Command = \"/a\nAlert Command = \"\n"));
  EXPECT_EQ(complaints(config),
            "sd.conf:5:16: warning: this quoted string goes on for 2 lines and contains what looks like "
            "directives: is a "
            "closing \" missing?\n");
  EXPECT_EQ(*config.devices.at(0).lock_command, "/a\nAlert Command = ");
}

TEST(Load, UnknownDirectivesAreKept) {
  const SdConfig config =
      load(device("Contrl Device = /dev/sg0\nWorking Directory = /x\nFuture Thing = a, b\nNew { x = y }\n"));
  EXPECT_EQ(complaints(config),
            "sd.conf:5:1: warning: unknown directive \"Contrl Device\" in Device; did you mean \"Control "
            "Device\"?\n"
            "sd.conf:6:1: warning: unknown directive \"Working Directory\" in Device; it belongs in Storage\n"
            "sd.conf:7:1: warning: unknown directive \"Future Thing\" in Device\n"
            "sd.conf:8:1: warning: unknown directive \"New\" in Device\n");
  EXPECT_FALSE(config.has_errors());
  ASSERT_EQ(config.unknown.size(), 4U);
  EXPECT_EQ(config.unknown[2].directive.name, "Future Thing");
  EXPECT_EQ(config.unknown[2].directive.values.size(), 2U);
  EXPECT_EQ(config.unknown[3].directive.block.at(0).directives.at(0).name, "x");
}

TEST(Load, DirectivesOfNewerVersionsAreKnown) {
  EXPECT_EQ(complaints(load(device("Maximum File Index = 1 g\nUse Lintape = yes\nVolume Encryption = strong\n"))), "");
}

TEST(Load, OtherResourceTypes) {
  const SdConfig config = load(
      "Statistics { Name = s; Type = CSV; File = /x }\nDedupengine { Name = d; Any = x }\nDevise { Name = x "
      "}");
  EXPECT_EQ(complaints(config), "sd.conf:3:1: warning: unknown resource type \"Devise\"; did you mean \"Device\"?\n");
  EXPECT_EQ(config.other_resources.size(), 3U);
}

TEST(Load, RepeatedDirectives) {
  const SdConfig config =
      load(device("Always Open = yes\nAlways Open = no\nMedia Type = U\nDrive Index = 1\nDrive Index = 2\n"));
  EXPECT_EQ(complaints(config),
            "sd.conf:7:1: error: \"Media Type\" is given twice in this Device; it is first given on line 3\n");
  EXPECT_EQ(*config.devices.at(0).media_type, "T");
  EXPECT_FALSE(*config.devices.at(0).always_open);
  EXPECT_EQ(*config.devices.at(0).drive_index, 2U);
}

TEST(Load, RepeatedResources) {
  EXPECT_EQ(complaints(load(device("") + device(""))),
            "sd.conf:7:10: error: a second Device is named \"D\"; the first one is on line 2\n");
  const std::string storage = "Storage { Name = a; Working Directory = /x; Pid Directory = /x }\n";
  const SdConfig config = load(storage + "Storage { Name = b; Working Directory = /x; Pid Directory = /x }");
  EXPECT_NE(
      complaints(config).find("sd.conf:2:1: error: only one Storage resource is allowed; the first one is on line 1\n"),
      std::string::npos);
}

TEST(Load, References) {
  EXPECT_EQ(complaints(load("Storage { Name = s; Working Directory = /x; Pid Directory = /x\nMessages = Standart }\n"
                            "Messages { Name = Standard }\n" +
                            device("Cloud = c\n"))),
            "sd.conf:2:12: error: no Messages resource is named \"Standart\"; did you mean \"Standard\"?\n"
            "sd.conf:8:9: error: no Cloud resource is named \"c\"\n");
}

TEST(Load, Messages) {
  const auto problem = [](const std::string& line) {
    return complaints(load("Messages {\nName = m\n" + line + "\n}"));
  };
  EXPECT_EQ(problem("Director = d = all, !skipped"), "");
  EXPECT_EQ(problem("Mail = a@b, 'c' = ErrorTerm"), "");
  EXPECT_EQ(problem("Syslog = all"), "");
  EXPECT_EQ(problem("Mail Command = a; Mail Command = b"), "");
  EXPECT_EQ(problem("Director = d"), "sd.conf:3:12: error: Director: expected \"=\" and message types behind \"d\"\n");
  EXPECT_EQ(problem("Console = all, !skiped"),
            "sd.conf:3:16: error: Console: \"skiped\" is not a message type; did you mean \"Skipped\"?\n");
  EXPECT_EQ(problem("Console = all,"), "sd.conf:3:1: error: Console: the value is missing\n");
}

TEST(Load, Addresses) {
  const auto problem = [](const std::string& lines) {
    return complaints(load("Storage { Name = s; Working Directory = /x; Pid Directory = /x\n" + lines + "\n}"));
  };
  EXPECT_EQ(problem("SDAddress = 10.0.0.1; SDPort = 9103"), "");
  EXPECT_EQ(problem("SDAddresses = { ip = { addr = 10.0.0.1 port = 9103 } }"), "");
  EXPECT_EQ(problem("SDPort = 9103 SDAddress =\n10.0.0.1"), "");
  EXPECT_EQ(problem("SDAddress = 10.0.0.1, 10.0.0.2"),
            "sd.conf:2:21: error: unexpected \",\": a list must stand on one line, behind its directive's =\n");
  EXPECT_EQ(problem("SDAddresses { ip = { addr = ::1 } }"),
            "sd.conf:2:1: error: SDAddresses: an = is missing before the {\n");
  EXPECT_EQ(problem("SDAddress = \"10.0.0.1\""), "sd.conf:2:13: error: SDAddress: an address must not be quoted\n");
  EXPECT_EQ(problem("SDPort = 70000"),
            "sd.conf:2:10: error: SDPort: expected a port number from 1 to 65534, found \"70000\"\n");
  EXPECT_EQ(problem("SDPort = 9103\nSDAddresses = { ip = { addr = ::1 } }"),
            "sd.conf:3:1: error: SDAddresses cannot be combined with SDAddress or SDPort: put the port into "
            "the block\n");
  EXPECT_EQ(problem("SDAddresses = { ip4 = { addr = ::1 } }"),
            "sd.conf:2:1: error: SDAddresses: the block names no address\n"
            "sd.conf:2:17: error: expected ip = { ... }, ipv4 = { ... } or ipv6 = { ... }, found \"ip4\"\n");
  EXPECT_EQ(problem("SDAddresses = 10.0.0.1"),
            "sd.conf:2:15: error: SDAddresses: expected a block such as { ip = { addr = 10.0.0.1; port = "
            "9103 } }\n");
}

TEST(Load, NamesAreFoundInCopiesAndInWhatWasBuiltByHand) {
  const SdConfig loaded = sample("dir.conf");
  const SdConfig copy = loaded;
  ASSERT_TRUE(copy.find_device("LT09_2_Drive1"));
  EXPECT_EQ(copy.changer_of(*copy.find_device("LT09_2_Drive1")), &copy.autochangers[0]);
  SdConfig by_hand;
  by_hand.devices.resize(2);
  by_hand.devices[1].name.value = "D";
  by_hand.autochangers.resize(1);
  by_hand.autochangers[0].devices.push_back({"D", Written({}, {})});
  for (const bool indexed : {false, true}) {
    if (indexed) by_hand.index();
    EXPECT_EQ(by_hand.find_device("D"), &by_hand.devices[1]);
    EXPECT_EQ(by_hand.find_device("E"), nullptr);
    EXPECT_EQ(by_hand.changer_of(by_hand.devices[1]), &by_hand.autochangers[0]);
    EXPECT_EQ(by_hand.changer_of(by_hand.devices[0]), nullptr);
  }
}

TEST(Load, TheTextsOutliveTheReader) {
  std::optional<SdConfig> config;
  {
    MemoryReader reader({{"sd.conf", device("New = \"a \\\"quoted\\\" word\", My Dev\n")}});
    config = load_sd_config("sd.conf", reader);
  }
  const SdConfig moved = std::move(*config);
  EXPECT_EQ(moved.unknown.at(0).directive.name, "New");
  EXPECT_EQ(moved.unknown[0].directive.values.at(0).text, "a \"quoted\" word");
  EXPECT_EQ(moved.unknown[0].directive.values.at(1).text, "MyDev");
}

TEST(Load, NoDiagnosticShowsAPassword) {
  for (const std::string value : {"123456789", "sec{ret", "= secret", "secret = x\nPassword = secret", "\"secret"}) {
    const std::string text = complaints(load("Director {\nName = d\nPassword = " + value + "\n}\n"));
    EXPECT_EQ(text.find("sec"), std::string::npos) << text;
    EXPECT_EQ(text.find("1234"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace shstore::config::testing
