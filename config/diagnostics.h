// Collects what is to be said about a configuration, in bounded memory however much is wrong with it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "config/document.h"

namespace shstore::config {

class Diagnostics {
 public:
  void add(Severity severity, const Location& at, std::string message, Diagnostic::Kind kind = Diagnostic::Kind::value);

  /// Something that is required is missing: an error, unless the output of a `@|command` that was left out might
  /// have brought it.
  void missing(const Location& at, std::string message, Diagnostic::Kind kind = Diagnostic::Kind::missing);

  /// What only some versions accept: nothing is wrong with it until the version is known.
  void depends(const Location& at, std::string what, int since, int gone = 0);
  std::vector<VersionBound> take_bound() { return std::move(bound_); }

  /// At least so many, and all about words that make no sense.
  bool is_only_syntax(size_t at_least) const;

  bool empty() const { return added_ == 0; }

  /// All of them, sorted by place. If there are more than 1000, the first 1000 (errors before warnings, because
  /// has_errors() decides by them) and one that counts the others.
  std::vector<Diagnostic> take(bool commands_skipped);

 private:
  struct Entry {
    Diagnostic diagnostic;
    uint64_t number = 0;  ///< in the order of add(): decides between two at the same place
  };
  struct Shelf {
    std::vector<Entry> entries;
    bool is_full = false;  ///< what comes behind the last entry is not kept
  };

  void put(Shelf& shelf, Diagnostic diagnostic);
  static void sort(Shelf& shelf);

  Shelf errors_, missing_, warnings_;
  std::vector<VersionBound> bound_;
  uint64_t added_ = 0;
};

}  // namespace shstore::config
