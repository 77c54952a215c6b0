// A directive's value with its place: what all typed models of configuration files are made of. A large configuration has
// millions of values, most of which nobody wrote, so that each byte here counts.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "config/document.h"

namespace shstore::config {

/// A view of at most 4 GiB, which is smaller than std::string_view.
class ShortView {
 public:
  constexpr ShortView() = default;
  template <class Text>
  requires std::convertible_to<const Text&, std::string_view> ShortView(const Text& from) {  // NOLINT: is one
    const std::string_view text = from;
    const char* const data = text.data();
    size_ = static_cast<uint32_t>(text.size());
    std::memcpy(data_.data(), &data, sizeof data);
  }
  operator std::string_view() const {  // NOLINT: is one
    const char* data = nullptr;
    std::memcpy(&data, data_.data(), sizeof data);
    return {data, size_};
  }

 private:
  alignas(uint32_t) std::array<unsigned char, sizeof(const char*)> data_{};
  uint32_t size_ = 0;
};

/// Where a value was written. `given` is false when it is Bacula's default, and then there is no place.
struct Written {
  Location at{};            ///< the value's first byte
  uint16_t directive_ = 0;  ///< see directive_at()
  /// Bytes of the value as written, quotes included; 0: not known, on several lines, or very many.
  uint16_t length : 15 = 0;
  bool given : 1 = false;

  Written() = default;
  Written(const Location& value_at, const Location& name_at, uint32_t bytes = 0)
      : at(value_at),
        directive_(distance(value_at, name_at)),
        length((bytes > kLongest ? 0 : bytes) & kLongest),
        given(true) {}

  /// The directive's name. Of a value that an include brought, the one that `sources` remembers, else the value itself.
  Location directive_at(const Sources* sources = nullptr) const {
    if (directive_ == kFar) return sources ? sources->directive_of(at) : at;
    const uint32_t written = directive_;
    if ((written & kOtherLine) == 0) return {at.file, at.line, uint32_t{at.column} - written};
    return {at.file, at.line - ((written & ~uint32_t{kOtherLine}) >> kColumnBits), written & kMostColumns};
  }

  /// Is the distance between both remembered here? Else Sources::note_directive() is to be told.
  static bool is_near(const Location& value_at, const Location& name_at) { return distance(value_at, name_at) != kFar; }

 private:
  static constexpr uint32_t kLongest = (1U << 15) - 1;
  // Of a name on the line of its value: how many bytes it stands before it. Of one above: how many lines, and its column.
  static constexpr uint16_t kFar = 0, kOtherLine = 1 << 15;
  static constexpr uint32_t kColumnBits = 8, kMostColumns = (1 << kColumnBits) - 1, kMostLines = 127;

  static uint16_t distance(const Location& value_at, const Location& name_at) {
    if (value_at.file != name_at.file || !value_at.has_column() || !name_at.has_column()) return kFar;
    if (value_at.line == name_at.line) {
      const bool fits = name_at.column < value_at.column && value_at.column - name_at.column < kOtherLine;
      return fits ? static_cast<uint16_t>(value_at.column - name_at.column) : kFar;
    }
    const bool fits = name_at.line < value_at.line && value_at.line - name_at.line <= kMostLines;
    if (!fits || name_at.column > kMostColumns) return kFar;
    return static_cast<uint16_t>(kOtherLine | (value_at.line - name_at.line) << kColumnBits | name_at.column);
  }
};
static_assert(sizeof(Written) == 12);

/// A typed value and where it was written. Texts are views into the Sources of what was loaded.
template <class T>
struct Value : Written {
  T value{};

  Value() = default;
  Value(T initial) : value(std::move(initial)) {}  // NOLINT: a default is written as such
  Value(T written, const Written& where) : Written(where), value(std::move(written)) {}

  const T& operator*() const { return value; }
  const T* operator->() const { return &value; }
};

template <>
struct Value<std::string_view> : Written {
  ShortView value;

  Value() = default;
  Value(std::string_view written, const Written& where) : Written(where), value(written) {}

  std::string_view operator*() const { return value; }
  struct Arrow {
    std::string_view text;
    const std::string_view* operator->() const { return &text; }
  };
  Arrow operator->() const { return {value}; }
};

using TextValue = Value<std::string_view>;
static_assert(sizeof(TextValue) == 24 && sizeof(Value<bool>) == 16 && sizeof(Value<uint32_t>) == 16);

/// A directive that Bacula 9.6.7 does not know: kept, so that a newer Bacula's configuration still loads.
struct UnknownDirective {
  std::string resource;  ///< "Device"
  Directive directive;
  int since = 0;  ///< the first of 11, 13, 15 that knows it; 0: no table does
};

}  // namespace shstore::config
