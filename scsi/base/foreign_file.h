// The one way to read a file that somebody else wrote, or may have put something else in the place of.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <tl/expected.hpp>

namespace shstore::base {

struct FileError {
  std::string message;   ///< "cannot read /var/lib/bacula/x: it is not a regular file"
  int error = 0;         ///< an errno; 0: the file itself is not what it should be
  bool missing() const;  ///< there is no such file
};

struct ForeignFile {
  std::string text;
  mode_t mode = 0;  ///< as stat(2) has it
  uid_t owner = 0;
};

/// True if nobody knows who put such a file there: its folder is everybody's to write to, and its owner is neither root, nor the
/// folder's owner, nor this user.
bool may_be_a_strangers(const std::string& path, uid_t owner);

struct ReadLimits {
  size_t largest = size_t{16} << 20;         ///< bytes
  std::chrono::milliseconds deadline{5000};  ///< for all of it; looked at between two pieces
};

/// The whole file. Neither a FIFO nor a device, a folder or a socket is opened; a file larger than allowed, one that grows
/// past it, and one that does not come in time are refused. What the text says is not looked at.
tl::expected<ForeignFile, FileError> read_foreign_file(const std::string& path, const ReadLimits& limits = {});

/// The same for what a person names and may also be a pipe, such as a shell's <(program): it is read until its end, for
/// `deadline` at most while nothing comes.
tl::expected<std::string, FileError> read_foreign_stream(const std::string& path,
                                                         const ReadLimits& limits = {size_t{16} << 20,
                                                                                     std::chrono::seconds(60)});

/// What this process has as standard input until its end, however long a person takes to type it.
tl::expected<std::string, FileError> read_standard_input(size_t largest = size_t{256} << 20);

}  // namespace shstore::base
