#include "config/print_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "config/print_values.h"
#include "config/resource_checks.h"
#include "config/resources.h"
#include "config/spelling.h"
#include "config/version.h"

namespace shstore::config {
namespace {

constexpr int kNewerListOfTypes = 11;

constexpr const char* kMasked = "*";

bool is_secret(const DirectiveInfo& info) {
  return info.type == ValueType::password || info.name == "Secret Key" || info.name == "Access Key";
}

/// In the table's spelling. Of two words for one thing the tools show the first (stored_conf.c, upload_opt[]).
Json keyword(std::string_view written, const DirectiveInfo& info) {
  if (info.name == "Upload" && equal_ignoring_case(written, "Manual")) return "No";
  for (const std::string_view word : keywords_of(info.keywords)) {
    if (equal_ignoring_case(word, written)) return word;
  }
  return written;
}

/// Bacula shows numbers of 32 bits with a sign.
Json number(uint64_t value, ValueType type) {
  switch (type) {
    case ValueType::pint32:
    case ValueType::integer:
    case ValueType::size32:
    case ValueType::block_size: return static_cast<int32_t>(static_cast<uint32_t>(value));
    default: return static_cast<int64_t>(value);
  }
}

class ValuePrinter {
 public:
  explicit ValuePrinter(const DirectiveInfo& info) : info_(info) {}

  Json operator()(std::monostate) const { return nullptr; }
  Json operator()(std::string_view text) const {
    return info_.type == ValueType::keyword ? keyword(text, info_) : Json(text);
  }
  Json operator()(bool value) const { return value; }
  Json operator()(uint64_t value) const { return number(value, info_.type); }
  Json operator()(const std::vector<Token>& words) const {
    Json result = Json::array();
    for (const Token& word : words) result.push_back(word.text);
    return result;
  }
  Json operator()(const std::vector<Endpoint>&) const { return nullptr; }
  Json operator()(const std::vector<ScheduleRun>& runs) const { return to_json(std::span(runs)); }
  Json operator()(const std::vector<RunScript>& scripts) const { return to_json(std::span(scripts)); }
  Json operator()(const std::vector<FileSetBlock>& blocks) const {
    return info_.name == "Exclude" ? excludes_to_json(blocks) : includes_to_json(blocks);
  }

 private:
  const DirectiveInfo& info_;
};

bool is_given_as(const TypedValue& value, const DirectiveInfo& info) {
  if (info.same_as.empty()) return value.by_own_name;
  return std::any_of(value.by_others.begin(), value.by_others.end(),
                     [&](const DirectiveInfo* other) { return other->name == info.name; });
}

std::string_view kept_as(const DirectiveInfo& info) { return info.same_as.empty() ? info.name : info.same_as; }

class ResourcePrinter {
 public:
  ResourcePrinter(const TypedResource& resource, std::span<const DirectiveInfo> rows, const PrintOptions& options)
      : resource_(resource), rows_(rows), options_(options) {}

  Json run() {
    for (size_t i = 0; i < rows_.size(); ++i) put(i);
    return std::move(result_);
  }

 private:
  void put(size_t row) {
    const DirectiveInfo& info = rows_[row];
    switch (info.type) {
      case ValueType::messages: return put_destinations();
      case ValueType::addresses: return;
      case ValueType::address:
      case ValueType::port: return put_listening(info);
      case ValueType::autochanger: return put_autochanger();
      default: return put_value(row);
    }
  }

  void put_value(size_t row) {
    const DirectiveInfo& info = rows_[row];
    const std::string name = shown_name(info);
    const TypedValue* const value = resource_.find(kept_as(info));
    if (name.empty() || !value || !is_shown(row, *value)) return;
    const auto* const scripts = std::get_if<std::vector<RunScript>>(&value->value);
    if (scripts && scripts->empty()) return;  // display_runscript()
    if (is_lost(info)) {
      result_[name] = info.type == ValueType::boolean ? Json(false) : Json();
    } else if (options_.mask_secrets && is_secret(info)) {
      result_[name] = kMasked;
    } else {
      result_[name] = std::visit(ValuePrinter(info), value->value);
    }
  }

  /// Given by this name, or by one that stands directly before it and is not shown itself (bdirjson.c, dump_json()).
  bool is_shown(size_t row, const TypedValue& value) const {
    if (is_given_as(value, rows_[row])) return true;
    for (size_t i = row; i > 0 && rows_[i - 1].shown == "-" && rows_[i - 1].same_as == rows_[row].name; --i) {
      if (is_given_as(value, rows_[i - 1])) return true;
    }
    return false;
  }

  /// save_resource() in dird_conf.c forgets the Pools of Copy Pool, and drops Where in favour of Regex Where. Multiple
  /// Connections is a bit that Bacula has no room for.
  bool is_lost(const DirectiveInfo& info) const {
    if (info.program != Program::dir) return false;
    if (info.name == "Copy Pool" || info.name == "Multiple Connections") return true;
    if (info.name != "Where") return false;
    const auto is_given = [&](std::string_view name) { return resource_.find(name) != nullptr; };
    return is_given("Regex Where") || is_given("Strip Prefix") || is_given("Add Prefix") || is_given("Add Suffix");
  }

