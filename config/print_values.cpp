#include "config/print_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "config/directives.h"
#include "config/messages.h"

namespace shstore::config {
namespace {

template <size_t n>
Json numbers(const std::bitset<n>& bits) {
  Json result = Json::array();
  for (size_t i = 0; i < n; ++i) {
    if (bits[i]) result.push_back(i);
  }
  return result;
}

template <class T>
void put(Json& into, const char* name, const Value<T>& value) {
  if (value.given) into[name] = *value;
}

Json to_json(const ScheduleRun& run) {
  Json result = Json::object();
  put(result, "Pool", run.pool);
  put(result, "FullPool", run.full_pool);
  put(result, "IncrementalPool", run.incremental_pool);
  put(result, "DifferentialPool", run.differential_pool);
  put(result, "Level", run.level);
  put(result, "Storage", run.storage);
  put(result, "Messages", run.messages);
  put(result, "Priority", run.priority);
  put(result, "SpoolData", run.spool_data);
  put(result, "writepartafterjob", run.write_part_after_job);
  put(result, "MaxRunSchedTime", run.max_run_sched_time);
  put(result, "Accurate", run.accurate);
  put(result, "NextPool", run.next_pool);
  result["Hour"] = numbers(run.hours);
  result["Minute"] = run.minute;
  result["Day"] = numbers(run.days);
  if (run.last_day) result["LastDay"] = 1;
  result["Month"] = numbers(run.months);
  result["DayOfWeek"] = numbers(run.weekdays);
  result["WeekOfMonth"] = numbers(run.weeks_of_month);
  result["WeekOfYear"] = numbers(run.weeks_of_year);
  return result;
}

Json to_json(const RunScript& script) {
  Json result = Json::object();
  if (!script.when.empty()) result["RunsWhen"] = script.when;
  if (!script.fail_job_on_error) result["FailJobOnError"] = false;
  if (!script.on_success) result["RunsOnSuccess"] = false;
  if (script.on_failure) result["RunsOnFailure"] = true;
  if (script.on_director) result["RunsOnClient"] = false;
  result[script.is_console ? "Console" : "Command"] = script.command;
  return result;
}

/// The letters without the texts between them (strip_long_opts()).
std::string short_letters(std::string_view letters) {
  std::string result;
  for (size_t i = 0; i < letters.size(); ++i) {
    if (std::string_view("VCJP").find(letters[i]) == std::string_view::npos) {
      result += letters[i];
    } else {
      i = std::min(letters.find(':', i), letters.size());
    }
  }
  return result;
}

/// The first word whose letters occur anywhere, so that "S2" is taken for Sha1 ("S"), as Bacula takes it.
void put_word(Json& into, const FileSetOption& option, const std::string& letters) {
  for (const FileSetLetters& entry : file_set_letters()) {
    if (entry.option != option.shown || letters.find(entry.letters) == std::string::npos) continue;
    into[std::string(option.shown)] = entry.word;
    return;
  }
}

void put_text(Json& into, const FileSetOption& option, std::string_view letters) {
  const size_t first = letters.find(option.letter);
  if (first == std::string_view::npos) return;
  const std::string_view text = letters.substr(first + 1);
  into[std::string(option.shown)] = text.substr(0, text.find(':'));
}

/// Patterns for whole paths come last: Bacula keeps them in another list.
Json wild_files(std::vector<std::string> patterns) {
  std::stable_partition(patterns.begin(), patterns.end(),
                        [](const std::string& pattern) { return pattern.find_first_of("/\\") == std::string::npos; });
  return patterns;
}

Json to_json(const FileSetOptions& options, const FileSetBlock& block) {
  Json result = Json::object();
  const std::string letters = short_letters(options.letters);
  for (const FileSetOption& option : file_set_options()) {
    if (option.kind == FileSetOption::Kind::letters) {
      if (block.given.contains(option.shown)) put_word(result, option, letters);
      continue;
    }
    if (option.kind == FileSetOption::Kind::text) {
      if (block.given.contains(option.shown)) put_text(result, option, options.letters);
      continue;
    }
    const auto list = options.lists.find(option.shown);
    if (list == options.lists.end()) continue;
    Json& into = result[std::string(option.shown)];
    into = option.shown == "WildFile" ? wild_files(list->second) : Json(list->second);
    if (option.shown == "Plugin") into = list->second.back();
  }
  return result;
}

Json texts(const std::vector<Token>& words) {
  Json result = Json::array();
  for (const Token& word : words) result.push_back(word.text);
  return result;
}

Json to_json(const FileSetBlock& block) {
  Json result = Json::object();
  result["File"] = texts(block.files);
  if (!block.plugins.empty()) result["Plugin"] = texts(block.plugins);
  if (block.exclude_dir_containing) result["ExcludeDirContaining"] = *block.exclude_dir_containing;
  for (const FileSetOptions& options : block.options) result["Options"].push_back(to_json(options, block));
  return result;
}

// ---- Messages

// lib/message.h, in the order of the tools of 15.0.3. Those of 9.6.7 never show VolMgmt, and do not know the two others.
constexpr std::array<std::string_view, 18> kAllTypes = {
    "Abort",   "Debug", "Events",    "Fatal",     "Error",    "Warning",  "Info",  "Saved",   "NotSaved",
    "Skipped", "Mount", "ErrorTerm", "Terminate", "Restored", "Security", "Alert", "VolMgmt", "Verified"};

bool is_newer(std::string_view type) { return type == "Events" || type == "VolMgmt" || type == "Verified"; }
bool is_in_all(std::string_view type) { return type != "Debug" && type != "Saved" && type != "Events"; }
constexpr std::string_view kTagOfEvent = "Events.";

struct Destination {
  const DirectiveInfo* info = nullptr;
  std::vector<std::string> where;  ///< as one list, which blanks separate
  std::string joined;
  Json command;
  std::array<bool, kAllTypes.size()> types{};
  std::set<std::string> tags;  ///< of events; what Bacula makes of the letters is theirs

