// Signals as something that poll() can wait for. The room's edge.
#pragma once

#include <initializer_list>
#include <vector>

namespace shstore::status::watch {

/// While it lives the signals do nothing but arrive here. At most one at a time in a program; what it spawns has the
/// signals' usual meaning.
class Signals {
 public:
  explicit Signals(std::initializer_list<int> signals);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  int fd() const;           ///< readable when one has come
  std::vector<int> take();  ///< those that have come since

 private:
  std::vector<int> signals_;
};

}  // namespace shstore::status::watch
