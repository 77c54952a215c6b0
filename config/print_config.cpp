#include "config/print_config.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "config/print_values.h"
#include "config/spelling.h"

namespace shstore::config {
namespace {

constexpr const char* masked = "*";

bool is_secret(const DirectiveInfo& info) {
  return info.type == ValueType::password || info.name == "Secret Key" || info.name == "Access Key";
}

/// In the table's spelling.
Json keyword(const std::string& written, const DirectiveInfo& info) {
  for (const std::string_view word : split(info.keywords)) {
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
    case ValueType::block_size:
      return static_cast<int32_t>(static_cast<uint32_t>(value));
    default:
      return static_cast<int64_t>(value);
  }
}

class ValuePrinter {
 public:
  explicit ValuePrinter(const DirectiveInfo& info) : info_(info) {}

  Json operator()(std::monostate) const { return nullptr; }
  Json operator()(const std::string& text) const {
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
  return std::find(value.given_as.begin(), value.given_as.end(), &info) != value.given_as.end();
}

std::string_view slot_of(const DirectiveInfo& info) {
  return info.same_as.empty() ? info.name : info.same_as;
}

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
      case ValueType::messages:
        return put_destinations();
      case ValueType::addresses:
        return;
      case ValueType::address:
      case ValueType::port:
        return put_listening(info);
      case ValueType::autochanger:
        return put_autochanger();
      default:
        return put_value(row);
    }
  }

  void put_value(size_t row) {
    const DirectiveInfo& info = rows_[row];
    const std::string name = shown_name(info);
    const TypedValue* const value = find(info);
    if (name.empty() || !value || !is_shown(row, *value)) return;
    const auto* const scripts = std::get_if<std::vector<RunScript>>(&value->value);
    if (scripts && scripts->empty()) return;  // display_runscript()
    result_[name] = is_lost(info)                                  ? Json()
                    : options_.mask_secrets && is_secret(info) ? Json(masked)
                                                                   : std::visit(ValuePrinter(info), value->value);
  }

  const TypedValue* find(const DirectiveInfo& info) const {
    const auto found = resource_.values.find(slot_of(info));
    return found == resource_.values.end() ? nullptr : &found->second;
  }

  /// Given by this name, or by one that stands directly before it and is not shown itself (bdirjson.c, dump_json()).
  bool is_shown(size_t row, const TypedValue& value) const {
    if (is_given_as(value, rows_[row])) return true;
    for (size_t i = row; i > 0 && rows_[i - 1].shown == "-" && rows_[i - 1].same_as == rows_[row].name; --i) {
      if (is_given_as(value, rows_[i - 1])) return true;
    }
    return false;
  }

  /// save_resource() in dird_conf.c forgets the Pools of Copy Pool, and drops Where in favour of Regex Where.
  bool is_lost(const DirectiveInfo& info) const {
    if (info.program != Program::dir) return false;
    if (info.name == "Copy Pool") return true;
    if (info.name != "Where") return false;
    const auto is_given = [&](std::string_view name) { return resource_.values.contains(name); };
    return is_given("Regex Where") || is_given("Strip Prefix") || is_given("Add Prefix") || is_given("Add Suffix");
  }

  void put_destinations() {
    if (result_.contains("Destinations")) return;
    const bool has_any = std::any_of(
        resource_.block->directives.begin(), resource_.block->directives.end(), [&](const Directive& directive) {
          return std::any_of(rows_.begin(), rows_.end(), [&](const DirectiveInfo& row) {
            return row.type == ValueType::messages && same_name(directive.name, row.name);
          });
        });
    if (has_any) result_["Destinations"] = destinations_to_json(*resource_.block);
  }

