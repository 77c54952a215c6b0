// Whatever storage-ctl can do is in its man page, its completion and its page in docs/.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "scsi/ctl/commands.h"

namespace shstore::scsi::ctl {
namespace {

std::string file(const std::string& name) {
  std::ifstream in(std::string(SHSTORE_ROOT) + '/' + name);
  EXPECT_TRUE(in) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Help, EveryCommandIsDocumented) {
  const auto man = file("docs/storage-ctl.8");
  const auto completion = file("docs/storage-ctl.bash");
  const auto page = file("docs/storage-ctl.md");
  for (const auto& command : commands()) {
    const std::string name(command.name);
    EXPECT_NE(man.find("\n.B " + name), std::string::npos) << "man page: " << name;
    EXPECT_NE(completion.find(' ' + name + ' '), std::string::npos) << "completion: " << name;
    EXPECT_NE(page.find('`' + name), std::string::npos) << "docs/storage-ctl.md: " << name;
  }
}

TEST(Help, EveryExitStatusIsInTheManPage) {
  const auto man = file("docs/storage-ctl.8");
  for (const auto status :
       {ExitStatus::ok, ExitStatus::usage, ExitStatus::config, ExitStatus::device, ExitStatus::refused,
        ExitStatus::unsupported, ExitStatus::lock_lost, ExitStatus::reservation_conflict, ExitStatus::timeout}) {
    EXPECT_NE(man.find("\n.B " + std::to_string(static_cast<int>(status)) + '\n'), std::string::npos)
        << static_cast<int>(status);
  }
}

}  // namespace
}  // namespace shstore::scsi::ctl
