#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "config/resource_checks.h"
#include "config/spelling.h"

namespace shstore::config {
namespace {

constexpr std::array<std::string_view, 6> kPoolTypes{"Backup", "Copy", "Cloned", "Archive", "Migration", "Scratch"};

std::string_view text_of(const TypedResource& resource, std::string_view directive) {
  const auto* const text = resource.find<std::string_view>(directive);
  return text ? *text : std::string_view();
}

Location place_of(const TypedResource& resource, std::string_view directive) {
  const TypedValue* const value = resource.find(directive);
  return value ? value->at : Location{};
}

void check_statistics(const TypedResource& statistics, Findings& findings) {
  const std::string_view type = text_of(statistics, "Type");
  const std::string_view needed = equal_ignoring_case(type, "CSV") ? "File" : "Host";
  if (type.empty() || statistics.find(needed)) return;
  findings.missing(statistics.block->at, fmt::format("{}: the directive \"{}\" is missing, which Type = {} requires",
                                                     statistics.title(), needed, type));
}

std::string refusal_of_scratch(std::string_view type, std::string_view name, std::string_view directive) {
  return fmt::format("{} \"{}\": {} cannot be \"Scratch\", from which only other Pools take volumes", type, name,
                     directive);
}

}  // namespace

void DirChecker::add(const TypedResource& resource, Findings& findings) {
  const std::string_view type = resource.type;
  if (type == "Director") {
    add_director(resource, findings);
  } else if (type == "Storage" || type == "Autochanger") {
    add_devices(resource);
  } else if (type == "Job") {
    jobs_.push_back(facts_of(resource));
  } else if (type == "JobDefs") {
    Facts facts = facts_of(resource);
    job_defs_.try_emplace(facts.name, std::move(facts));
  } else if (type == "Pool") {
    check_pool(resource, findings);
  } else if (type == "Statistics") {
    check_statistics(resource, findings);
  }
  if (type == "Director" || type == "Console" || type == "Client") check_tls(resource, findings);
}

void DirChecker::report(Findings& findings) const {
  report_devices(findings);
  for (const Facts& job : jobs_) report_job(job, findings);
}

DirChecker::Facts DirChecker::facts_of(const TypedResource& resource) {
  Facts facts;
  facts.at = resource.block->at;
  facts.name = text_of(resource, "Name");
  facts.job_defs = text_of(resource, "JobDefs");
  facts.type = text_of(resource, "Type");
  facts.level = text_of(resource, "Level");
  facts.pool = {text_of(resource, "Pool"), place_of(resource, "Pool")};
  facts.next_pool = {text_of(resource, "Next Pool"), place_of(resource, "Next Pool")};
  facts.has_storage = resource.find("Storage") != nullptr;
  for (const TypedValue& value : resource.values) {
    if (value.info->required) facts.given.insert(value.info->name);
  }
  return facts;
}

void DirChecker::add_director(const TypedResource& director, Findings& findings) {
  const TypedValue* const addresses = director.find("Dir Addresses");
  // lib/address_conf.c, add_address() refuses a mixture.
  if (addresses && (director.find("Dir Address") || director.find("Dir Port"))) {
    findings.add(Severity::error, addresses->written_at,
                 "DirAddresses cannot be combined with DirAddress or DirPort: put the port into the block");
  }
  const Location& at = director.block->at;
  if (director_line_ > 0) {
    findings.add(Severity::error, at,
                 fmt::format("only one Director resource is allowed; the first one is on line {}", director_line_),
                 Diagnostic::Kind::repeated);
  } else {
    director_line_ = at.line;
  }
}

/// store_device() makes a Device of the first name of each directive only, and then wants to find them all.
void DirChecker::add_devices(const TypedResource& storage) {
  for (const Directive& directive : storage.block->directives) {
    if (!same_name(directive.name, "Device") || directive.values.empty()) continue;
    devices_.insert(directive.values[0].text);
    for (size_t i = 1; i < directive.values.size() && directive.values[i - 1].follow == ','; ++i) {
      other_devices_.push_back({directive.values[i].text, directive.values[i].at});
    }
  }
}

void DirChecker::report_devices(Findings& findings) const {
  for (const auto& [name, at] : other_devices_) {
    if (devices_.contains(name)) continue;
    findings.add(Severity::error, at,
                 fmt::format("Device: Bacula does not know \"{}\", because it stands first in no Device directive; "
                             "write one directive for each device",
                             name));
  }
}

void DirChecker::check_pool(const TypedResource& pool, Findings& findings) {
  const Facts facts = facts_of(pool);
  pools_.try_emplace(facts.name, facts);
  if (facts.next_pool.name == "Scratch") {
    findings.add(Severity::error, facts.next_pool.at, refusal_of_scratch("Pool", facts.name, "Next Pool"));
  }
  const std::string_view type = text_of(pool, "Pool Type");
  const auto is_type = [&](std::string_view known) { return equal_ignoring_case(type, known); };
  if (type.empty() || std::any_of(kPoolTypes.begin(), kPoolTypes.end(), is_type)) return;
  findings.add(Severity::error, place_of(pool, "Pool Type"),
               fmt::format("Pool Type: expected one of {}, found \"{}\"{}", fmt::join(kPoolTypes, ", "), type,
                           did_you_mean(type, kPoolTypes)));
}

/// A Job has what it is given and what it takes from its JobDefs, but not what those take from theirs.
void DirChecker::report_job(const Facts& own, Findings& findings) const {
  const auto found = job_defs_.find(own.job_defs);
  const Facts nothing;
  const Facts& defs = found == job_defs_.end() ? nothing : found->second;
  bool is_complete = true;
  for (const DirectiveInfo* info : dir_directives().type("Job")->required) {
    if (info->name == "Name" || own.given.contains(info->name) || defs.given.contains(info->name)) continue;
    is_complete = false;
    findings.missing(own.at, fmt::format("Job \"{}\": the required directive \"{}\" is missing, in its JobDefs too",
                                         own.name, info->name));
  }
  if (!is_complete) return;
  const Name& pool_name = own.pool.name.empty() ? defs.pool : own.pool;
  const auto pool = pools_.find(pool_name.name);
  if (!own.has_storage && !defs.has_storage && pool != pools_.end() && !pool->second.has_storage) {
    findings.missing(
        own.at, fmt::format("Job \"{}\": neither it nor its Pool \"{}\" names a Storage", own.name, pool_name.name));
  }
  // dird/ua_run.c, check_pool(): the Scratch pool only gives volumes to others.
  const auto is = [](std::string_view word, std::string_view wanted) { return equal_ignoring_case(word, wanted); };
  const std::string_view type = own.type.empty() ? defs.type : own.type;
  const std::string_view level = own.level.empty() ? defs.level : own.level;
  const bool writes_elsewhere =
      is(type, "Copy") || is(type, "Migrate") || (is(type, "Backup") && is(level, "VirtualFull"));
  const Name& next_pool = own.next_pool.name.empty() ? defs.next_pool : own.next_pool;
  if (is(type, "Backup") && pool_name.name == "Scratch") {
    findings.add(Severity::error, pool_name.at, refusal_of_scratch("Job", own.name, "Pool"));
  }
  if (writes_elsewhere && next_pool.name == "Scratch") {
    findings.add(Severity::error, next_pool.at, refusal_of_scratch("Job", own.name, "Next Pool"));
  }
}

}  // namespace shstore::config