  /// Of an address and a port to listen on, or of the first ones in an addresses block, only what differs from the
  /// default is shown.
  void put_listening(const DirectiveInfo& info) {
    const Endpoint* const first = first_endpoint();
    if (info.type == ValueType::address) {
      const bool has_block = std::any_of(rows_.begin(), rows_.end(), [&](const DirectiveInfo& row) {
        return row.type == ValueType::addresses && row.name.starts_with(info.name);
      });
      const auto* const written = resource_.find<std::string>(info.name);
      const std::string address = written                       ? *written
                                  : has_block && first ? *first->address
                                                       : std::string();
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
    const auto* const written = resource_.find<std::string>("Autochanger");
    const auto* const name = resource_.find<std::string>("Name");
    if (written && names_a_storage(*written)) {
      result_["Autochanger"] = *written;
    } else if (resource_.type == "Autochanger" || (written && (equal_ignoring_case(*written, "yes") ||
                                                                equal_ignoring_case(*written, "true")))) {
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
  for (const DirectiveInfo& info : dir_directives().of("Job")) {
    const DirectiveInfo* const of_defs = dir_directives().find("JobDefs", info.name);
    const auto inherited = defs.values.find(slot_of(info));
    if (inherited == defs.values.end() || !is_given_as(inherited->second, *of_defs)) continue;
    if (info.type == ValueType::speed || info.type == ValueType::run_script ||
        info.type == ValueType::short_run_script) {
      continue;
    }
    const auto [own, is_new] = job.values.try_emplace(slot_of(info));
    if (is_given_as(own->second, info)) continue;
    auto names = std::move(own->second.given_as);
    own->second = inherited->second;
    names.push_back(&info);
    own->second.given_as = std::move(names);
  }
  const auto own = job.values.find("RunScript");
  const auto* const more = defs.find<std::vector<RunScript>>("RunScript");
  if (own == job.values.end() || !more) return job;  // nor are its scripts shown if the Job has none
  if (auto* const scripts = std::get_if<std::vector<RunScript>>(&own->second.value)) {
    for (const RunScript& script : *more) scripts->push_back(script);
  }
  return job;
}

class ConfigPrinter {
 public:
  ConfigPrinter(const TypedConfig& config, const PrintOptions& options)
      : config_(config), directives_(config.program == Program::sd ? sd_directives() : dir_directives()),
        options_(options) {
    for (const TypedResource& resource : config.resources) {
      const auto* const name = resource.find<std::string>("Name");
      by_name_[resource.name_space].emplace(name ? *name : std::string(), &resource);
    }
  }

  Json run() {
    Json result = Json::array();
    for (const std::string_view type : directives_.types()) {
      for (const auto& [name, resource] : by_name_[type]) {
        Json shown = print(*resource);
        result.push_back(options_.only_data ? std::move(shown) : Json{{std::string(type), std::move(shown)}});
      }
    }
    return result;
  }

 private:
  Json print(const TypedResource& resource) {
    const auto rows = directives_.of(resource.type);
    const auto* const defs = resource.find<std::string>("JobDefs");
    if (config_.program == Program::dir && resource.type == "Job" && defs && options_.apply_job_defs) {
      const auto found = by_name_["JobDefs"].find(*defs);
      if (found != by_name_["JobDefs"].end()) {
        const TypedResource whole = with_job_defs(resource, *found->second);
        return ResourcePrinter(whole, rows, options_).run();
      }
    }
    return ResourcePrinter(resource, rows, options_).run();
  }

  const TypedConfig& config_;
  const DirectiveTable& directives_;
  const PrintOptions& options_;
  std::map<std::string_view, std::multimap<std::string, const TypedResource*>> by_name_;
};

}  // namespace

nlohmann::ordered_json to_json(const TypedConfig& config, const PrintOptions& options) {
  return ConfigPrinter(config, options).run();
}

tl::expected<std::string, Unprintable> print_config(Program program, const std::string& path, FileReader& reader,
                                                    const PrintOptions& options) {
  TypedConfig config = load_typed_config(program, path, reader);
  if (config.has_errors()) {
    return tl::make_unexpected(Unprintable{std::move(config.document.files), std::move(config.document.diagnostics)});
  }
  return to_json(config, options).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace shstore::config
