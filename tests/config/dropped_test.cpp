// What Bacula refuses or drops without a word although each word is right: held against Debian's 9.6.7 and 15.0.3.
#include <gtest/gtest.h>

#include "config/print_config.h"
#include "config/version.h"
#include "dir_loading.h"

namespace shstore::config::testing {
namespace {

using Kind = Diagnostic::Kind;

template <class Config>
std::vector<std::string> told(const Config& config, Kind kind) {
  std::vector<std::string> result;
  for (const Diagnostic& diagnostic : config.diagnostics) {
    if (diagnostic.kind == kind)
      result.push_back(fmt::format("{}:{} {}", diagnostic.at.line, diagnostic.at.column, diagnostic.message));
  }
  return result;
}

DirConfig load_dir(const std::string& text) {
  MemoryReader reader({{"dir.conf", text}});
  return load_dir_config("dir.conf", reader);
}

std::string with_include(const std::string& inner) { return "FileSet {\n  Name = F\n" + inner + "}\n"; }

TEST(Dropped, ALockCommandBehindAnotherValueIsNotSet) {
  const SdConfig config = load(device("  Alert Command = \"x\" Lock Command = \"/y %l %o\"\n"));
  EXPECT_TRUE(config.devices[0].lock_command->empty());
  EXPECT_EQ(
      told(config, Kind::dropped),
      (std::vector<std::string>{"5:23 Bacula drops the rest of the line behind the value of \"Alert Command\", so that "
                                "\"LockCommand\" is not set: nothing locks the drive"}));
}

TEST(Dropped, WhatStandsBehindANumberAndATab) {
  EXPECT_EQ(told(load(device("  Drive Index = 1 Autochanger = yes\n")), Kind::dropped).size(), 1U);
  EXPECT_EQ(told(load(device("  Maximum Open Wait = 5\tmin\n")), Kind::dropped).size(), 1U);
  EXPECT_EQ(
      told(load(device("  Maximum Open Wait = 5 min\n  Always Open = no # Lock Command = x\n")), Kind::dropped).size(),
      0U);
  EXPECT_EQ(told(load(device("  Drive Index = 1; Autochanger = yes\n")), Kind::dropped).size(), 0U);
}

TEST(Dropped, ASecretIsNotRepeated) {
  const auto found = told(load("Director { Name = d; Password = my secret=word\n}\n"), Kind::dropped);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].find("secret"), std::string::npos) << found[0];
}

TEST(Dropped, ASecondFileOnALine) {
  const DirConfig config = load_dir(with_include("  Include {\n    File = /a File = /b\n  }\n"));
  EXPECT_EQ(told(config, Kind::dropped),
            (std::vector<std::string>{
                "4:15 Bacula drops the rest of the line behind the value of \"File\", so that \"File\" is not "
                "set: what it names is not backed up"}));
}

TEST(Dropped, TheRestOfTheLineBehindAnInclude) {
  const DirConfig config = load_dir(with_include("  Include {\n    File = /a\n  } Enable VSS = no\n"));
  EXPECT_EQ(told(config, Kind::dropped),
            (std::vector<std::string>{
                "5:5 Bacula drops the rest of the line behind the } of Include, so that \"Enable VSS\" is not set"}));
  EXPECT_TRUE(
      told(load_dir(with_include("  Include {\n    File = /a\n  }; Enable VSS = no\n")), Kind::dropped).empty());
  // The { is dropped too, so that its } closes the FileSet.
  EXPECT_FALSE(
      told(load_dir(with_include("  Include {\n    File = /a\n  } Exclude {\n    File = /b\n  }\n")), Kind::syntax)
          .empty());
}

