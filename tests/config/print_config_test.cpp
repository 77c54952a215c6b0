// A configuration as JSON. That it is Bacula's JSON is for oracle_test.cpp to say.
#include "config/print_config.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "dir_loading.h"

namespace shstore::config::testing {
namespace {

using nlohmann::json;

tl::expected<std::string, Unprintable> print(Program program, std::string text, const PrintOptions& options = {}) {
  MemoryReader reader({{"x.conf", std::move(text)}});
  return print_config(program, "x.conf", reader, options);
}

TEST(PrintConfig, ShowsWhatIsWrittenInBaculasOrder) {
  EXPECT_EQ(print(Program::sd,
                  "Device { Drive Index = 1; Name = B; Media Type = LTO; Archive Device = /dev/nst0\n}\n"
                  "Director { Name = D; Password = \"x\\\"y\"\n}\n"
                  "Device { Name = A; Media Type = LTO; Archive Device = /dev/nst1; Always Open = no\n}\n")
                .value(),
            R"([
  {
    "Director": {
      "Name": "D",
      "Password": "x\"y"
    }
  },
  {
    "Device": {
      "Name": "A",
      "MediaType": "LTO",
      "ArchiveDevice": "/dev/nst1",
      "AlwaysOpen": false
    }
  },
  {
    "Device": {
      "Name": "B",
      "MediaType": "LTO",
      "ArchiveDevice": "/dev/nst0",
      "DriveIndex": 1
    }
  }
]
)");
}

TEST(PrintConfig, WhatIsBrokenHasNoJson) {
  const auto printed = print(Program::sd, "Device { Name = A; Media Type = 5\n  Archive Device = /dev/nst0\n}\n");
  ASSERT_FALSE(printed.has_value());
  ASSERT_GE(printed.error().diagnostics.size(), 1U);
  EXPECT_EQ(to_text(printed.error().diagnostics.back(), printed.error().files),
            "x.conf:1:33: error: Media Type: a value of digits only must be quoted");
}

TEST(PrintConfig, OnlyData) {
  EXPECT_EQ(json::parse(print(Program::sd, "Director { Name = D; Password = x\n}\n", {.only_data = true}).value()),
            json::parse(R"([{"Name": "D", "Password": "x"}])"));
}

TEST(PrintConfig, SecretsCanBeMasked) {
  const std::string text = with_the_rest("Catalog { Name = C; DB Name = x; dbpassword = hush\n}\n");
  EXPECT_NE(print(Program::dir, text).value().find("hush"), std::string::npos);
  const std::string masked = print(Program::dir, text, {.mask_secrets = true}).value();
  EXPECT_EQ(masked.find("hush"), std::string::npos);
  EXPECT_EQ(masked.find(R"("Password": "x")"), std::string::npos);
  EXPECT_NE(masked.find(R"("Password": "*")"), std::string::npos);
}

TEST(PrintConfig, JobsShowTheirJobDefsUnlessToldNotTo) {
  const std::string text = with_the_rest(
      "JobDefs { Name = Defs; Type = Backup; Client = Cli; FileSet = Files; Pool = Pool; Messages = Std; Storage = Sto\n"
      "  Priority = 7\n}\nJob { Name = A; JobDefs = Defs\n}\n");
  const auto job = [&](bool apply) {
    const PrintOptions options{.only_data = true, .apply_job_defs = apply};
    const json printed = json::parse(print(Program::dir, text, options).value());
    for (const json& resource : printed) {
      if (resource.at("Name") == "A") return resource;
    }
    return json();
  };
  EXPECT_EQ(job(true), json::parse(R"({"Name": "A", "Type": "Backup", "Messages": "Std", "Storage": ["Sto"],
            "Pool": "Pool", "Client": "Cli", "Fileset": "Files", "JobDefs": "Defs", "Priority": 7})"));
  EXPECT_EQ(job(false), json::parse(R"({"Name": "A", "JobDefs": "Defs"})"));
}

// As bdirjson of 15.0.3 has them; found by the random resources of oracle_fuzz_test.cpp.
TEST(PrintConfig, MessageTypesAreThoseOfTheVersion) {
  const auto types = [](const std::string& written, int version) {
    PrintOptions options;
    options.version = version;
    const auto text = print(Program::sd, "Messages { Name = m; Stdout = " + written + "\n}\n", options);
    return text ? json::parse(*text)[0]["Messages"]["Destinations"][0]["MsgTypes"] : json("refused");
  };
  EXPECT_EQ(types("info, events", 15), (json{"Events", "Info"}));
  EXPECT_EQ(types("all, !info, events", 15), (json{"All", "Events", "!Info"}));
  EXPECT_EQ(types("all, !verified", 15), (json{"All", "!Verified"}));
  EXPECT_EQ(types("events.foo, info, events.bar", 15), (json{"Info", "Events.bar", "Events.foo"}));
  EXPECT_EQ(types("events.foo, info, !events.foo", 15), (json{"Info"}));
  EXPECT_EQ(types("events, volmgmt, info, alert", 15), (json{"Events", "Info", "Alert", "VolMgmt"}));
  EXPECT_EQ(types("all", 15), (json{"All"}));
  EXPECT_EQ(types("info, events", 9), json("refused"));
  EXPECT_EQ(types("info, volmgmt", 9), (json{"Info"}));
  EXPECT_EQ(types("all", 9), (json{"All", "!Debug", "!Saved"}));
}

TEST(PrintConfig, OfTwoWordsForOneThingTheFirstIsShown) {
  const auto text =
      print(Program::sd,
            "Cloud { Name = c; Driver = Amazon; Host Name = h; Bucket Name = b; Access Key = a; Secret Key = s\n"
            "  Upload = Manual\n}\n");
  EXPECT_EQ(json::parse(text.value())[0]["Cloud"]["Upload"], "No");
}

TEST(PrintConfig, BytesThatAreNotUtf8DoNotBreakIt) {
  const auto printed = print(Program::sd, "Director { Name = D; Password = x; Description = \"\xE4\"\n}\n");
  EXPECT_NE(printed.value().find("\xEF\xBF\xBD"), std::string::npos);
}

}  // namespace
}  // namespace shstore::config::testing
