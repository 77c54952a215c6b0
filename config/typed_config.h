// A whole configuration with every directive typed by the directive table, and with everything checked: what
// SdConfig, DirConfig and the JSON are made of.
#pragma once

#include <string>
#include <vector>

#include "config/directives.h"
#include "config/document.h"
#include "config/resource_reader.h"
#include "config/sd_config.h"

namespace shstore::config {

struct TypedConfig {
  Program program = Program::sd;
  Document document;  ///< with all diagnostics
  std::vector<TypedResource> resources;  ///< of the types that the table knows; they point into `document`
  std::vector<const Block*> unknown_resources;
  std::vector<UnknownDirective> unknown;

  bool has_errors() const;
};

/// As load_sd_config(), for either program.
TypedConfig load_typed_config(Program program, const std::string& path, FileReader& reader);

// What the daemons refuse although each directive is right by itself. The resources of the configuration as a whole:
/// stored/stored.c, check_resources().
void check_sd_resources(std::span<const TypedResource> resources, Findings& findings);
/// dird/dird.c, check_resources().
void check_dir_resources(std::span<const TypedResource> resources, Findings& findings);

/// An addresses block takes the place of a single address and port; lib/address_conf.c, add_address() refuses a
/// mixture. The names are those of the directives.
void check_addresses(const TypedResource& resource, std::string_view block, std::string_view address,
                     std::string_view port, Findings& findings);

/// Reports the types of which there is no resource, each as "there is no Job resource; bacula-dir needs one".
void check_types(std::span<const TypedResource> resources, std::span<const std::string_view> types,
                 std::string_view daemon, Findings& findings);

}  // namespace shstore::config