TEST(Dropped, ABraceBehindABlankIsTakenForAUnit) {
  for (const std::string value : {"Maximum File Size = 5G }", "Maximum Open Wait = 5 }", "Maximum File Size = 5 5 }"}) {
    const SdConfig config = load("Device { Name = D; Media Type = T; Archive Device = /dev/nst0; " + value + "\n");
    EXPECT_EQ(told(config, Kind::value).size(), 1U) << value;
  }
  for (const std::string value :
       {"Maximum File Size = 5 G }", "Maximum File Size = 5G; }", "Maximum File Size = 5G\t}", "Drive Index = 5 }"}) {
    const SdConfig config = load("Device { Name = D; Media Type = T; Archive Device = /dev/nst0; " + value + "\n");
    EXPECT_EQ(told(config, Kind::value).size(), 0U) << value;
  }
}

TEST(Dropped, ABraceOnTheLineOfARun) {
  EXPECT_EQ(told(load_dir("Schedule { Name = s; Run = Full sun at 1:00 }\n"), Kind::value).size(), 1U);
  EXPECT_EQ(told(load_dir("Schedule { Name = s; Run = Full sun at 1:00; }\n"), Kind::value).size(), 0U);
}

TEST(Tls, NeedsCertificatesUnlessItIsOnlyRequired) {
  const auto lacking = [](const std::string& more) {
    return told(load("Director {\n  Name = d\n  Password = x\n" + more + "}\n"), Kind::missing);
  };
  EXPECT_EQ(lacking("  TLS Enable = yes\n").size(), 3U + 3);  // certificate, key, CA, and three resource types
  EXPECT_EQ(lacking("  TLS Enable = yes\n  TLS Certificate = /c\n  TLS Key = /k\n  TLS Verify Peer = no\n").size(), 3U);
  EXPECT_EQ(lacking("").size(), 3U);
  const SdConfig required = load("Director {\n  Name = d\n  Password = x\n  TLS Require = yes\n}\n");
  ASSERT_EQ(required.bound.size(), 3U);  // 9.6 wants certificates, newer versions use the password
  EXPECT_FALSE(accepts(9, required.bound[0]));
  EXPECT_TRUE(accepts(15, required.bound[0]));
  // Found by the oracles: a certificate without its key is refused by all versions, whatever TLS Require says.
  EXPECT_EQ(lacking("  TLS Require = yes\n  TLS Certificate = /c\n").size(), 2U + 3);
  EXPECT_EQ(lacking("  TLS Require = yes\n  TLS Key = /k\n  TLS CA Certificate File = /a\n").size(), 1U + 3);
  EXPECT_EQ(lacking("  TLS Certificate = /c\n").size(), 3U);
}

// Found by the oracles: a second list that is wrong made the first one forgotten, and what it names was not looked for.
TEST(Lists, OneThatIsWrongLeavesTheOthers) {
  const SdConfig config = load(
      "Autochanger {\n  Name = A\n  Device = nobody\n  Device = b, c Description = y\n  Changer Device = /dev/sg0\n"
      "  Changer Command = x\n}\n");
  EXPECT_EQ(told(config, Kind::no_such_resource).size(), 1U);
}

TEST(Versions, OfValues) {
  const auto bound = [](const std::string& options) {
    const DirConfig config =
        load_dir(with_include("  Include {\n    Options { " + options + " }\n    File = /a\n  }\n"));
    return config.bound.size() == 1 ? std::pair(accepts(9, config.bound[0]), accepts(15, config.bound[0]))
                                    : std::pair(true, true);
  };
  EXPECT_EQ(bound("Compression = ZSTD"), std::pair(false, true));
  EXPECT_EQ(bound("Signature = XXH3_64"), std::pair(false, true));
  EXPECT_EQ(bound("Dedup = Storage"), std::pair(false, true));
  EXPECT_EQ(bound("Accurate = yes"), std::pair(true, false));
  EXPECT_EQ(bound("Accurate = mcs"), std::pair(true, true));
  EXPECT_EQ(bound("Compression = GZIP"), std::pair(true, true));
  const SdConfig cloud =
      load("Cloud { Name = c; Driver = Amazon; Host Name = h; Bucket Name = b; Access Key = a; Secret Key = s\n}\n");
  ASSERT_EQ(cloud.bound.size(), 1U);
  EXPECT_FALSE(accepts(9, cloud.bound[0]));
  EXPECT_TRUE(accepts(15, cloud.bound[0]));
  const SdConfig dedup = load(device("  Device Type = Dedup\n"));
  ASSERT_EQ(dedup.bound.size(), 1U);
  EXPECT_FALSE(accepts(15, dedup.bound[0]));
}

