#include "config/typed_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/references.h"
#include "config/source.h"
#include "config/spelling.h"

namespace shstore::config {
namespace {

const DirectiveTable& directives_of(Program program) {
  return program == Program::sd ? sd_directives() : dir_directives();
}

/// bacula-dir learns of Devices from the Storage Daemon and refuses the resource; likewise each daemon refuses what
/// is the other's.
void report_unknown_type(const Block& block, Program program, Findings& findings) {
  const DirectiveTable& other = directives_of(program == Program::sd ? Program::dir : Program::sd);
  if (!other.find_type(block.type).empty()) {
    findings.add(Severity::error, block.at,
                 fmt::format("a {} resource belongs in {}, not here", block.type,
                             program == Program::sd ? "bacula-dir.conf" : "bacula-sd.conf"),
                 Diagnostic::Kind::unknown_type);
    return;
  }
  findings.add(Severity::warning, block.at,
               fmt::format("unknown resource type \"{}\"{}", block.type,
                           did_you_mean(block.type, directives_of(program).types())),
               Diagnostic::Kind::unknown_type);
}

}  // namespace

bool TypedConfig::has_errors() const {
  return std::any_of(document.diagnostics.begin(), document.diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
}

TypedConfig load_typed_config(Program program, const std::string& path, FileReader& reader) {
  const DirectiveTable& directives = directives_of(program);
  TypedConfig config;
  config.program = program;
  config.document = to_document(read_source(path, reader), directives);
  const bool was_read = !config.document.resources.empty() || config.document.diagnostics.empty();
  Findings findings{config.document.diagnostics, config.unknown, config.document.commands_skipped};
  for (const Block& block : config.document.resources) {
    if (!directives.find_type(block.type).empty()) {
      config.resources.push_back(read_resource(block, directives, findings));
    } else {
      config.unknown_resources.push_back(&block);
      report_unknown_type(block, program, findings);
    }
  }
  check_names(config.resources, findings);
  if (was_read && program == Program::sd) check_sd_resources(config.resources, findings);
  if (was_read && program == Program::dir) check_dir_resources(config.resources, findings);
  finish_diagnostics(config.document.diagnostics);
  return config;
}

void check_addresses(const TypedResource& resource, std::string_view block, std::string_view address,
                     std::string_view port, Findings& findings) {
  const auto found = resource.values.find(block);
  if (found == resource.values.end()) return;
  if (!resource.values.contains(address) && !resource.values.contains(port)) return;
  const auto joined = [](std::string_view name) {
    std::string result;
    std::copy_if(name.begin(), name.end(), std::back_inserter(result), [](char c) { return c != ' '; });
    return result;
  };
  findings.add(Severity::error, found->second.written_at,
               fmt::format("{} cannot be combined with {} or {}: put the port into the block", joined(block),
                           joined(address), joined(port)));
}

void check_types(std::span<const TypedResource> resources, std::span<const std::string_view> types,
                 std::string_view daemon, Findings& findings) {
  for (const std::string_view type : types) {
    const auto is_type = [&](const TypedResource& resource) { return resource.type == type; };
    if (std::any_of(resources.begin(), resources.end(), is_type)) continue;
    findings.add(Severity::warning, {0, 0, 0}, fmt::format("there is no {} resource; {} needs one", type, daemon),
                 Diagnostic::Kind::missing);
  }
}

}  // namespace shstore::config
