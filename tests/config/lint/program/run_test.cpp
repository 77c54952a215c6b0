#include "config/lint/program/run.h"

#include <gtest/gtest.h>

#include "scsi/base/printable.h"
#include "world.h"

namespace shstore::config::lint::testing {
namespace {

const std::string warning = "@|/bin/true\n";  // SHS107
const std::string error = "Devize { }\n";     // SHS111

int status(const std::string& text, std::vector<std::string> words) {
  TestWorld world;
  world.files.texts["sd.conf"] = sd_conf(text + "Device { Name = D; Media Type = T; Archive Device = /dev/nst0 }\n");
  words.insert(words.end(), {"--sd", "sd.conf", "--select", "SHS107,SHS111"});
  return world.run(words).status;
}

TEST(Run, ExitStatus) {
  EXPECT_EQ(status("", {}), 0);
  EXPECT_EQ(status(warning, {}), 0);
  EXPECT_EQ(status(warning, {"--error-on-warning"}), 1);
  EXPECT_EQ(status(error, {}), 1);
  EXPECT_EQ(status(error, {"--exit-zero"}), 0);
  EXPECT_EQ(status(error, {"--ignore", "SHS111"}), 0);
  EXPECT_EQ(status(warning, {"--error-on-warning", "--min-level", "error"}), 0);
}

TEST(Run, WhatCannotBeReadOrUnderstood) {
  TestWorld world;
  world.files.texts["nonsense.conf"] =
      "\x7F"
      "ELF\n{{{{\n";
  world.files.texts["empty.conf"] = "";
  world.files.texts["sd.conf"] = sd_conf("");
  world.files.texts["half.conf"] = sd_conf("Device {");
  EXPECT_EQ(world.run({"--sd", "missing.conf"}).status, 2);
  EXPECT_EQ(world.run({"--sd", "missing.conf", "--exit-zero"}).status, 2);
  EXPECT_EQ(world.run({"--sd", "nonsense.conf"}).status, 2);
  EXPECT_EQ(world.run({"--dir", "nonsense.conf"}).status, 2);
  EXPECT_EQ(world.run({"--dir", "missing.conf", "--sd", "sd.conf"}).status, 2);
  EXPECT_EQ(world.run({"--sd", "sd.conf:missing.conf"}).status, 2);
  EXPECT_EQ(world.run({"--sd", "empty.conf"}).status, 0) << "only warnings: there is nothing wrong in it";
  EXPECT_EQ(world.run({"--sd", "half.conf"}).status, 1) << "the rest was understood";
  EXPECT_EQ(world.run({"--dir", "empty.conf"}).status, 0);
}

TEST(Run, OnlyADirector) {
  TestWorld world;
  world.files.texts["dir.conf"] = source_file("samples/director/bacula-dir.conf");
  const Outcome outcome = world.run({"--dir", "dir.conf"});
  EXPECT_NE(outcome.status, 2) << outcome.err;
}

TEST(Run, ColourOnATerminalOnly) {
  TestWorld world;
  world.files.texts["sd.conf"] = sd_conf(error);
  const auto is_coloured = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--sd", "sd.conf"});
    return world.run(words).out.find('\x1b') != std::string::npos;
  };
  EXPECT_FALSE(is_coloured({}));
  EXPECT_TRUE(is_coloured({"--color", "always"}));
  world.is_terminal = true;
  EXPECT_TRUE(is_coloured({}));
  EXPECT_FALSE(is_coloured({"--color", "never"}));
  EXPECT_FALSE(is_coloured({"--format", "json"}));
  world.no_color = true;
  EXPECT_FALSE(is_coloured({}));
  EXPECT_TRUE(is_coloured({"--color", "always"}));
}

// patch(1) needs the bytes as they are; a terminal must not do what they say.
TEST(Run, ADiffOnATerminalMayBeShown) {
  TestWorld world;
  world.files.texts["sd.conf"] = sd_conf(
      "# \x1b[31m\xC2\x9B"
      "31m\n\tDevice { Name = D; Media Type = T; Archive Device = /dev/st0\n"
      "  Lock Command = \"/etc/bacula/scripts/storage-ctl %l %o\"; Control Device = /dev/sg0 }\n");
  const std::vector<std::string> words = {"--sd", "sd.conf", "--diff"};
  const auto bytes = world.run(words);
  ASSERT_EQ(bytes.status, 1) << bytes.out << bytes.err;
  EXPECT_NE(bytes.out.find("\x1b[31m\xC2\x9B"), std::string::npos) << bytes.out;
  world.is_terminal = world.no_color = true;
  const auto shown = world.run(words);
  EXPECT_EQ(shown.out.find_first_of("\x1b\x9b"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("\uFFFD[31m\uFFFD31m\n"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("\tDevice"), std::string::npos) << shown.out;
}

// Nor must the log of a workflow, where CR ends a line, too: a pull request chooses its configuration.
TEST(Run, ADiffCommandsNoWorkflow) {
  TestWorld world;
  world.files.texts["sd.conf"] = sd_conf(
      "Device { Name = D; Media Type = T\n  Archive Device = /dev/st0 # \r::error file=a,line=1::forged\n"
      "  Lock Command = \"/etc/bacula/scripts/storage-ctl %l %o\"; Control Device = /dev/sg0 }\n");
  const auto diff = world.run({"--sd", "sd.conf", "--diff"});
  ASSERT_EQ(diff.status, 1) << diff.out << diff.err;
  EXPECT_NE(diff.out.find("nst0"), std::string::npos) << diff.out;
  EXPECT_FALSE(base::commands_a_workflow(diff.out)) << diff.out;
  EXPECT_NE(diff.err.find("sd.conf: a line that changes would be taken for a command"), std::string::npos) << diff.err;
}

TEST(Run, NoPasswordIsPrinted) {
  TestWorld world;
  world.files.texts["sd.conf"] =
      "Director { Name = d; Password = geheim; Passwd = x }\nDirector { Name = e; Password = \"geheim\n";
  for (const std::string format : {"text", "json", "sarif", "github"}) {
    EXPECT_EQ(world.run({"--sd", "sd.conf", "--format", format}).out.find("geheim"), std::string::npos) << format;
  }
}

TEST(Run, ListsAndExplainsEveryRule) {
  TestWorld world;
  const std::string list = world.run({"--list-rules"}).out;
  for (const Rule* rule : all_rules()) {
    EXPECT_NE(list.find(std::string(rule->code) + " "), std::string::npos);
    const Outcome page = world.run({"--explain", std::string(rule->code)});
    EXPECT_EQ(page.status, 0);
    for (const char* part : {"What: ", "Why: ", "Example:", "Fix: "}) {
      EXPECT_NE(page.out.find(part), std::string::npos) << rule->code << " " << part;
    }
  }
  EXPECT_NE(world.run({"--list-rules", "--format", "json"}).out.find("\"shstore-lint-rules/1\""), std::string::npos);
}

TEST(Run, PrintsAConfiguration) {
  TestWorld world;
  world.files.texts["sd.conf"] = sd_conf("Device { Name = D; Media Type = T; Archive Device = /dev/nst0\n}\n");
  const Outcome printed = world.run({"--print-config", "sd", "sd.conf"});
  EXPECT_EQ(printed.status, 0) << printed.err;
  EXPECT_NE(printed.out.find("\"WorkingDirectory\": \"/w\""), std::string::npos) << printed.out;
  EXPECT_EQ(printed.out.find("secret"), std::string::npos) << printed.out;
  world.files.texts["bad.conf"] = sd_conf("Device {");
  world.files.texts["part.conf"] = sd_conf("");  // bacula-sd needs a Device
  EXPECT_EQ(world.run({"--print-config", "sd", "part.conf"}).status, 2);
  EXPECT_EQ(world.run({"--print-config", "sd", "bad.conf"}).status, 2);
  EXPECT_EQ(world.run({"--print-config", "fd", "sd.conf"}).status, 2);
}

// The index of lines is built once, and nothing is linear in the file for each finding.
TEST(Run, TenThousandFindings) {
  TestWorld world;
  std::string text;
  for (int i = 0; i < 10'000; ++i) {
    text += "Device {\n  Name = D" + std::to_string(i) + "\n  Media Type = T\n  Archive Device = /dev/st0\n}\n";
  }
  world.files.texts["sd.conf"] = sd_conf(text);
  EXPECT_EQ(world.run({"--sd", "sd.conf"}).status, 1);
}

}  // namespace
}  // namespace shstore::config::lint::testing
