// Reads the daemons again and again on a thread of its own: the screen does not wait for a drive that hangs.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "status/watch/table.h"

namespace shstore::status::watch {

class Reader {
 public:
  using Clock = std::chrono::steady_clock;
  /// What is known at the moment.
  struct Latest {
    std::shared_ptr<const Reading> reading;   ///< nullptr: there is none yet
    Clock::time_point read{};                 ///< when that was complete
    std::optional<Clock::time_point> asking;  ///< since when the next one is being read
  };

  /// `read` is called on the reader's thread, at once and then `interval` after the end of the one before. It may be
  /// running when the reader is destroyed, and must not refer to anything that ends then; the program must end with _Exit.
  Reader(std::function<Reading()> read, std::chrono::seconds interval);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  int fd() const;   ///< readable when there is something new
  Latest latest();  ///< fd() is not readable afterwards
  void refresh();   ///< do not wait for the interval's end

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace shstore::status::watch
