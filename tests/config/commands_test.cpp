// `@|command` includes: only with permission, and never for long.
#include <gtest/gtest.h>

#include <chrono>

#include "loading.h"

namespace shstore::config::testing {
namespace {

class FakeRunner : public CommandRunner {
 public:
  FakeRunner(std::string command, std::string output) : command_(std::move(command)), output_(std::move(output)) {}

  tl::expected<std::string, std::string> run(const std::string& command) override {
    ran += "[" + command + "]";
    if (command == command_) return output_;
    return tl::make_unexpected("cannot run " + command);
  }

  std::string ran;

 private:
  const std::string command_, output_;
};

SdConfig load_with(const std::string& text, FakeRunner& runner, bool allow) {
  MemoryReader reader({{"sd.conf", text}});
  return load_sd_config("sd.conf", reader, {.allow_commands = allow, .commands = &runner});
}

TEST(Commands, TheOutputIsReadLikeAFile) {
  FakeRunner runner("/bin/make it", "Media Type = T\r\nArchive Device = /x");
  const SdConfig config = load_with("Device { Name = D\n@|\"/bin/make it\"\n}", runner, true);
  EXPECT_EQ(complaints(config), "");
  EXPECT_EQ(config.files, (std::vector<std::string>{"sd.conf", "|/bin/make it"}));
  EXPECT_EQ(*config.devices.at(0).archive_device, "/x");
  EXPECT_EQ(config.devices[0].archive_device.at, (Location{1, 2, 18}));
  EXPECT_EQ(runner.ran, "[/bin/make it]");
}

TEST(Commands, EachIsRunOnce) {
  FakeRunner runner("/x", "# nothing\n");
  load_with("@|/x\n@|/x\n", runner, true);
  EXPECT_EQ(runner.ran, "[/x]");
}

TEST(Commands, AFailureIsAnErrorWhereTheCommandStands) {
  FakeRunner runner("/y", "");
  EXPECT_EQ(complaints(load_with("\n @|/x\n", runner, true)), "sd.conf:2:2: error: cannot run /x\n");
}

TEST(Commands, NoneIsRunWithoutPermission) {
  FakeRunner runner("/x", "");
  EXPECT_NE(complaints(load_with("@|/x\n", runner, false)).find("shstore runs no commands"), std::string::npos);
  EXPECT_EQ(runner.ran, "");
}

TEST(Commands, AnOutputMayNotIncludeItself) {
  FakeRunner runner("/x", "@|/x\n");
  EXPECT_EQ(complaints(load_with("@|/x\n", runner, true)),
            "|/x:1:1: error: |/x includes itself: sd.conf -> |/x -> |/x\n");
}

std::string run(const std::string& command, std::chrono::milliseconds deadline = std::chrono::seconds(20),
                size_t most_output = 1000) {
  const auto result = process_runner(deadline, most_output)->run(command);
  return result ? *result : "error: " + result.error();
}

TEST(ProcessRunner, CutsTheCommandLikeBacula) {
  EXPECT_EQ(run("printf [%s] a b"), "[a][b]");
  EXPECT_EQ(run(" \t printf  [%s] 'a  b' \"c d\"  e'f' g\th"), "[a  b][c d][e'f'][g\th]");
  EXPECT_EQ(run("printf [%s] 'a b"), "[a b]");
  EXPECT_EQ(run("printf [%s] $HOME * | cat"), "[$HOME][*][|][cat]");
  EXPECT_EQ(run(" "), "error: a command must follow the |");
}

TEST(ProcessRunner, SaysWhatFailed) {
  EXPECT_EQ(run("/nonexistent/x y"), "error: cannot run /nonexistent/x: No such file or directory");
  EXPECT_EQ(run("sh -c 'exit 3'"), "error: sh ended with status 3 and wrote nothing");
  EXPECT_EQ(run("sh -c 'kill -9 $$'"), "error: sh was ended by signal 9 and wrote nothing");
  EXPECT_EQ(run("sh -c 'echo x; exit 3'"), "x\n");
}

TEST(ProcessRunner, GivesNothingToReadAndNoOpenFile) {
  EXPECT_EQ(run("sh -c 'cat; echo end'"), "end\n");
  EXPECT_EQ(run("sh -c 'for f in /proc/self/fd/*; do [ -e $f ] && [ ${f##*/} -gt 2 ] && readlink $f; done; echo end'")
                .find("pipe:"),
            std::string::npos);
}

TEST(ProcessRunner, EndsWhatTakesTooLong) {
  const std::chrono::milliseconds soon(50);
  EXPECT_EQ(run("sleep 1000", soon), "error: sleep did not end within 50 ms");
  EXPECT_EQ(run("sh -c 'exec >&-; sleep 1000'", soon), "error: sh did not end within 50 ms");
  EXPECT_EQ(run("sh -c 'sleep 1000 & echo x'", soon), "error: sh did not end within 50 ms");
}

TEST(ProcessRunner, EndsWhatWritesTooMuch) {
  EXPECT_EQ(run("cat /dev/zero"), "error: cat writes more than 1000 bytes");
}

}  // namespace
}  // namespace shstore::config::testing
