// What directives_sd.cpp and directives_dir.cpp have in common: the resources of lib/parse_conf.c, and the way a
// table is put together. Nobody else includes this.
#pragma once

#include <array>

#include "config/directives.h"

namespace shstore::config::rows {

using T = ValueType;
constexpr bool kYes = true, kNo = false;

/// One table of several arrays of rows.
template <size_t... n>
constexpr auto joined(Program program, const std::array<DirectiveInfo, n>&... parts) {
  std::array<DirectiveInfo, (n + ...)> table{};
  size_t next = 0;
  const auto add = [&](const auto& part) {
    for (const DirectiveInfo& row : part) {
      table[next] = row;
      table[next++].program = program;
    }
  };
  (add(parts), ...);
  return table;
}

/// The same directives in another resource type.
template <size_t n>
constexpr auto renamed(std::array<DirectiveInfo, n> part, std::string_view resource) {
  for (DirectiveInfo& row : part) row.resource = resource;
  return part;
}

// clang-format off
constexpr auto kMessages = std::to_array<DirectiveInfo>({
    // resource, name, type, default, required, since, meaning, keywords, target, same_as, shown, required_before
    {"Messages", "Name", T::name, "", kYes, 9, "the name that others refer to", ""},
    {"Messages", "Description", T::string, "", kNo, 9, "free text", ""},
    {"Messages", "Mail Command", T::string, "", kNo, 9, "the command that sends mail", ""},
    {"Messages", "Operator Command", T::string, "", kNo, 9, "the command that sends mail to the operator", ""},
    {"Messages", "Syslog", T::messages, "", kNo, 9, "message types for the system log", ""},
    {"Messages", "Mail", T::messages, "", kNo, 9, "addresses = message types", ""},
    {"Messages", "Mail on Error", T::messages, "", kNo, 9, "addresses = message types, if the job failed", ""},
    {"Messages", "Mail on Success", T::messages, "", kNo, 9, "addresses = message types, if the job succeeded", ""},
    {"Messages", "File", T::messages, "", kNo, 9, "file = message types; the file is overwritten", ""},
    {"Messages", "Append", T::messages, "", kNo, 9, "file = message types; the file is appended to", ""},
    {"Messages", "Stdout", T::messages, "", kNo, 9, "message types for the standard output", ""},
    {"Messages", "Stderr", T::messages, "", kNo, 9, "message types for the standard error output", ""},
    {"Messages", "Director", T::messages, "", kNo, 9, "Director = message types", ""},
    {"Messages", "Console", T::messages, "", kNo, 9, "message types for the console", ""},
    {"Messages", "Operator", T::messages, "", kNo, 9, "addresses = message types", ""},
    {"Messages", "Catalog", T::messages, "", kNo, 9, "message types for the catalog", ""},
});

constexpr auto kStatistics = std::to_array<DirectiveInfo>({
    {"Statistics", "Name", T::name, "", kYes, 9, "the name of the collector", ""},
    {"Statistics", "Description", T::string, "", kNo, 9, "free text", ""},
    {"Statistics", "Prefix", T::string, "", kNo, 9, "put in front of each metric's name", ""},
    {"Statistics", "Metrics", T::string_list, "", kNo, 9, "which metrics to collect; all if not given", ""},
    {"Statistics", "Interval", T::time, "5 min", kNo, 9, "how often to collect", ""},
    {"Statistics", "Port", T::pint32, "", kNo, 9, "Graphite's port", ""},
    {"Statistics", "Host", T::string, "", kNo, 9, "Graphite's host", ""},
    {"Statistics", "Type", T::keyword, "", kYes, 9, "where metrics go", "CSV Graphite"},
    {"Statistics", "File", T::string, "", kNo, 9, "the CSV file", ""},
    {"Statistics", "Mangle Metric", T::boolean, "no", kNo, 9, "replace special characters in the names of metrics", ""},
});
// clang-format on

}  // namespace shstore::config::rows
