// Files that a program writes whole.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

#include "scsi/base/descriptor.h"

namespace shstore::base {

/// A new text beside a file, whole on the disk; it goes away again unless it takes the file's place. Move-only.
class FileDraft {
 public:
  /// Makes the new, empty file like the one that it is for: mode, owner, ... An error ends the draft.
  using Prepare = std::function<tl::expected<void, std::string>(int file)>;
  enum class Durable { no, yes };  ///< yes: the text is on the disk before it takes the place, and the name after it

  /// In `path` with a "." and six characters behind it, a name that nobody has. Errors: "cannot write beside PATH: ..." where there can be
  /// no file, else "cannot write PATH: ...".
  static tl::expected<FileDraft, std::string> beside(const std::string& path, std::string_view text,
                                                     const Prepare& prepare, Durable durable);
  FileDraft(FileDraft&& other) noexcept;
  FileDraft& operator=(FileDraft&&) = delete;
  ~FileDraft();

  /// rename(2). After an error the file is as it was.
  tl::expected<void, std::string> take_place();

 private:
  FileDraft(std::string path, std::string name, Durable durable)
      : path_(std::move(path)), name_(std::move(name)), durable_(durable) {}
  std::string path_, name_;  // name_ is empty: it is not there any more
  Durable durable_;
};

/// For a file of our own, in a folder of our own: writes `text` beside `path` and renames it, so that a reader sees the old
/// file or the new one, also where two write at the same time. Whatever has that name is replaced, a link too. What is
/// beside is `path` with a "." and six characters behind it; a process that is killed leaves it there. `mode` counts,
/// whatever the umask. The error names the path and the reason.
tl::expected<void, std::string> replace_file(const std::string& path, std::string_view text, mode_t mode);

/// For a path that a person or a script gave us to write to, maybe as root. A regular file, or none, is replaced as above,
/// beside the file that links lead to. Into a FIFO that somebody reads, a terminal, /dev/null and what this process has as
/// standard output or error (/dev/stdout) the text is written, and it stays what it is. Refused, and left as it is: a
/// folder, a block device, any other device, a socket, a FIFO that nobody reads, a link that a stranger put into a folder
/// like /tmp. A FIFO or terminal that takes nothing for ten seconds is an error.
tl::expected<void, std::string> write_output(const std::string& path, std::string_view text, mode_t mode);

/// A log to which daemon and administrator append: made with mode 0640, and by root for the owner of its folder. Refused, as
/// the folder may be the daemon's and we may be root: a link, a file with several names, and whatever is no regular file. The error
/// names the path and the reason.
tl::expected<Descriptor, std::string> open_log(const std::string& path);

}  // namespace shstore::base