// As dird/ and stored/ of the releases 11.0.6 and 13.0.3 have them, which nobody builds for Debian any more.
TEST(Versions, OfWhatCameBetweenTheTwoThatDebianHas) {
  const auto versions = [](const std::vector<VersionBound>& bound) {
    std::string result;
    for (const int version : {9, 11, 13, 15}) {
      const auto refuses = [&](const VersionBound& b) { return !accepts(version, b); };
      if (std::none_of(bound.begin(), bound.end(), refuses)) result += fmt::format("{} ", version);
    }
    return result;
  };
  const auto option = [&](const std::string& text) {
    return versions(load_dir(with_include("  Include {\n    Options { " + text + " }\n    File = /a\n  }\n")).bound);
  };
  const auto job = [&](const std::string& text) {
    return versions(load_dir("JobDefs {\n  Name = j\n" + text + "\n}\n").bound);
  };
  EXPECT_EQ(option("Accurate = yes"), "9 ");
  EXPECT_EQ(option("Compression = ZSTD"), "15 ");
  EXPECT_EQ(job("  RunScript {\n    Command = x\n    Runs When = Queued\n  }"), "15 ");
  EXPECT_EQ(job("  RunScript {\n    Command = x\n    Runs When = AtJobCompletion\n  }"), "15 ");
  EXPECT_EQ(job("  Storage Group Policy = LeastUsed"),
            "9 11 13 15 ");  // the directive itself is among the unknown ones
  EXPECT_EQ(job("  Storage Group Policy = LastBackedUpTo"), "15 ");
  EXPECT_EQ(versions(load("Messages {\n  Name = m\n  Console = verified\n}\n").bound), "13 15 ");
  EXPECT_EQ(versions(load("Messages {\n  Name = m\n  Console = events\n}\n").bound), "11 13 15 ");
  const SdConfig cloud = load("Cloud {\n  Name = c\n  Driver = Amazon\n  Driver Command = x\n}\n");
  EXPECT_EQ(versions(cloud.bound), "15 ");
  ASSERT_EQ(cloud.unknown.size(), 1U);
  EXPECT_EQ(cloud.unknown[0].since, 11);
}

TEST(Versions, AreReadFromWordsAndLibraries) {
  EXPECT_EQ(version_of("9.6.7"), 9);
  EXPECT_EQ(version_of("15.0.3"), 15);
  EXPECT_EQ(version_of("13"), 13);
  EXPECT_EQ(version_of("12.8.2"), 11);
  EXPECT_EQ(version_of("7.4"), std::nullopt);
  EXPECT_EQ(version_of("conf"), std::nullopt);
  EXPECT_EQ(version_of(""), std::nullopt);
  EXPECT_EQ(version_of_library("libbacsd-15.0.3.so"), 15);
  EXPECT_EQ(version_of_library("libbacsd.la"), std::nullopt);
}

TEST(Templates, APlaceholderIsToldOnceAndNothingElseOfIt) {
  const SdConfig config = load(
      "Storage { Name = s; Working Directory = @RUN@/w; Pid Directory = @RUN@\n  Maximum Concurrent Jobs = @JOBS@\n}\n");
  EXPECT_EQ(told(config, Kind::placeholder).size(), 2U);
  for (const Kind kind : {Kind::value, Kind::unreadable, Kind::syntax}) EXPECT_TRUE(told(config, kind).empty());
}

TEST(Templates, APlaceholderInQuotesIsAValue) {
  EXPECT_TRUE(told(load("Director { Name = d; Password = \"@PASSWORD@\"\n}\n"), Kind::placeholder).empty());
}

