#include <fmt/format.h>

#include <array>
#include <map>
#include <set>

#include "config/spelling.h"
#include "config/typed_config.h"

namespace shstore::config {
namespace {

constexpr std::array<std::string_view, 6> pool_types{"Backup",  "Copy",      "Cloned",
                                                     "Archive", "Migration", "Scratch"};

class DirChecker {
 public:
  DirChecker(std::span<const TypedResource> resources, Findings& findings) : findings_(findings) {
    for (const TypedResource& resource : resources) {
      of_type_[resource.type].push_back(&resource);
      if (const auto* const name = resource.find<std::string>("Name")) {
        by_name_.try_emplace({resource.name_space, *name}, &resource);
      }
    }
  }

  void run() {
    check_directors();
    check_devices();
    for (const TypedResource* job : of_type_["Job"]) check_job(*job);
    for (const TypedResource* pool : of_type_["Pool"]) check_pool(*pool);
    for (const TypedResource* console : of_type_["Console"]) check_tls(*console);
    for (const TypedResource* client : of_type_["Client"]) check_client_tls(*client);
    for (const TypedResource* statistics : of_type_["Statistics"]) check_statistics(*statistics);
  }

 private:
  using Resources = std::vector<const TypedResource*>;

  void check_directors() {
    const Resources& directors = of_type_["Director"];
    for (const TypedResource* director : directors) {
      check_addresses(*director, "Dir Addresses", "Dir Address", "Dir Port", findings_);
      check_tls(*director);
      if (director == directors.front()) continue;
      findings_.add(Severity::error, director->block->at,
                    fmt::format("only one Director resource is allowed; the first one is on line {}",
                                directors.front()->block->at.line),
                    Diagnostic::Kind::repeated);
    }
  }

  /// store_device() creates a Device for the first name of each directive only, and then wants to find them all.
  void check_devices() {
    std::set<std::string_view> known;
    const auto for_each_directive = [&](auto visit) {
      for (const std::string_view type : {"Storage", "Autochanger"}) {
        for (const TypedResource* storage : of_type_[type]) {
          for (const Directive& directive : storage->block->directives) {
            if (same_name(directive.name, "Device") && !directive.values.empty()) visit(directive);
          }
        }
      }
    };
    for_each_directive([&](const Directive& directive) { known.insert(directive.values[0].text); });
    for_each_directive([&](const Directive& directive) {
      for (size_t i = 1; i < directive.values.size() && directive.values[i - 1].follow == ','; ++i) {
        const Token& device = directive.values[i];
        if (known.contains(device.text)) continue;
        findings_.add(Severity::error, device.at,
                      fmt::format("Device: Bacula does not know \"{}\", because it stands first in no Device "
                                  "directive; write one directive for each device",
                                  device.text));
      }
    });
  }

  /// The value of a Job or of its JobDefs, or nullptr.
  const TypedValue* value_of(const TypedResource& job, std::string_view name) const {
    const auto found = job.values.find(name);
    if (found != job.values.end()) return &found->second;
    const TypedResource* const defs = referred(job, "JobDefs", "JobDefs");
    if (!defs) return nullptr;
    const auto inherited = defs->values.find(name);
    return inherited == defs->values.end() ? nullptr : &inherited->second;
  }

  const TypedResource* find(std::string_view type, std::string_view name) const {
    const auto found = by_name_.find({type, std::string(name)});
    return found == by_name_.end() ? nullptr : found->second;
  }

  const TypedResource* referred(const TypedResource& from, std::string_view directive, std::string_view type) const {
    const auto* const name = from.find<std::string>(directive);
    return name ? find(type, *name) : nullptr;
  }

  const TypedResource* pool_of(const TypedResource& job, std::string_view directive) const {
    const TypedValue* const value = value_of(job, directive);
    const auto* const name = value ? std::get_if<std::string>(&value->value) : nullptr;
    return name ? find("Pool", *name) : nullptr;
  }

  void check_job(const TypedResource& job) {
    bool is_complete = true;
    for (const DirectiveInfo& info : dir_directives().of("Job")) {
      if (!info.required || info.name == "Name" || value_of(job, info.name)) continue;
      is_complete = false;
      findings_.missing(job.block->at, fmt::format("{}: the required directive \"{}\" is missing, in its JobDefs too",
                                                   job.title(), info.name));
    }
    if (!is_complete) return;
    const TypedResource* const pool = pool_of(job, "Pool");
    if (pool && !value_of(job, "Storage") && !pool->values.contains("Storage")) {
      findings_.missing(job.block->at,
                        fmt::format("{}: neither it nor its {} names a Storage", job.title(), pool->title()));
    }
    check_scratch(job);
  }

