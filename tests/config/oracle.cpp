#include "oracle.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "config/resources.h"
#include "loading.h"

namespace shstore::config::testing {
namespace {

using nlohmann::json;

std::string first_group(const std::string& text, const std::regex& pattern) {
  std::smatch match;
  return std::regex_search(text, match, pattern) ? match[1].str() : std::string();
}

std::string squeezed(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text.substr(0, 200);
}

/// "/3/Pool/Name" -> "Pool/Name": what differs, not in which resource.
std::string describe(const json& patch, const json& theirs) {
  std::string result;
  for (const json& step : patch) {
    const std::string path = step.at("path");
    const json::json_pointer pointer(path);
    result += fmt::format("{} {}", step.at("op").get<std::string>(), path);
    if (theirs.contains(pointer)) result += fmt::format(" (theirs {})", theirs.at(pointer).dump().substr(0, 60));
    if (step.contains("value")) result += fmt::format(" (ours {})", step.at("value").dump().substr(0, 60));
    result += "; ";
    if (result.size() > 600) break;
  }
  return result;
}

/// Something was said about a newer Bacula's directive: 9.6.7 does not know it.
bool is_complaint(const Diagnostic& diagnostic) {
  return diagnostic.severity == Severity::error || diagnostic.message.starts_with("unknown ") ||
         diagnostic.message.find("needs one") != std::string::npos ||
         diagnostic.message.find("is missing, which Bacula before") != std::string::npos;
}

bool complains_until(const PrintedConfig& config, uint32_t line) {
  const auto& diagnostics = config.diagnostics;
  return std::any_of(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& diagnostic) {
    return is_complaint(diagnostic) && (line == 0 || (diagnostic.at.line > 0 && diagnostic.at.line <= line));
  });
}

const std::regex environment("Working Directory|Cannot open included config file|Cannot resolve");

/// What a stub of each type needs besides its name.
const std::map<std::string_view, std::string_view> stubs = {
    {"Catalog", "DB Name = x"},
    {"Client", "Address = 127.0.0.1; Password = x; Catalog = stub-Catalog"},
    {"Counter", "Minimum = 0"},
    {"Fileset", "Include { File = /x }"},
    {"Pool", "Pool Type = Backup"},
    {"Schedule", "Run = daily at 1:00"},
    {"Messages", "Console = all"},
    {"Autochanger", "Device = stub-Device; Changer Device = x; Changer Command = x"},
    {"Device", "Media Type = x; Archive Device = /tmp"},
    {"Cloud", "Driver = File; Host Name = /tmp; Bucket Name = x; Access Key = x; Secret Key = x"}};
const std::string job_stub =
    "Type = Backup; Client = stub-Client; Fileset = stub-Fileset; Pool = stub-Pool; Storage = stub-Storage; "
    "Messages = stub-Messages";

std::string stub(Program program, const std::string& type, const std::string& name) {
  std::string body;
  const auto found = stubs.find(type);
  if (found != stubs.end()) body = found->second;
  if (type == "Job" || type == "JobDefs") body = job_stub;
  if (type == "Storage") {
    body = program == Program::dir ? "Address = 127.0.0.1; Password = x; Device = stub-Device; Media Type = x"
                                   : "Working Directory = /tmp; Pid Directory = /tmp";
  }
  if (type == "Director") {
    body = program == Program::dir ? "Query File = /x; Working Directory = /tmp; Pid Directory = /tmp; Password = x"
                                   : "Password = x";
  }
  return fmt::format("{} {{ Name = \"{}\"; {}\n}}\n", type, name, body);
}

}  // namespace

PrintedConfig print_text(Program program, const std::string& text, int version) {
  MemoryReader reader({{"x.conf", text}});
  PrintOptions options;
  options.version = version;
  return print_resources(program, "x.conf", reader, options);
}

