#include "config/resource_reader.h"

#include <fmt/format.h>

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
      return any(to_strname(words));
    case ValueType::string:
    case ValueType::directory:
    case ValueType::password:
      return any(to_string(words));
    case ValueType::boolean:
      return any(to_boolean(words));
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
      return any(to_list(words, true));
    case ValueType::string_list:
      return any(to_list(words, false));
    case ValueType::address:
      return any(to_host_address(words));
    case ValueType::port:
      return any(to_port(words));
    case ValueType::addresses:
    case ValueType::messages:
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

class ResourceReader {
 public:
  ResourceReader(const Block& block, const DirectiveTable& directives, Findings& findings)
      : directives_(directives), findings_(findings) {
    resource_.type = directives.find_type(block.type);
    resource_.block = &block;
  }

  TypedResource run() {
    for (const Directive& directive : resource_.block->directives) read(directive);
    for (const DirectiveInfo& info : directives_.of(resource_.type)) {
      if (info.required && !resource_.values.contains(info.name)) {
        findings_.missing(resource_.block->at, fmt::format("{}: the required directive \"{}\" is missing",
                                                           resource_.title(), info.name));
      }
    }
    return std::move(resource_);
  }

 private:
  void read(const Directive& directive) {
    const DirectiveInfo* info = directives_.find(resource_.type, directive.name);
    if (!info) return unknown(directive);
    if (info->since > oldest_version) {
      findings_.unknown.push_back({std::string(resource_.type), directive, info->since});
    }
    if (directive.broken) return store(*info, directive, AnyValue());
    if (info->type == ValueType::addresses) return read_addresses(*info, directive);
    if (!directive.block.empty()) {
      complain(directive, "expected a value, found a block");
      return store(*info, directive, AnyValue());
    }
    if (info->type == ValueType::messages) return read_destination(directive);
    if (is_repeated(*info, directive)) return;
    read_value(*info, directive);
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

  void read_destination(const Directive& directive) {
    const auto problem = check_destination(directive);
    if (problem) findings_.add(Severity::error, problem->at, problem->message);
  }

  /// Lists grow when they are given again; of other values the last one counts.
  void store(const DirectiveInfo& info, const Directive& directive, AnyValue value) {
    const Location at = directive.values.empty() ? directive.at : directive.values[0].at;
    const auto [entry, is_new] = resource_.values.try_emplace(info.name, TypedValue{{}, directive.at, at, &info});
    TypedValue& stored = entry->second;
    if (!is_new && append(stored.value, value)) return;
    if (!is_new) stored = {{}, directive.at, at, &info};
    stored.value = std::move(value);
  }

  static bool append(AnyValue& to, const AnyValue& from) {
    auto* const list = std::get_if<std::vector<Token>>(&to);
    const auto* const more = std::get_if<std::vector<Token>>(&from);
    if (list && more) list->insert(list->end(), more->begin(), more->end());
    auto* const endpoints = std::get_if<std::vector<Endpoint>>(&to);
    const auto* const more_endpoints = std::get_if<std::vector<Endpoint>>(&from);
    if (endpoints && more_endpoints) {
      endpoints->insert(endpoints->end(), more_endpoints->begin(), more_endpoints->end());
    }
    return list || endpoints;
  }

  bool is_repeated(const DirectiveInfo& info, const Directive& directive) {
    const auto earlier = resource_.values.find(info.name);
    if (earlier == resource_.values.end() || !only_once(info)) return false;
    findings_.add(Severity::error, directive.at,
                  fmt::format("\"{}\" is given twice in this {}; it is first given on line {}",
                              directive.name, resource_.type, earlier->second.written_at.line),
                  Diagnostic::Kind::repeated);
    return true;
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