  void put_destinations() {
    if (result_.contains("Destinations")) return;
    const bool has_any = std::any_of(resource_.block->directives.begin(), resource_.block->directives.end(),
                                     [&](const Directive& directive) {
                                       return std::any_of(rows_.begin(), rows_.end(), [&](const DirectiveInfo& row) {
                                         return row.type == ValueType::messages && same_name(directive.name, row.name);
                                       });
                                     });
    if (!has_any) return;
    Json shown = destinations_to_json(*resource_.block, options_.version >= kNewerListOfTypes);
    for (Json& destination : shown) {
      if (options_.version >= kNewerListOfTypes) leave_out_implied(destination["MsgTypes"]);
    }
    result_["Destinations"] = std::move(shown);
  }

  /// 15.0.3 does not show what `all` never includes.
  static void leave_out_implied(Json& types) {
    if (types.empty() || types.front() != "All") return;
    Json rest = Json::array();
    for (Json& type : types) {
      if (type != "!Debug" && type != "!Saved" && type != "!Events") rest.push_back(std::move(type));
    }
    types = std::move(rest);
  }

  /// Of an address and a port to listen on, or of the first ones in an addresses block, only what differs from the
  /// default is shown.
  void put_listening(const DirectiveInfo& info) {
    const Endpoint* const first = first_endpoint();
    if (info.type == ValueType::address) {
      const bool has_block = std::any_of(rows_.begin(), rows_.end(), [&](const DirectiveInfo& row) {
        return row.type == ValueType::addresses && row.name.starts_with(info.name);
      });
      const auto* const written = resource_.find<std::string_view>(info.name);
      const std::string address(written ? *written : has_block && first ? std::string_view(*first->address) : "");
      if (!address.empty() && address != "0.0.0.0") result_[shown_name(info)] = address;
      return;
    }
    const auto* const written = resource_.find<uint64_t>(info.name);
    const uint64_t port = written ? *written : first && first->port.given ? *first->port : 0;
    if (port != 0 && std::to_string(port) != info.default_value) result_[shown_name(info)] = port;
  }

  const Endpoint* first_endpoint() const {
    for (const DirectiveInfo& row : rows_) {
      if (row.type != ValueType::addresses) continue;
      const auto* const endpoints = resource_.find<std::vector<Endpoint>>(row.name);
      if (endpoints && !endpoints->empty()) return &endpoints->front();
    }
    return nullptr;
  }

  /// `yes` means the storage itself, and so does an Autochanger resource whatever it says.
  void put_autochanger() {
    const auto* const written = resource_.find<std::string_view>("Autochanger");
    const auto* const name = resource_.find<std::string_view>("Name");
    if (written && names_a_storage(*written)) {
      result_["Autochanger"] = *written;
    } else if (resource_.type == "Autochanger" ||
               (written && (equal_ignoring_case(*written, "yes") || equal_ignoring_case(*written, "true")))) {
      result_["Autochanger"] = name ? Json(*name) : Json();
    }
  }

  const TypedResource& resource_;
  std::span<const DirectiveInfo> rows_;
  const PrintOptions& options_;
  Json result_ = Json::object();
};

/// bdirjson.c, check_resources(): the values of a Job that only its JobDefs has. Speeds are left out there.
TypedResource with_job_defs(TypedResource job, const TypedResource& defs) {
  const auto find = [&](std::string_view name) -> TypedValue* {
    const auto is_it = [&](const TypedValue& value) { return value.info->name == name; };
    const auto found = std::find_if(job.values.begin(), job.values.end(), is_it);
    return found == job.values.end() ? nullptr : &*found;
  };
  for (const DirectiveInfo& info : dir_directives().of("Job")) {
    const TypedValue* const inherited = defs.find(kept_as(info));
    if (!inherited || !is_given_as(*inherited, info)) continue;
    if (info.type == ValueType::speed || kept_as(info) == "RunScript") continue;
    TypedValue* own = find(kept_as(info));
    if (own && is_given_as(*own, info)) continue;
    if (!own) own = &job.values.emplace_back();
    TypedValue merged = *inherited;
    merged.by_own_name = own->by_own_name || info.same_as.empty();
    merged.by_others = own->by_others;
    if (!info.same_as.empty()) merged.by_others.push_back(&info);
    *own = std::move(merged);
  }
  TypedValue* const own = find("RunScript");
  const auto* const more = defs.find<std::vector<RunScript>>("RunScript");
  auto* const scripts = own ? std::get_if<std::vector<RunScript>>(&own->value) : nullptr;
  if (!scripts || !more) return job;  // nor are the scripts of its JobDefs shown if the Job has none
  for (const RunScript& script : *more) scripts->push_back(script);
  return job;
}

/// Takes resources one by one. Jobs wait until all JobDefs are known.
class ConfigPrinter {
 public:
  ConfigPrinter(const DirectiveTable& directives, const PrintOptions& options)
      : directives_(directives), options_(options) {}