  /// dird/ua_run.c, check_pool(): the Scratch pool only gives volumes to others.
  void check_scratch(const TypedResource& job) {
    const bool is_backup = is_word(job, "Type", "Backup");
    if (is_backup) refuse_scratch(job, "Pool");
    const bool writes_elsewhere = is_word(job, "Type", "Copy") || is_word(job, "Type", "Migrate") ||
                                  (is_backup && is_word(job, "Level", "VirtualFull"));
    if (writes_elsewhere) refuse_scratch(job, "Next Pool");
  }

  bool is_word(const TypedResource& job, std::string_view directive, std::string_view candidate) const {
    const TypedValue* const value = value_of(job, directive);
    const auto* const word = value ? std::get_if<std::string>(&value->value) : nullptr;
    return word && equal_ignoring_case(*word, candidate);
  }

  void refuse_scratch(const TypedResource& from, std::string_view directive) {
    const TypedValue* const value = value_of(from, directive);
    const auto* const name = value ? std::get_if<std::string>(&value->value) : nullptr;
    if (!name || *name != "Scratch") return;
    findings_.add(Severity::error, value->at,
                  fmt::format("{}: {} cannot be \"Scratch\", from which only other Pools take volumes", from.title(),
                              directive));
  }

  void check_pool(const TypedResource& pool) {
    refuse_scratch(pool, "Next Pool");
    const auto* const type = pool.find<std::string>("Pool Type");
    if (!type) return;
    for (const std::string_view known : pool_types) {
      if (equal_ignoring_case(*type, known)) return;
    }
    findings_.add(Severity::error, pool.values.at("Pool Type").at,
                  fmt::format("Pool Type: expected one of {}, found \"{}\"{}", fmt::join(pool_types, ", "), *type,
                              did_you_mean(*type, pool_types)));
  }

  static bool is_yes(const TypedResource& resource, std::string_view directive, bool otherwise = false) {
    const bool* const value = resource.find<bool>(directive);
    return value ? *value : otherwise;
  }

  static bool needs_tls(const TypedResource& resource) {
    return is_yes(resource, "TLS Require") || is_yes(resource, "TLS Enable") || is_yes(resource, "TLS Authenticate");
  }

  void check_tls(const TypedResource& resource) {
    if (!needs_tls(resource)) return;
    for (const std::string_view directive : {"TLS Certificate", "TLS Key"}) {
      if (!resource.values.contains(directive)) lacks_for_tls(resource, directive);
    }
    if (is_yes(resource, "TLS Verify Peer", true)) check_trust(resource);
  }

  void check_client_tls(const TypedResource& client) {
    if (needs_tls(client)) check_trust(client);
  }

  void check_trust(const TypedResource& resource) {
    if (resource.values.contains("TLS CA Certificate File")) return;
    if (!resource.values.contains("TLS CA Certificate Dir")) lacks_for_tls(resource, "TLS CA Certificate File");
  }

  void lacks_for_tls(const TypedResource& resource, std::string_view directive) {
    findings_.missing(resource.block->at,
                      fmt::format("{}: TLS is on, but \"{}\" is missing", resource.title(), directive));
  }

  void check_statistics(const TypedResource& statistics) {
    const auto* const type = statistics.find<std::string>("Type");
    if (!type) return;
    const std::string_view needed = equal_ignoring_case(*type, "CSV") ? "File" : "Host";
    if (statistics.values.contains(needed)) return;
    findings_.missing(statistics.block->at, fmt::format("{}: the directive \"{}\" is missing, which Type = {} requires",
                                                        statistics.title(), needed, *type));
  }

  Findings& findings_;
  std::map<std::string_view, Resources> of_type_;
  std::map<std::pair<std::string_view, std::string>, const TypedResource*> by_name_;
};

}  // namespace

void check_dir_resources(std::span<const TypedResource> resources, Findings& findings) {
  DirChecker(resources, findings).run();
  constexpr std::array<std::string_view, 3> needed{"Director", "Job", "Messages"};
  check_types(resources, needed, "bacula-dir", findings);
}

}  // namespace shstore::config
