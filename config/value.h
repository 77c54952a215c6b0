// A directive's value with its place: what all typed models of configuration files are made of.
#pragma once

#include <cstdint>
#include <string>

#include "config/document.h"

namespace shstore::config {

/// A typed value and where it was written. `given` is false when it is Bacula's default.
template <class T>
struct Value {
  T value{};
  bool given = false;
  Location at{};            ///< the value's first byte
  Location directive_at{};  ///< the directive's name
  uint32_t length = 0;      ///< bytes of the value as written, quotes included; 0: not known, or on several lines
  const T& operator*() const { return value; }
  const T* operator->() const { return &value; }
};

/// A directive that Bacula 9.6.7 does not know: kept, so that a newer Bacula's configuration still loads.
struct UnknownDirective {
  std::string resource;  ///< "Device"
  Directive directive;
  int since = 0;  ///< the first of 11, 13, 15 that knows it; 0: no table does
};

}  // namespace shstore::config
