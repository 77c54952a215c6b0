#include "config/resource_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "config/dropped.h"
#include "config/messages.h"
#include "config/spelling.h"
#include "config/typed_value.h"
#include "config/values.h"

namespace shstore::config {
namespace {

constexpr int kOldestVersion = 9;  // 9.6.7, see DirectiveInfo::since

class ResourceReader {
 public:
  ResourceReader(const Block& block, const ResourceType& type, const DirectiveTable& directives, Findings& findings,
                 TypedResource& resource)
      : resource_(resource), type_(type), directives_(directives), findings_(findings) {
    resource_.type = type.name;
    resource_.block = &block;
    resource_.name_space = resource_.type;
    resource_.values.clear();
    resource_.references.clear();
  }

  void run() {
    note_version_of_type();
    for (const Directive& directive : resource_.block->directives) read(directive);
    if (&directives_ == &dir_directives() && resource_.type == "Autochanger") resource_.name_space = "Storage";
    for (const DirectiveInfo* info : type_.required) require(*info);
  }

 private:
  /// That of its Name. Its other directives are as old, so that nothing is said of each.
  void note_version_of_type() {
    const DirectiveInfo* const name = directives_.find(type_, "Name");
    if (!name || name->since <= kOldestVersion || name->since == kEnterpriseOnly) return;
    is_newer_type_ = true;
    findings_.diagnostics.depends(resource_.block->at, fmt::format("the resource {}", type_.name), name->since);
  }

  TypedValue* find(const DirectiveInfo& info) {
    const auto is_it = [&](const TypedValue& value) { return value.info == &info; };
    const auto found = std::find_if(resource_.values.begin(), resource_.values.end(), is_it);
    return found == resource_.values.end() ? nullptr : &*found;
  }

  /// The directive under which Bacula keeps the value of this one.
  const DirectiveInfo& kept_as(const DirectiveInfo& info) const {
    return info.same_as.empty() ? info : *directives_.find(type_, info.same_as);
  }

  /// A directive does not count as given by another of its names. A Job may take from its JobDefs what it lacks, so
  /// that dir_checks.cpp knows what is missing there.
  void require(const DirectiveInfo& info) {
    const bool is_job = resource_.type == "Job" || resource_.type == "JobDefs";
    if (is_job && info.name != "Name") return;
    const TypedValue* const value = find(info);
    if (value && value->by_own_name) return;
    const Location& at = resource_.block->at;
    if (info.required) {
      return findings_.missing(
          at, fmt::format("{}: the required directive \"{}\" is missing", resource_.title(), info.name));
    }
    findings_.add(Severity::warning, at,
                  fmt::format("{}: the directive \"{}\" is missing, which Bacula before {} requires", resource_.title(),
                              info.name, info.required_before),
                  Diagnostic::Kind::missing);
  }

  void read(const Directive& directive) {
    const DirectiveInfo* info = directives_.find(type_, directive.name);
    if (!info) return unknown(directive);
    if (info->since == kEnterpriseOnly) {
      refuse_enterprise(directive);
    } else if (info->since > kOldestVersion && !is_newer_type_) {
      remember(directive, info->since);
    }
    if (info->gone > 0) {
      findings_.diagnostics.depends(directive.at, fmt::format("\"{}\" in {}", info->name, resource_.type), info->since,
                                    info->gone);
    }
    if (directive.broken) return store(*info, directive, AnyValue());
    if (is_placeholder(directive)) return store(*info, directive, placeholder_value(*info, directive));
    if (!directive.block.empty() && !has_block(info->type)) {
      complain(directive, "expected a value, found a block");
      return store(*info, directive, AnyValue());
    }
    if (is_repeated(*info, directive)) return;
    switch (info->type) {
      case ValueType::addresses: return read_addresses(*info, directive);
      case ValueType::messages: return check_destination(directive);
      case ValueType::run: return read_schedule_run(*info, directive);
      case ValueType::run_script: return read_scripts(*info, directive);
      case ValueType::short_run_script: return read_short_script(*info, directive);
      case ValueType::file_set:
        return store(*info, directive,
                     std::vector{read_file_set_block(directive, info->name == "Exclude", findings_.diagnostics)});
      default: return read_value(*info, directive);
    }
  }

