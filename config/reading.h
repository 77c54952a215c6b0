// The edges of this room: where texts come from, and how much of them is read.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <tl/expected.hpp>

namespace shstore::config {

/// Reads a file's whole text. Injected so that tests need no files.
class FileReader {
 public:
  virtual ~FileReader() = default;
  /// The text, or a message such as "cannot open /etc/bacula/x.conf: No such file or directory".
  virtual tl::expected<std::string, std::string> read(const std::string& path) = 0;
};

/// The most that is read of one file: places count bytes in 32 bits.
constexpr uint64_t kLargestFile = UINT32_MAX - uint64_t{1};

/// The real file system. Refuses files of more than `largest` bytes and anything that is not a regular file. A file
/// that grows meanwhile is read up to the end it has when that is reached.
std::unique_ptr<FileReader> disk_reader(uint64_t largest = kLargestFile);

/// Runs the command of a `@|command` include.
class CommandRunner {
 public:
  virtual ~CommandRunner() = default;
  /// What the command writes to its standard output, or a message such as "cannot run /x: No such file or directory".
  virtual tl::expected<std::string, std::string> run(const std::string& command) = 0;
};

/// Real processes. As in Bacula (lib/bpipe.c) no shell takes part: the command is cut into words at blanks, and a
/// word may be put in ' or ". The command has /dev/null as its standard input and no other open file of ours. Refuses a
/// command that fails, takes longer than `deadline` or writes more than `most_output` bytes; in both latter cases it is
/// killed together with what it started.
std::unique_ptr<CommandRunner> process_runner(std::chrono::milliseconds deadline = std::chrono::seconds(30),
                                              size_t most_output = size_t{64} << 20);

/// What bounds time and memory if somebody wants to hurt. A configuration of 1,000,000 devices has 400 MB, 50 million
/// words and 1,000,000 resources.
struct Limits {
  uint64_t text = uint64_t{4} << 30;      ///< bytes, a file counted as often as it is included
  uint64_t words = 500'000'000;           ///< in all files
  size_t words_in_statement = 8'000'000;  ///< a list of 4,000,000 names
  size_t resources = 2'000'000;           ///< each takes up to 1.5 kB
  size_t unknown = 1'000'000;             ///< directives and resources that no table knows, which are kept as text
};

struct LoadOptions {
  /// Without permission, or without anything to run it, a `@|command` is left out and a warning says so.
  bool allow_commands = false;
  CommandRunner* commands = nullptr;
  Limits limits{};
};

}  // namespace shstore::config
