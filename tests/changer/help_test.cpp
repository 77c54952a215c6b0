// Whatever shstore-changer can do is in its man page, its completion and its page in docs/.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "changer/program/commands.h"

namespace shstore::changer::program {
namespace {

std::string file(const std::string& name) {
  std::ifstream in(std::string(SHSTORE_ROOT) + '/' + name);
  EXPECT_TRUE(in) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Help, EveryCommandIsDocumented) {
  const auto man = file("docs/shstore-changer.8");
  const auto completion = file("docs/shstore-changer.bash");
  const auto page = file("docs/changer.md");
  for (const auto& command : commands()) {
    const std::string name(command.name);
    EXPECT_NE(man.find("\n.B " + name + '\n'), std::string::npos) << "man page: " << name;
    EXPECT_NE(completion.find(' ' + name + ' '), std::string::npos) << "completion: " << name;
    EXPECT_NE(page.find('`' + name + '`'), std::string::npos) << "docs/changer.md: " << name;
  }
}

TEST(Help, EveryExitStatusIsInTheManPage) {
  const auto man = file("docs/shstore-changer.8");
  for (const auto status : {ExitStatus::done, ExitStatus::library, ExitStatus::config, ExitStatus::device,
                            ExitStatus::refused, ExitStatus::locked, ExitStatus::timeout}) {
    EXPECT_NE(man.find("\n.B " + std::to_string(static_cast<int>(status)) + '\n'), std::string::npos)
        << static_cast<int>(status);
  }
}

TEST(Help, EverySettingIsInTheManPageAndTheInstalledFile) {
  const auto man = file("docs/shstore-changer.8");
  const auto installed = file("changer/program/shstore-changer.conf");
  for (const char* name : {"sd", "offline", "offline_sleep", "load_sleep", "ready_wait", "robot_wait", "drive_wait",
                           "inventory", "via", "via_wait"}) {
    EXPECT_NE(installed.find(std::string(name) + '='), std::string::npos) << name;
    EXPECT_NE(man.find(name), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace shstore::changer::program
