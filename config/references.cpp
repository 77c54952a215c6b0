#include "config/references.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/spelling.h"

namespace shstore::config {

void NameChecker::add(const TypedResource& resource) {
  for (const TypedValue& value : resource.values) {
    const DirectiveInfo& info = *value.info;
    const std::string_view target = info.target.empty() ? info.name : info.target;
    if (info.type == ValueType::reference_list) {
      const auto* const list = std::get_if<std::vector<Token>>(&value.value);
      if (!list) continue;
      std::vector<Name>& wanted = types_[target].wanted;
      for (const Token& item : *list) wanted.push_back({item.text, item.at, {}});
    } else if (const auto* const text = std::get_if<std::string_view>(&value.value)) {
      if (info.type == ValueType::reference) want(target, *text, value.at);
      if (info.type == ValueType::autochanger && names_a_storage(*text)) want("Storage", *text, value.at);
      if (info.name == "Name") types_[resource.name_space].given.push_back({*text, value.at, resource.type});
    }
  }
  for (const NameReference& reference : resource.references) {
    want(reference.type, kept_.emplace_back(reference.name), reference.at);
  }
}

void NameChecker::want(std::string_view type, std::string_view name, const Location& at) {
  types_[type].wanted.push_back({name, at, {}});
}

void NameChecker::report(Findings& findings) {
  for (auto& entry : types_) {
    const std::string_view type = entry.first;
    Type& names = entry.second;
    std::vector<uint32_t> repeated;
    names.index.build(
        names.given.size(), [&](size_t i) { return names.given[i].name; }, &repeated);
    report_repeated(type, names, repeated, findings);
    report_missing(type, names, findings);
  }
}

void NameChecker::report_repeated(std::string_view type, const Type& names, const std::vector<uint32_t>& repeated,
                                  Findings& findings) const {
  for (const uint32_t i : repeated) {
    const auto& [name, at, given_type] = names.given[i];
    const auto first = names.index.find(name, [&](size_t k) { return names.given[k].name; });
    findings.add(Severity::error, at,
                 fmt::format("a second {} is named \"{}\"; the first one is on line {}", type, name,
                             names.given[*first].at.line),
                 Diagnostic::Kind::repeated);
  }
}

/// The nearest name, with its type where that is another one than the directive's; else the only Autochanger.
std::string NameChecker::meant(std::string_view type, std::string_view name, const Type& names,
                               std::span<const std::string_view> candidates) {
  const auto named = [&](std::string_view wanted) {
    return std::find_if(names.given.begin(), names.given.end(),
                        [&](const Name& given) { return given.name == wanted; });
  };
  if (const std::string_view near = nearest(name, candidates); !near.empty()) {
    const auto given = named(near);
    if (given->type == type) return did_you_mean(name, candidates);
    return fmt::format("; did you mean the {} \"{}\"?", given->type, near);
  }
  const auto is_changer = [](const Name& given) { return given.type == "Autochanger"; };
  if (type != "Storage" || std::count_if(names.given.begin(), names.given.end(), is_changer) != 1) return {};
  return fmt::format("; the only Autochanger is \"{}\"",
                     std::find_if(names.given.begin(), names.given.end(), is_changer)->name);
}

void NameChecker::report_missing(std::string_view type, const Type& names, Findings& findings) {
  for (const auto& [name, at, unused] : names.wanted) {
    if (names.index.find(name, [&](size_t k) { return names.given[k].name; })) continue;
    std::vector<std::string_view> candidates;
    if (names.given.size() <= patience_) {
      patience_ -= names.given.size();
      for (const Name& given : names.given) candidates.push_back(given.name);
    }
    findings.missing(at,
                     fmt::format("no {} resource is named \"{}\"{}", type, name, meant(type, name, names, candidates)),
                     Diagnostic::Kind::no_such_resource);
  }
}

}  // namespace shstore::config
