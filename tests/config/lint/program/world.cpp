#include "world.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace shstore::config::lint::testing {

tl::expected<std::string, std::string> MemoryFiles::read(const std::string& path) {
  const auto found = texts.find(path);
  if (found != texts.end()) return found->second;
  return tl::make_unexpected(fmt::format("cannot open {}: No such file or directory", path));
}

tl::expected<std::string, std::string> ListedCommands::run(const std::string& command) {
  const auto found = outputs.find(command);
  if (found != outputs.end()) return found->second;
  return tl::make_unexpected(fmt::format("cannot run {}", command));
}

FileFacts MemoryFiles::file(const std::string& path) const {
  FileFacts facts;
  facts.is_directory = std::find(directories.begin(), directories.end(), path) != directories.end();
  facts.exists = facts.is_directory || texts.contains(path);
  facts.mode = 0750;
  return facts;
}

Outcome TestWorld::run(const std::vector<std::string>& words) {
  std::ostringstream out, err;
  World world{files,    commands, files, [this] { return standard_input; }, host, "/work", is_terminal,
              no_color, out,      err};
  const auto status = lint::run(words, world);
  return {static_cast<int>(status), out.str(), err.str()};
}

std::string source_file(const std::string& path) {
  const auto text = disk_reader()->read(SHSTORE_SOURCE "/" + path);
  EXPECT_TRUE(text) << text.error();
  return text.value_or("");
}

std::string transcript(const std::vector<std::string>& words, const Outcome& outcome) {
  return fmt::format("$ shstore-lint {}\n{}{}exit status {}\n", fmt::join(words, " "), outcome.out, outcome.err,
                     outcome.status);
}

std::string sd_conf(const std::string& more) {
  return "Storage { Name = sd; Working Directory = /w; Pid Directory = /w }\n"
         "Director { Name = bacula-dir; Password = \"secret\" }\n"
         "Messages { Name = Standard; Director = bacula-dir = all }\n" +
         more;
}

}  // namespace shstore::config::lint::testing
