#include "config/resource_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/messages.h"
#include "config/spelling.h"
#include "config/values.h"

namespace shstore::config {
namespace {

constexpr uint32_t largest_block = 20'000'000;  // stored/block.h, MAX_BLOCK_SIZE
constexpr int oldest_version = 9;               // 9.6.7, see DirectiveInfo::since
constexpr size_t most_suggestions = 200;        // nobody reads more, and each costs a search of the table

using AnyValue = decltype(TypedValue::value);

template <class T>
Parsed<AnyValue> any(const Parsed<T>& parsed) {
  if (!parsed) return tl::make_unexpected(parsed.error());
  if constexpr (std::is_same_v<T, uint32_t>) {
    return AnyValue(uint64_t{*parsed});
  } else {
    return AnyValue(*parsed);
  }
}

Parsed<uint32_t> to_block_size(Words words) {
  auto size = to_bytes32(words);
  if (size && *size > largest_block) {
    return tl::make_unexpected(
        fmt::format("{} bytes are more than Bacula's maximum of {}", *size, largest_block));
  }
  return size;
}

Parsed<AnyValue> typed(const DirectiveInfo& info, Words words) {
  switch (info.type) {
    case ValueType::name:
      return any(to_name(words));
    case ValueType::strname:
    case ValueType::reference:
    case ValueType::autochanger:
      return any(to_strname(words));
    case ValueType::string:
    case ValueType::directory:
    case ValueType::password:
      return any(to_string(words));
    case ValueType::boolean:
      return any(to_boolean(words));
    case ValueType::integer:
      return any(to_integer(words));
    case ValueType::pint32:
      return any(to_pint32(words));
    case ValueType::time:
      return any(to_seconds(words));
    case ValueType::size32:
      return any(to_bytes32(words));
    case ValueType::size64:
      return any(to_bytes(words));
    case ValueType::block_size:
      return any(to_block_size(words));
    case ValueType::speed:
      return any(to_bytes_per_second(words));
    case ValueType::keyword:
      return any(to_keyword(words, info.keywords));
    case ValueType::reference_list:
    case ValueType::devices:
      return any(to_list(words, true));
    case ValueType::acl:
      return any(to_acl(words));
    case ValueType::string_list:
      return any(to_list(words, false));
    case ValueType::address:
      return any(to_host_address(words));
    case ValueType::port:
      return any(to_port(words));
    case ValueType::addresses:
    case ValueType::messages:
    case ValueType::run:
    case ValueType::run_script:
    case ValueType::short_run_script:
    case ValueType::file_set:
      break;  // not a single value
  }
  return AnyValue();
}

/// Bacula keeps these in a pointer and refuses to set it twice; numbers and yes/no are simply overwritten.
bool only_once(const DirectiveInfo& info) {
  switch (info.type) {
    case ValueType::name:
    case ValueType::string:
    case ValueType::strname:
    case ValueType::directory:
    case ValueType::password:
    case ValueType::reference:
      return info.name != "Mail Command" && info.name != "Operator Command";
    default:
      return false;
  }
}

/// Where the value of a directive is kept.
std::string_view slot_of(const DirectiveInfo& info) {
  return info.same_as.empty() ? info.name : info.same_as;
}

bool has_block(ValueType type) {
  return type == ValueType::addresses || type == ValueType::run_script || type == ValueType::file_set;
}

/// Both hold a T: appends the second to the first.
template <class T>
bool append_list(AnyValue& to, AnyValue& from) {
  auto* const list = std::get_if<std::vector<T>>(&to);
  auto* const more = std::get_if<std::vector<T>>(&from);
  if (!list || !more) return false;
  for (T& item : *more) list->push_back(std::move(item));
  return true;
}

class ResourceReader {
 public:
  ResourceReader(const Block& block, const DirectiveTable& directives, Findings& findings)
      : directives_(directives), findings_(findings) {
    resource_.type = directives.find_type(block.type);
    resource_.name_space = resource_.type;
    resource_.block = &block;
  }

  TypedResource run() {
    for (const Directive& directive : resource_.block->directives) read(directive);
    for (const DirectiveInfo& info : directives_.of(resource_.type)) {
      if (info.program == Program::dir && resource_.type == "Autochanger") resource_.name_space = "Storage";
      if (info.required || info.required_before > 0) require(info);
    }
    return std::move(resource_);
  }

