// Whether what a drive's names lead to may have changed since it was looked at.
#pragma once

#include <cstdint>
#include <string>

namespace shstore::plugin {

/// Thread-safe.
class NodeChanges {
 public:
  virtual ~NodeChanges() = default;
  struct Seen {
    bool told =
        false;  ///< whatever changes is counted; false: nobody tells, so it is to be looked at from time to time
    uint64_t number = 0;  ///< another one than before: something may have changed
    friend bool operator==(const Seen&, const Seen&) = default;
  };
  /// `drive`: by the name of its control device.
  virtual Seen seen(const std::string& drive) const = 0;
  /// Nobody tells of it: tries to have it told.
  virtual void try_again(const std::string& /*drive*/) {}
};

}  // namespace shstore::plugin