  void read_schedule_run(const DirectiveInfo& info, const Directive& directive) {
    const auto run = read_run(directive, findings_.diagnostics);
    if (run && !directive.values.empty() && directive.values.back().separator == '}') {
      complain(directive,
               "Bacula reads the } on this line as a part of the time: put a ; before it, or the } on the next line");
    }
    if (!run) return store(info, directive, AnyValue());
    for (const auto* const pool :
         {&run->pool, &run->full_pool, &run->incremental_pool, &run->differential_pool, &run->next_pool}) {
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
    report_dropped(directive, 1, false, findings_.diagnostics);
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

  /// A text stands for what it will be, so that nobody misses the directive; of the rest nothing is known.
  static AnyValue placeholder_value(const DirectiveInfo& info, const Directive& directive) {
    const bool is_text = info.type == ValueType::string || info.type == ValueType::strname ||
                         info.type == ValueType::directory || info.type == ValueType::password;
    return is_text ? AnyValue(directive.values[0].text) : AnyValue();
  }

  /// The word stream has told of it. No other unquoted word begins with an @.
  static bool is_placeholder(const Directive& directive) {
    return !directive.values.empty() && !directive.values[0].quoted && directive.values[0].text.starts_with('@');
  }

  void read_value(const DirectiveInfo& info, const Directive& directive) {
    Parsed<AnyValue> value = typed(info, directive.values);
    if (has_typographic_quotes(directive)) {
      findings_.add(
          value ? Severity::warning : Severity::error, directive.values[0].at,
          fmt::format("{}: the quotes around this value are typographic: to Bacula they are letters, and a blank "
                      "ends the value",
                      directive.name),
          Diagnostic::Kind::quotes);
      return store(info, directive, value ? std::move(*value) : AnyValue());
    }
    if (!value) {
      complain(directive, value.error());
      return store(info, directive, AnyValue());
    }
    if (is_quantity(info) && swallows_brace(directive)) {
      complain(directive,
               "Bacula takes the } behind this blank for a unit, and the block is not closed: put a ; before it");
    }
    if (info.type == ValueType::directory) warn_of_shell(directive);
    if (info.type == ValueType::keyword) note_keyword(info, directive);
    report_rest(info, directive);
    store(info, directive, std::move(*value));
  }

  /// A value that begins with one of U+2018 to U+201F, or with a guillemet.
  static bool has_typographic_quotes(const Directive& directive) {
    if (directive.values.empty() || directive.values[0].quoted) return false;
    const std::string_view text = directive.values[0].text;
    return (text.starts_with("\xE2\x80") && text.size() > 2 && text[2] >= '\x98' && text[2] <= '\x9F') ||
           text.starts_with("\xC2\xAB") || text.starts_with("\xC2\xBB");
  }

  /// store_int_unit() and store_time() read on behind a blank, whatever comes.
  static bool swallows_brace(const Directive& directive) {
    const Token& last = directive.values.back();
    return last.separator == '}' && last.follow == ' ' &&
           words_of_quantity(directive.values) == directive.values.size();
  }

  void note_keyword(const DirectiveInfo& info, const Directive& directive) {
    const std::string_view word = directive.values[0].text;
    const int since = keyword_since(info.keywords, word);
    if (since <= info.since || is_newer_type_) return;
    findings_.diagnostics.depends(directive.values[0].at, fmt::format("{} = {}", info.name, word), since);
  }

  /// Lists judge all of their line themselves, and behind one word of an address the next directive may begin.
  void report_rest(const DirectiveInfo& info, const Directive& directive) {
    switch (info.type) {
      case ValueType::reference_list:
      case ValueType::string_list:
      case ValueType::devices:
      case ValueType::acl:
      case ValueType::address:
      case ValueType::port: return;
      default: break;
    }
    const size_t taken = is_quantity(info) ? words_of_quantity(directive.values) : 1;
    if (directive.values.size() == taken && directive.values[taken - 1].separator == 0) return;
    report_dropped(directive, taken, info.type == ValueType::password, findings_.diagnostics);
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
    if (!destination) return findings_.add(Severity::error, destination.error().at, destination.error().message);
    for (const auto& [type, since, at] : destination->newer) {
      findings_.diagnostics.depends(at, fmt::format("the message type {}", type), since);
    }
    report_dropped(directive, destination->words, false, findings_.diagnostics);
  }

  /// Lists grow when they are given again, and what is wrong with one line is no reason to forget the others; of other
  /// values the last one counts.
  void store(const DirectiveInfo& info, const Directive& directive, AnyValue value) {
    const DirectiveInfo& kept = kept_as(info);
    TypedValue* stored = find(kept);
    if (stored) note_name(info, *stored);
    if (stored && (append(stored->value, value) || (is_list(stored->value) && is_unusable(value)))) return;
    if (!stored) {
      stored = &resource_.values.emplace_back();
      note_name(info, *stored);
    }
    stored->info = &kept;
    stored->written_at = directive.at;
    stored->at = directive.values.empty() ? directive.at : directive.values[0].at;
    stored->length = length_of(info, directive);
    stored->value = std::move(value);
  }

  static void note_name(const DirectiveInfo& info, TypedValue& value) {
    if (info.same_as.empty()) {
      value.by_own_name = true;
    } else if (std::find(value.by_others.begin(), value.by_others.end(), &info) == value.by_others.end()) {
      value.by_others.push_back(&info);
    }
  }

  bool is_repeated(const DirectiveInfo& info, const Directive& directive) {
    if (!only_once(info) && info.type != ValueType::autochanger) return false;
    TypedValue* const earlier = find(kept_as(info));
    if (!earlier) return false;
    if (info.type == ValueType::autochanger && !names_two_storages(directive, *earlier)) return false;
    findings_.add(Severity::error, directive.at,
                  fmt::format("\"{}\" is given twice in this {}; it is first given on line {}", directive.name,
                              resource_.type, earlier->written_at.line),
                  Diagnostic::Kind::repeated);
    note_name(info, *earlier);
    return true;
  }

  static bool names_two_storages(const Directive& directive, const TypedValue& earlier) {
    const auto* const first = std::get_if<std::string_view>(&earlier.value);
    return first && names_a_storage(*first) && !directive.values.empty() && names_a_storage(directive.values[0].text);
  }

  /// do_shell_expansion() hands such a value to `sh -c "echo ..."`, which is not done here.
  void warn_of_shell(const Directive& directive) {
    const std::string_view value = directive.values[0].text;
    if (value.starts_with('|') || value.find_first_of("~\\$[]*?`'<>\"") == std::string_view::npos) return;
    findings_.add(
        Severity::warning, directive.values[0].at,
        fmt::format("{}: Bacula lets a shell expand \"{}\"; shstore takes it as it stands", directive.name, value),
        Diagnostic::Kind::not_expanded);
  }

  void unknown(const Directive& directive) {
    remember(directive, 0);
    if (resource_.type == "Dedupengine") return;  // its directives are not in Bacula's public source
    findings_.add(
        Severity::warning, directive.at,
        fmt::format("unknown directive \"{}\" in {}{}", directive.name, resource_.type, suggestion(directive.name)),
        Diagnostic::Kind::unknown_directive);
  }

  void remember(const Directive& directive, int since) {
    if (findings_.unknown.size() >= findings_.most_unknown) return;
    findings_.unknown.push_back({std::string(resource_.type), directive, since});
  }

  std::string suggestion(std::string_view name) {
    if (findings_.suggestions == 0) return {};
    --findings_.suggestions;
    std::vector<std::string_view> known, elsewhere;
    for (const DirectiveInfo& info : directives_.rows()) {
      if (info.resource == resource_.type) known.push_back(info.name);
      if (same_name(name, info.name)) elsewhere.push_back(info.resource);
    }
    if (!elsewhere.empty()) return fmt::format("; it belongs in {}", fmt::join(elsewhere, " or "));
    const auto best = nearest(name, known);
    return best.empty() || is_taken(best) ? std::string() : did_you_mean(name, {&best, 1});
  }

  // Found by fuzz_fix: what may stand there only once, and does, was not meant; nor are two wrong words the same right one.
  bool is_taken(std::string_view name) {
    const DirectiveInfo* const info = directives_.find(resource_.type, name);
    if (info == nullptr || !only_once(*info)) return false;
    const auto is_it = [&](std::string_view other) {
      return same_name(other, name) || same_name(other, kept_as(*info).name);
    };
    const auto& directives = resource_.block->directives;
    if (std::any_of(directives.begin(), directives.end(), [&](const Directive& d) { return is_it(d.name); }))
      return true;
    if (std::any_of(suggested_.begin(), suggested_.end(), is_it)) return true;
    suggested_.push_back(name);
    return false;
  }

  void complain(const Directive& directive, const std::string& problem) {
    const Location& at = directive.values.empty() ? directive.at : directive.values[0].at;
    findings_.add(Severity::error, at, fmt::format("{}: {}", directive.name, problem));
  }

  std::vector<std::string_view> suggested_{};
  bool is_newer_type_ = false;
  TypedResource& resource_;
  const ResourceType& type_;
  const DirectiveTable& directives_;
  Findings& findings_;
};

}  // namespace

bool names_a_storage(std::string_view autochanger) {
  const std::array<std::string_view, 4> answers{"yes", "no", "true", "false"};
  return std::none_of(answers.begin(), answers.end(),
                      [&](std::string_view answer) { return equal_ignoring_case(autochanger, answer); });
}

const TypedValue* TypedResource::find(std::string_view name) const {
  const auto is_it = [&](const TypedValue& value) { return value.info->name == name; };
  const auto found = std::find_if(values.begin(), values.end(), is_it);
  return found == values.end() ? nullptr : &*found;
}

std::string TypedResource::title() const {
  const auto* const name = find<std::string_view>("Name");
  return name ? fmt::format("{} \"{}\"", type, *name) : std::string(type);
}

void read_resource(const Block& block, const ResourceType& type, const DirectiveTable& directives, Findings& findings,
                   TypedResource& resource) {
  ResourceReader(block, type, directives, findings, resource).run();
}

}  // namespace shstore::config
