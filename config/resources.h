// Loading a configuration up to its resources: the steps that are the same for every program of Bacula's.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/directives.h"
#include "config/document.h"
#include "config/reading.h"
#include "config/resource_reader.h"
#include "config/sources.h"

namespace shstore::config {

/// Whose configuration it is.
struct Daemon {
  std::string_view name;  ///< "bacula-sd"
  const DirectiveTable& directives;
  std::span<const std::string_view> needed;  ///< resource types of which it needs at least one each
};

const Daemon& bacula_sd();
const Daemon& bacula_dir();

/// What is known of a configuration beside its typed resources. Everything in it that views a text views `sources`.
struct LoadedText {
  std::vector<std::string> files;
  std::shared_ptr<const Sources> sources;
  std::vector<UnknownDirective> unknown;
  std::vector<Block> other_resources;
  std::vector<Diagnostic> diagnostics;
  std::vector<VersionBound> bound;
  bool is_other_daemons = false;  ///< the whole file: one diagnostic says so, and nothing of it counts
};

/// Types a resource; false if there is no typed form for it, so that its text is to be kept in
/// LoadedText::other_resources. The resource is only valid during the call, views of texts for as long as the sources.
using TakeResource = std::function<bool(const TypedResource&, Findings&)>;

/// Judges the resources as a whole when all were taken and names and references were checked.
using FinishResources = std::function<void(Findings&)>;

/// Reads `path` and its includes, hands over each resource as soon as it is read, then checks names and references.
/// What is not a resource of the program is a diagnostic.
LoadedText load_resources(const std::string& path, FileReader& reader, const LoadOptions& options, const Daemon& daemon,
                          const TakeResource& take, const FinishResources& finish = {});

}  // namespace shstore::config