TEST(Templates, AFileThatIsNoConfigurationIsOneComplaint) {
  const SdConfig config = load("#!/bin/sh\nfor i in 1 2 3\ndo echo $i\n  x=1\ndone\nexit 0\n");
  ASSERT_EQ(config.diagnostics.size(), 1U) << complaints(config);
  EXPECT_NE(config.diagnostics[0].message.find("this is no bacula-sd.conf"), std::string::npos);
}

TEST(Templates, SoIsAShortOneAndAnEmptyOne) {
  for (const std::string text :
       {"{ \"Storage\": { \"Name\": \"x\" },\n  \"Device\": [ { \"Name\": \"y\" } ] }\n", "storage:\n  name: x\n",
        "<?xml version=\"1.0\"?>\n<sd/>\n", "", "\n# nothing yet\n\n"}) {
    const SdConfig config = load(text);
    EXPECT_EQ(config.diagnostics.size(), 1U) << text << complaints(config);
  }
  EXPECT_EQ(load("").diagnostics.at(0).message, "there is nothing in this file but blanks and comments");
}

TEST(Quotes, TypographicOnesAreNamed) {
  const auto found = told(load("Director { Name = d; Password = \xE2\x80\x9Csecret\xE2\x80\x9D\n}\n"), Kind::quotes);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].find("typographic"), std::string::npos);
  EXPECT_EQ(found[0].find("secret"), std::string::npos);
  EXPECT_EQ(told(load(device("  Description = \xE2\x80\x9CMy drive\xE2\x80\x9D\n")), Kind::dropped).size(), 0U);
}

TEST(PrintConfig, AListedDeviceIsPartOfItsAutochangerWhateverItSays) {
  MemoryReader reader({{"x.conf", "Autochanger { Name = A; Changer Device = /c; Changer Command = c; Device = D\n}\n" +
                                      device("  Autochanger = no\n")}});
  const auto text = print_config(Program::sd, "x.conf", reader);
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("\"Autochanger\": true"), std::string::npos) << *text;
}

TEST(PrintConfig, WhatBaculaWouldRefuseHasNoJson) {
  const auto is_refused = [](const std::string& text, int version) {
    MemoryReader reader({{"x.conf", text}});
    PrintOptions options;
    options.may_be_a_part = false;
    options.version = version;
    return !print_config(Program::sd, "x.conf", reader, options);
  };
  const std::string whole =
      "Storage { Name = s; Working Directory = /tmp; Pid Directory = /tmp\n}\nDirector { Name = d; Password = x\n}\n"
      "Messages { Name = m; Console = all\n}\n" +
      device("");
  EXPECT_FALSE(is_refused(whole, 0));
  EXPECT_TRUE(is_refused(device(""), 0));
  EXPECT_TRUE(is_refused(whole + "RunScript {\n}\n", 0));
  EXPECT_TRUE(is_refused(whole + device("  Name = E\n"), 0));
  const std::string newer = whole.substr(0, whole.size() - 2) + "  Use Lintape = yes\n}\n";
  EXPECT_FALSE(is_refused(newer, 0));
  EXPECT_TRUE(is_refused(newer, 9));
  EXPECT_FALSE(is_refused(newer, 15));
}

TEST(References, TheAutochangerThatIsMeantIsNamed) {
  const DirConfig config = load_dir(
      "Autochanger { Name = Changer-1; Address = a; Password = x; Device = L; Media Type = T\n}\n"
      "Storage { Name = D0; Address = a; Password = x; Device = D; Media Type = T; Autochanger = Changer_1\n}\n"
      "Storage { Name = D1; Address = a; Password = x; Device = D; Media Type = T; Autochanger = Library\n}\n");
  const auto found = told(config, Kind::no_such_resource);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NE(found[0].find("did you mean the Autochanger \"Changer-1\"?"), std::string::npos) << found[0];
  EXPECT_NE(found[1].find("the only Autochanger is \"Changer-1\""), std::string::npos) << found[1];
}

}  // namespace
}  // namespace shstore::config::testing
