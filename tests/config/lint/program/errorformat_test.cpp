// The errorformat of docs/lint.md, tried with the editor it is for.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "world.h"

namespace shstore::config::lint::testing {
namespace {

namespace fs = std::filesystem;

/// "set errorformat=..." as that page has it.
std::string errorformat() {
  const std::string page = source_file("docs/lint.md");
  const size_t at = page.find("set errorformat=");
  return at == std::string::npos ? "" : page.substr(at, page.find('\n', at) - at);
}

TEST(Errorformat, IsInThePage) {
  EXPECT_EQ(errorformat(), "set errorformat=%f:%l:%c:\\ %t%*[^:]:\\ %m,%f:\\ %t%*[^:]:\\ %m,%-G%.%#");
}

TEST(Errorformat, VimFindsEveryPlace) {
  if (std::system("vim --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no vim";
  const fs::path folder = fs::temp_directory_path() / ("shstore-errorformat-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  std::ofstream(folder / "sd.conf") << sd_conf(
      "Devize { }\nDevice { Name = D; Media Type = T; Archive Device = /dev/nst0; Drive Indx = 1 }\n");
  const std::string lint =
      "cd " + folder.string() + " && " + SHSTORE_LINT + " --select SHS103,SHS111 --sd sd.conf > out";
  EXPECT_EQ(WEXITSTATUS(std::system(lint.c_str())), 1);
  std::ofstream(folder / "script.vim")
      << errorformat() << "\ncfile out\n"
      << "call writefile(map(filter(getqflist(), 'v:val.valid'), {_, e -> bufname(e.bufnr) . '|' . e.lnum . '|' . e.col . "
         "'|' . e.type . '|' . e.text}), 'list')\nqall!\n";
  const std::string vim =
      "cd " + folder.string() + " && timeout 20 vim -u NONE -N -es -S script.vim >/dev/null 2>&1 </dev/null";
  std::ignore = std::system(vim.c_str());
  const std::string list = disk_reader()->read((folder / "list").string()).value_or("vim wrote nothing");
  fs::remove_all(folder);
  EXPECT_EQ(list,
            "sd.conf|4|1|e|unknown resource type \"Devize\"; did you mean \"Device\"?\n"
            "help|0|0|c|the daemon does not start with it\n"
            "sd.conf|5|64|e|unknown directive \"Drive Indx\" in Device; did you mean \"Drive Index\"?\n"
            "help|0|0|c|the daemon does not start with it\n");
}

}  // namespace
}  // namespace shstore::config::lint::testing