  void set(const MessageType& type) {
    for (size_t i = 0; i < kAllTypes.size(); ++i) {
      if (type.name == "All" && is_in_all(kAllTypes[i])) types[i] = true;
      if (type.name == kAllTypes[i]) return void(types[i] = !type.is_not);
    }
    if (type.name == "All") return;
    const std::string tag(type.name.substr(std::min(type.name.size(), kTagOfEvent.size())));
    if (type.is_not) {
      tags.erase(tag);
    } else {
      tags.insert(tag);
    }
  }
};

/// edit_msg_types(): a long list is shown as what is missing from all.
Json types_to_json(const Destination& destination, bool newer) {
  std::vector<std::pair<std::string, bool>> types;
  for (size_t i = 0; i < kAllTypes.size(); ++i) {
    if (newer || !is_newer(kAllTypes[i])) types.emplace_back(kAllTypes[i], destination.types[i]);
  }
  const auto given = std::count_if(types.begin(), types.end(), [](const auto& type) { return type.second; });
  const bool is_long = given > static_cast<std::ptrdiff_t>((types.size() + 1) / 2);
  Json result = is_long ? Json::array({"All"}) : Json::array();
  for (const auto& [name, is_given] : types) {
    if (!is_long && is_given) result.push_back(name);
    if (is_long && !is_given) result.push_back("!" + name);
    if (is_long && is_given && (name == "Saved" || name == "Events")) result.push_back(name);
  }
  if (!newer) return result;
  for (const std::string& tag : destination.tags) result.push_back(fmt::format("{}{}", kTagOfEvent, tag));
  return result;
}

Json split_at_blanks(std::string_view text) {
  Json result = Json::array();
  for (;;) {
    const size_t end = std::min(text.find(' '), text.size());
    result.push_back(text.substr(0, end));
    if (end == text.size()) return result;
    text.remove_prefix(end + 1);
  }
}

Json to_json(const Destination& destination, bool newer) {
  const std::string name = shown_name(*destination.info);
  Json result{{"Type", name}, {"MsgTypes", types_to_json(destination, newer)}};
  if (!destination.where.empty()) result["Where"] = split_at_blanks(destination.joined);
  if (name.starts_with("Mail") || name == "Operator") result["Command"] = destination.command;
  return result;
}

class DestinationPrinter {
 public:
  Json run(const Block& messages, bool newer) {
    for (const Directive& directive : messages.directives) read(directive);
    Json result = Json::array();
    for (const DirectiveInfo& info : sd_directives().of("Messages")) {
      // Bacula puts each new destination before the others.
      for (auto found = destinations_.rbegin(); found != destinations_.rend(); ++found) {
        if (found->info == &info) result.push_back(to_json(*found, newer));
      }
    }
    return result;
  }

 private:
  void read(const Directive& directive) {
    const DirectiveInfo* const info = sd_directives().find("Messages", directive.name);
    if (!info) return;
    if (info->type != ValueType::messages) {
      if (!directive.values.empty()) commands_[info->name] = directive.values[0].text;
      return;
    }
    const auto parsed = read_destination(directive);
    if (!parsed) return;
    std::string joined;
    for (const std::string& address : parsed->addresses) joined += (joined.empty() ? "" : " ") + address;
    for (const MessageType& type : parsed->types) {
      Destination* const destination = find_or_add(*info, *parsed, joined, type.is_not && type.name != "All");
      if (destination) destination->set(type);
    }
  }

  /// The same directive with the same addresses is one destination. The command is the one known so far.
  Destination* find_or_add(const DirectiveInfo& info, const MessageDestination& parsed, const std::string& joined,
                           bool only_find) {
    for (Destination& destination : destinations_) {
      if (destination.info == &info && destination.joined == joined) return &destination;
    }
    if (only_find) return nullptr;
    Destination& added = destinations_.emplace_back();
    added.info = &info;
    added.where = parsed.addresses;
    added.joined = joined;
    const auto command = commands_.find(info.name == "Operator" ? "Operator Command" : "Mail Command");
    if (command != commands_.end()) added.command = command->second;
    return &added;
  }

  std::vector<Destination> destinations_;
  std::map<std::string_view, std::string> commands_;
};

}  // namespace

Json to_json(std::span<const ScheduleRun> runs) {
  Json result = Json::array();
  for (const ScheduleRun& run : runs) result.push_back(to_json(run));
  return result;
}

Json to_json(std::span<const RunScript> scripts) {
  Json result = Json::array();
  for (const RunScript& script : scripts) result.push_back(to_json(script));
  return result;
}

Json includes_to_json(std::span<const FileSetBlock> blocks) {
  Json result = Json::array();
  for (const FileSetBlock& block : blocks) result.push_back(to_json(block));
  return result;
}

Json excludes_to_json(std::span<const FileSetBlock> blocks) {
  return blocks.empty() ? Json() : Json{{"File", texts(blocks[0].files)}};
}

Json destinations_to_json(const Block& messages, bool newer) { return DestinationPrinter().run(messages, newer); }

}  // namespace shstore::config