 private:
  /// A directive does not count as given by another of its names. A Job may take from its JobDefs what it lacks, so
  /// that only dir_config.cpp knows what is missing.
  void require(const DirectiveInfo& info) {
    const bool is_job = info.program == Program::dir && (resource_.type == "Job" || resource_.type == "JobDefs");
    if (is_job && info.name != "Name") return;
    const auto found = resource_.values.find(info.name);
    if (found != resource_.values.end()) {
      const auto& names = found->second.given_as;
      if (std::find(names.begin(), names.end(), &info) != names.end()) return;
    }
    const Location& at = resource_.block->at;
    if (info.required) {
      return findings_.missing(
          at, fmt::format("{}: the required directive \"{}\" is missing", resource_.title(), info.name));
    }
    findings_.add(Severity::warning, at,
                  fmt::format("{}: the directive \"{}\" is missing, which Bacula before {} requires",
                              resource_.title(), info.name, info.required_before),
                  Diagnostic::Kind::missing);
  }

  void read(const Directive& directive) {
    const DirectiveInfo* info = directives_.find(resource_.type, directive.name);
    if (!info) return unknown(directive);
    if (info->since == enterprise_only) {
      refuse_enterprise(directive);
    } else if (info->since > oldest_version) {
      findings_.unknown.push_back({std::string(resource_.type), directive, info->since});
    }
    if (directive.broken) return store(*info, directive, AnyValue());
    if (!directive.block.empty() && !has_block(info->type)) {
      complain(directive, "expected a value, found a block");
      return store(*info, directive, AnyValue());
    }
    if (is_repeated(*info, directive)) return;
    switch (info->type) {
      case ValueType::addresses:
        return read_addresses(*info, directive);
      case ValueType::messages:
        return check_destination(directive);
      case ValueType::run:
        return read_schedule_run(*info, directive);
      case ValueType::run_script:
        return read_scripts(*info, directive);
      case ValueType::short_run_script:
        return read_short_script(*info, directive);
      case ValueType::file_set:
        return store(*info, directive,
                     std::vector{read_file_set_block(directive, info->name == "Exclude", findings_.diagnostics)});
      default:
        return read_value(*info, directive);
    }
  }

  void read_schedule_run(const DirectiveInfo& info, const Directive& directive) {
    const auto run = read_run(directive, findings_.diagnostics);
    if (!run) return store(info, directive, AnyValue());
    for (const auto* const pool : {&run->pool, &run->full_pool, &run->incremental_pool, &run->differential_pool,
                                   &run->next_pool}) {
      refer("Pool", *pool);
    }
    refer("Storage", run->storage);
    refer("Messages", run->messages);
    store(info, directive, std::vector{*run});
  }

  void read_scripts(const DirectiveInfo& info, const Directive& directive) {
    auto scripts = read_run_script(directive, findings_.diagnostics);
    if (!scripts.empty()) refer("Client", scripts[0].client);
    store(info, directive, std::move(scripts));
  }

  void read_short_script(const DirectiveInfo& info, const Directive& directive) {
    std::vector<RunScript> scripts;
    if (auto script = read_short_run_script(directive, findings_.diagnostics)) scripts.push_back(std::move(*script));
    store(info, directive, std::move(scripts));
  }

  void refer(std::string_view type, const Value<std::string>& name) {
    if (name.given) resource_.references.push_back({type, *name, name.at});
  }

  void refuse_enterprise(const Directive& directive) {
    findings_.add(Severity::error, directive.at,
                  fmt::format("only Bacula Enterprise knew \"{}\" in {}; the community's Bacula refuses it",
                              directive.name, resource_.type),
                  Diagnostic::Kind::unknown_directive);
  }

  void read_value(const DirectiveInfo& info, const Directive& directive) {
    Parsed<AnyValue> value = typed(info, directive.values);
    if (!value) {
      complain(directive, value.error());
      return store(info, directive, AnyValue());
    }
    if (info.type == ValueType::directory) warn_of_shell(directive);
    store(info, directive, std::move(*value));
  }

  void read_addresses(const DirectiveInfo& info, const Directive& directive) {
    if (directive.block.empty()) {
      complain(directive, "expected a block such as { ip = { addr = 10.0.0.1; port = 9103 } }");
      return store(info, directive, AnyValue());
    }
    if (!directive.has_equals) complain(directive, "an = is missing before the {");
    store(info, directive, read_endpoints(directive, findings_.diagnostics));
  }

  void check_destination(const Directive& directive) {
    const auto destination = read_destination(directive);
    if (!destination) findings_.add(Severity::error, destination.error().at, destination.error().message);
  }

