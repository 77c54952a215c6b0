// Bacula's own parser as the judge: bsdjson and bdirjson of 9.6.7, and our answer held against theirs.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "config/print_config.h"

namespace shstore::config::testing {

/// A text to be judged, with the name it has in reports and in differences.tsv.
struct Sample {
  Program program = Program::sd;
  std::string name;
  std::string text;
};

/// What Bacula's program says to a file.
struct Verdict {
  bool accepted = false;
  nlohmann::json json;  ///< null if it was refused, or what was printed is no JSON
  std::string message;  ///< the first error
  uint32_t line = 0;    ///< of the error; 0 if it tells none
};

/// Runs `program`, which must not take longer than ten seconds.
Verdict ask(const std::string& program, const std::string& path);

/// How our answer compares.
enum class Outcome {
  equal,        ///< both accept, and every value is the same
  both_refuse,  ///< we complain at the same line or before it
  no_json,      ///< both accept, but what Bacula prints is no JSON
  environment,  ///< refused for what this machine lacks: a working directory, a host name, an included file
  different,    ///< both accept; `what` are the paths of the values that differ
  only_bacula_refuses,
  only_we_refuse,
};

struct Comparison {
  Outcome outcome = Outcome::different;
  std::string what;
};

Comparison compare(const PrintedConfig& ours, const Verdict& theirs);

/// The text without what depends on the machine: placeholders such as @DIR_PORT@ and @RUN@ have values, includes become
/// comments, the working directory is /tmp.
std::string without_surroundings(const std::string& text);

/// The resources that `text` refers to but does not have, and those without which no daemon starts, on the lines
/// behind it.
std::string with_what_is_missing(Program program, const std::string& text);

/// Each resource of `text` by itself.
std::vector<std::string> resources_of(Program program, const std::string& text);

/// What we make of a text without files.
PrintedConfig print_text(Program program, const std::string& text, int version = 0);

}  // namespace shstore::config::testing
