// Names of resources: none given twice, and none referred to that does not exist.
#pragma once

#include <deque>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/name_index.h"
#include "config/resource_reader.h"

namespace shstore::config {

/// Remembers the names and references of resources one by one and judges them when all are known, for Bacula lets a
/// resource refer to a later one. Bacula compares names of resources letter by letter (lib/res.c, GetResWithName).
class NameChecker {
 public:
  void add(const TypedResource& resource);

  /// Once, after the last resource.
  void report(Findings& findings);

 private:
  /// A name as it is given or referred to; a view into the sources.
  struct Name {
    std::string_view name;
    Location at;
    std::string_view type{};  ///< of what is given: an Autochanger is a Storage to the Director
  };
  struct Type {
    std::vector<Name> given, wanted;
    NameIndex index;
  };

  void want(std::string_view type, std::string_view name, const Location& at);
  void report_repeated(std::string_view type, const Type& names, const std::vector<uint32_t>& repeated,
                       Findings& findings) const;
  static std::string meant(std::string_view type, std::string_view name, const Type& names,
                           std::span<const std::string_view> candidates);
  void report_missing(std::string_view type, const Type& names, Findings& findings);

  std::map<std::string_view, Type> types_;
  std::deque<std::string> kept_;  ///< names that are no views into the sources
  size_t patience_ = 1'000'000;   ///< names that are still held against each other for a "did you mean"
};

}  // namespace shstore::config
