// A world of files in memory for shstore-lint.
#pragma once

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "config/lint/program/run.h"

namespace shstore::config::lint::testing {

class MemoryFiles final : public FileReader, public Surroundings {
 public:
  tl::expected<std::string, std::string> read(const std::string& path) override;
  /// What is in `texts` is a file, what is in `directories` a directory.
  FileFacts file(const std::string& path) const override;

  std::map<std::string, std::string> texts;
  std::vector<std::string> directories;
};

/// Commands that print what is said here.
class ListedCommands final : public CommandRunner {
 public:
  tl::expected<std::string, std::string> run(const std::string& command) override;

  std::map<std::string, std::string> outputs;
};

struct Outcome {
  int status = 0;
  std::string out, err;
};

struct TestWorld {
  MemoryFiles files;
  ListedCommands commands;
  std::string standard_input;
  std::string host = "cibou.company.com";
  bool is_terminal = false, no_color = false;

  Outcome run(const std::vector<std::string>& words);
};

/// What is on the disk below the source's root, by the path from there.
std::string source_file(const std::string& path);

/// What was typed and what came of it: "$ shstore-lint ...", standard output, standard error, "exit status N".
std::string transcript(const std::vector<std::string>& words, const Outcome& outcome);

/// A complete bacula-sd.conf with these Devices and the like behind the rest, on the lines from 4 on.
std::string sd_conf(const std::string& more);

}  // namespace shstore::config::lint::testing