Verdict ask(const std::string& program, const std::string& path) {
  const std::string command = fmt::format("timeout 10 '{}' -c '{}' </dev/null 2>&1", program, path);
  FILE* const pipe = ::popen(command.c_str(), "r");
  Verdict verdict;
  if (!pipe) return verdict;
  std::string text;
  std::array<char, 1 << 16> buffer{};
  for (size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) text.append(buffer.data(), n);
  verdict.accepted = ::pclose(pipe) == 0;
  if (verdict.accepted) {
    verdict.json = json::parse(text, nullptr, false);
    if (verdict.json.is_discarded()) verdict.json = nullptr;
    return verdict;
  }
  static const std::regex place(R"(: line (\d+), col \d+ of file)");
  const std::string line = first_group(text, place);
  if (!line.empty()) verdict.line = static_cast<uint32_t>(std::stoul(line));
  verdict.message = squeezed(text);
  return verdict;
}

Comparison compare(const PrintedConfig& ours, const Verdict& theirs) {
  if (!theirs.accepted) {
    if (std::regex_search(theirs.message, environment)) return {Outcome::environment, theirs.message};
    if (complains_until(ours, theirs.line)) return {Outcome::both_refuse, theirs.message};
    return {Outcome::only_bacula_refuses, theirs.message};
  }
  for (const Diagnostic& diagnostic : ours.diagnostics) {
    if (diagnostic.severity == Severity::error) {
      return {Outcome::only_we_refuse, to_text(diagnostic, ours.files)};
    }
  }
  if (theirs.json.is_null()) return {Outcome::no_json, {}};
  const json actual = json::parse(ours.json);
  if (actual == theirs.json) return {Outcome::equal, {}};
  return {Outcome::different, describe(json::diff(theirs.json, actual), theirs.json)};
}

std::string without_surroundings(const std::string& text) {
  static const std::regex include(R"((^|\n)([ \t]*)@)");
  static const std::regex working_directory(R"(((^|\n)[ \t]*working[ \t]*directory[ \t]*=[ \t]*)("[^"\n]*"|[^\n;#]*))",
                                            std::regex::icase);
  static const std::regex port("@[A-Z]+_PORT@"), path("@[A-Z]+@");
  const std::string filled = std::regex_replace(std::regex_replace(text, port, "9104"), path, "/tmp");
  return std::regex_replace(std::regex_replace(filled, include, "$1$2#@"), working_directory, "$1/tmp ");
}

std::string with_what_is_missing(Program program, const std::string& text) {
  static const std::regex no_such(R"re(no (\w+) resource is named "([^"]*)")re");
  static const std::regex no_type(R"(there is no (\w+) resource)");
  std::string result = text;
  if (!result.ends_with('\n')) result += '\n';
  std::set<std::string> added;
  for (bool more = true; more;) {
    more = false;
    const PrintedConfig config = print_text(program, result);
    for (const Diagnostic& diagnostic : config.diagnostics) {
      std::smatch match;
      std::string next;
      if (std::regex_search(diagnostic.message, match, no_such)) {
        next = stub(program, match[1], match[2]);
      } else if (std::regex_search(diagnostic.message, match, no_type)) {
        next = stub(program, match[1], fmt::format("stub-{}", match[1].str()));
      }
      if (next.empty() || !added.insert(next).second) continue;
      result += next;
      more = true;
    }
  }
  return result;
}

std::vector<std::string> resources_of(Program program, const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::vector<std::string> result;
  MemoryReader reader({{"x.conf", text}});
  const auto keep = [&](const TypedResource& typed, Findings&) {
    std::string resource;
    const Block& block = *typed.block;
    for (uint32_t i = block.at.line; i <= block.end.line && i <= lines.size(); ++i) resource += lines[i - 1] + "\n";
    result.push_back(std::move(resource));
    return true;
  };
  load_resources("x.conf", reader, {}, program == Program::sd ? bacula_sd() : bacula_dir(), keep);
  return result;
}

}  // namespace shstore::config::testing
