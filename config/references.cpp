#include "config/references.h"

#include <fmt/format.h>

#include <map>
#include <vector>

#include "config/spelling.h"

namespace shstore::config {
namespace {

/// Of one resource type: names, and the line where each is given first.
using Names = std::map<std::string_view, uint32_t>;

class NameChecker {
 public:
  NameChecker(std::span<const TypedResource> resources, Findings& findings)
      : resources_(resources), findings_(findings) {}

  void run() {
    for (const TypedResource& resource : resources_) add(resource);
    for (const TypedResource& resource : resources_) follow(resource);
  }

 private:
  void add(const TypedResource& resource) {
    const auto found = resource.values.find("Name");
    const auto* const name = resource.find<std::string>("Name");
    if (!name) return;
    const Location& at = found->second.at;
    const auto [entry, is_new] = names_[resource.name_space].try_emplace(*name, at.line);
    if (is_new) return;
    findings_.add(Severity::error, at,
                  fmt::format("a second {} is named \"{}\"; the first one is on line {}", resource.type,
                              *name, entry->second),
                  Diagnostic::Kind::repeated);
  }

  void follow(const TypedResource& resource) {
    for (const auto& [name, value] : resource.values) {
      const DirectiveInfo& info = *value.info;
      const std::string_view target = info.target.empty() ? info.name : info.target;
      if (const auto* const list = std::get_if<std::vector<Token>>(&value.value)) {
        if (info.type != ValueType::reference_list) continue;
        for (const Token& item : *list) require(target, item.text, item.at);
      } else if (const auto* const text = std::get_if<std::string>(&value.value)) {
        if (info.type == ValueType::reference) require(target, *text, value.at);
        if (info.type == ValueType::autochanger && names_a_storage(*text)) require("Storage", *text, value.at);
      }
    }
    for (const NameReference& reference : resource.references) require(reference.type, reference.name, reference.at);
  }

  void require(std::string_view type, const std::string& name, const Location& at) {
    const Names& known = names_[type];
    if (known.contains(name)) return;
    std::vector<std::string_view> candidates;
    for (const auto& [candidate, line] : known) candidates.push_back(candidate);
    findings_.missing(
        at, fmt::format("no {} resource is named \"{}\"{}", type, name, did_you_mean(name, candidates)),
        Diagnostic::Kind::no_such_resource);
  }

  std::span<const TypedResource> resources_;
  Findings& findings_;
  std::map<std::string_view, Names> names_;
};

}  // namespace

void check_names(std::span<const TypedResource> resources, Findings& findings) {
  NameChecker(resources, findings).run();
}

}  // namespace shstore::config