  /// Lists grow when they are given again; of other values the last one counts.
  void store(const DirectiveInfo& info, const Directive& directive, AnyValue value) {
    const Location at = directive.values.empty() ? directive.at : directive.values[0].at;
    const auto [entry, is_new] = resource_.values.try_emplace(slot_of(info));
    TypedValue& stored = entry->second;
    if (std::find(stored.given_as.begin(), stored.given_as.end(), &info) == stored.given_as.end()) {
      stored.given_as.push_back(&info);
    }
    if (!is_new && append(stored.value, value)) return;
    stored.written_at = directive.at;
    stored.at = at;
    stored.info = &info;
    stored.value = std::move(value);
  }

  static bool append(AnyValue& to, AnyValue& from) {
    return append_list<Token>(to, from) || append_list<Endpoint>(to, from) || append_list<ScheduleRun>(to, from) ||
           append_list<RunScript>(to, from) || append_list<FileSetBlock>(to, from);
  }

  bool is_repeated(const DirectiveInfo& info, const Directive& directive) {
    const auto earlier = resource_.values.find(slot_of(info));
    if (earlier == resource_.values.end()) return false;
    if (!only_once(info) && !names_two_storages(info, directive, earlier->second)) return false;
    findings_.add(Severity::error, directive.at,
                  fmt::format("\"{}\" is given twice in this {}; it is first given on line {}",
                              directive.name, resource_.type, earlier->second.written_at.line),
                  Diagnostic::Kind::repeated);
    earlier->second.given_as.push_back(&info);
    return true;
  }

  static bool names_two_storages(const DirectiveInfo& info, const Directive& directive, const TypedValue& earlier) {
    const auto* const first = std::get_if<std::string>(&earlier.value);
    return info.type == ValueType::autochanger && first && names_a_storage(*first) && !directive.values.empty() &&
           names_a_storage(directive.values[0].text);
  }

  /// do_shell_expansion() hands such a value to `sh -c "echo ..."`, which is not done here.
  void warn_of_shell(const Directive& directive) {
    const std::string& value = directive.values[0].text;
    if (value.starts_with('|') || value.find_first_of("~\\$[]*?`'<>\"") == std::string::npos) return;
    findings_.add(Severity::warning, directive.values[0].at,
                  fmt::format("{}: Bacula lets a shell expand \"{}\"; shstore takes it as it stands",
                              directive.name, value),
                  Diagnostic::Kind::not_run);
  }

  void unknown(const Directive& directive) {
    findings_.unknown.push_back({std::string(resource_.type), directive, 0});
    if (resource_.type == "Dedupengine") return;  // its directives are not in Bacula's public source
    findings_.add(Severity::warning, directive.at,
                  fmt::format("unknown directive \"{}\" in {}{}", directive.name, resource_.type,
                              suggestion(directive.name)),
                  Diagnostic::Kind::unknown_directive);
  }

  std::string suggestion(std::string_view name) {
    if (findings_.unknown.size() > most_suggestions) return {};
    std::vector<std::string_view> known, elsewhere;
    for (const DirectiveInfo& info : directives_.rows()) {
      if (info.resource == resource_.type) known.push_back(info.name);
      if (same_name(name, info.name)) elsewhere.push_back(info.resource);
    }
    if (!elsewhere.empty()) return fmt::format("; it belongs in {}", fmt::join(elsewhere, " or "));
    return did_you_mean(name, known);
  }

  void complain(const Directive& directive, const std::string& problem) {
    const Location& at = directive.values.empty() ? directive.at : directive.values[0].at;
    findings_.add(Severity::error, at, fmt::format("{}: {}", directive.name, problem));
  }

  TypedResource resource_;
  const DirectiveTable& directives_;
  Findings& findings_;
};

}  // namespace

bool names_a_storage(std::string_view autochanger) {
  const std::array<std::string_view, 4> answers{"yes", "no", "true", "false"};
  return std::none_of(answers.begin(), answers.end(),
                      [&](std::string_view answer) { return equal_ignoring_case(autochanger, answer); });
}

std::string TypedResource::title() const {
  const auto* const name = find<std::string>("Name");
  return name ? fmt::format("{} \"{}\"", type, *name) : std::string(type);
}

void Findings::missing(const Location& at, std::string message, Diagnostic::Kind kind) {
  if (commands_skipped) message += ", unless the output of a command that was left out brings it";
  add(commands_skipped ? Severity::warning : Severity::error, at, std::move(message), kind);
}

TypedResource read_resource(const Block& block, const DirectiveTable& directives, Findings& findings) {
  return ResourceReader(block, directives, findings).run();
}

}  // namespace shstore::config