  void add(const TypedResource& resource) {
    const auto* const name = resource.find<std::string_view>("Name");
    if (&directives_ == &dir_directives() && options_.apply_job_defs) {
      if (resource.type == "JobDefs" && name) job_defs_.try_emplace(*name, resource);
      if (resource.type == "Job") return jobs_.push_back(resource);
    }
    put(resource);
  }

  Json run() {
    for (const TypedResource& job : jobs_) {
      const auto* const wanted = job.find<std::string_view>("JobDefs");
      const auto defs = wanted ? job_defs_.find(*wanted) : job_defs_.end();
      put(defs == job_defs_.end() ? job : with_job_defs(job, defs->second));
    }
    mark_listed_devices();
    Json result = Json::array();
    for (const std::string_view type : directives_.types()) {
      for (auto& [name, shown] : shown_[type]) {
        result.push_back(options_.only_data ? std::move(shown) : Json{{std::string(type), std::move(shown)}});
      }
    }
    return result;
  }

 private:
  /// bacula-sd takes every Device that an Autochanger lists for a part of it, whatever the Device says.
  void mark_listed_devices() {
    for (auto& [name, shown] : shown_["Device"]) {
      if (listed_.contains(name) && shown.contains("Autochanger")) shown["Autochanger"] = true;
    }
  }

  void note_listed(const TypedResource& resource) {
    if (&directives_ != &sd_directives() || resource.type != "Autochanger") return;
    const auto* const devices = resource.find<std::vector<Token>>("Device");
    if (!devices) return;
    for (const Token& device : *devices) listed_.insert(device.text);
  }

  void put(const TypedResource& resource) {
    note_listed(resource);
    const auto* const name = resource.find<std::string_view>("Name");
    shown_[resource.name_space].emplace(name ? *name : std::string_view(),
                                        ResourcePrinter(resource, directives_.of(resource.type), options_).run());
  }

  const DirectiveTable& directives_;
  const PrintOptions& options_;
  std::vector<TypedResource> jobs_;
  std::set<std::string_view> listed_;  ///< Devices of Autochangers
  std::map<std::string_view, TypedResource> job_defs_;
  std::map<std::string_view, std::multimap<std::string_view, Json>> shown_;
};

}  // namespace

bool PrintedConfig::has_errors() const {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
}

PrintedConfig print_resources(Program program, const std::string& path, FileReader& reader,
                              const PrintOptions& options) {
  const Daemon& daemon = program == Program::sd ? bacula_sd() : bacula_dir();
  ConfigPrinter printer(daemon.directives, options);
  SdChecker sd;
  DirChecker dir;
  LoadedText text = load_resources(
      path, reader, options.load, daemon,
      [&](const TypedResource& resource, Findings& findings) {
        if (program == Program::sd) sd.add(resource, findings);
        if (program == Program::dir) dir.add(resource, findings);
        printer.add(resource);
        return true;
      },
      [&](Findings& findings) { dir.report(findings); });
  for (const UnknownDirective& unknown : text.unknown) {
    if (options.version == 0 || unknown.since <= options.version) continue;
    text.diagnostics.push_back({Severity::error, unknown.directive.at,
                                fmt::format("Bacula {} does not know \"{}\" in {}", to_text(options.version),
                                            unknown.directive.name, unknown.resource),
                                Diagnostic::Kind::unknown_directive});
  }
  for (const VersionBound& bound : text.bound) {
    if (options.version == 0 || accepts(options.version, bound)) continue;
    text.diagnostics.push_back(
        {Severity::error, bound.at, fmt::format("Bacula {} refuses {}", to_text(options.version), bound.what)});
  }
  std::string json = printer.run().dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  return {std::move(json), std::move(text.files), std::move(text.diagnostics)};
}

tl::expected<std::string, Unprintable> print_config(Program program, const std::string& path, FileReader& reader,
                                                    const PrintOptions& options) {
  PrintedConfig printed = print_resources(program, path, reader, options);
  const auto is_refused = [&](const Diagnostic& diagnostic) {
    using Kind = Diagnostic::Kind;
    if (diagnostic.severity == Severity::error) return true;
    return !options.may_be_a_part &&
           (diagnostic.kind == Kind::unknown_directive || diagnostic.kind == Kind::unknown_type ||
            (diagnostic.kind == Kind::missing && diagnostic.at.line == 0));
  };
  if (std::none_of(printed.diagnostics.begin(), printed.diagnostics.end(), is_refused)) return std::move(printed.json);
  return tl::make_unexpected(Unprintable{std::move(printed.files), std::move(printed.diagnostics)});
}

}  // namespace shstore::config
