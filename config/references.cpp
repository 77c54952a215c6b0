#include "config/references.h"

#include <fmt/format.h>

#include "config/spelling.h"

namespace shstore::config {

void NameChecker::add(const TypedResource& resource) {
  for (const TypedValue& value : resource.values) {
    const DirectiveInfo& info = *value.info;
    const std::string_view target = info.target.empty() ? info.name : info.target;
    if (info.type == ValueType::reference_list) {
      const auto* const list = std::get_if<std::vector<Token>>(&value.value);
      for (const Token& item : list ? *list : std::vector<Token>()) want(target, item.text, item.at);
    } else if (const auto* const text = std::get_if<std::string_view>(&value.value)) {
      if (info.type == ValueType::reference) want(target, *text, value.at);
      if (info.type == ValueType::autochanger && names_a_storage(*text)) want("Storage", *text, value.at);
      if (info.name == "Name") types_[resource.name_space].given.push_back({*text, value.at});
    }
  }
  for (const NameReference& reference : resource.references) {
    want(reference.type, kept_.emplace_back(reference.name), reference.at);
  }
}

void NameChecker::want(std::string_view type, std::string_view name, const Location& at) {
  types_[type].wanted.push_back({name, at});
}

void NameChecker::report(Findings& findings) {
  for (auto& entry : types_) {
    const std::string_view type = entry.first;
    Type& names = entry.second;
    names.index.build(names.given.size(), [&](size_t i) { return names.given[i].name; });
    report_repeated(type, names, findings);
    report_missing(type, names, findings);
  }
}

void NameChecker::report_repeated(std::string_view type, const Type& names, Findings& findings) const {
  for (size_t i = 0; i < names.given.size(); ++i) {
    const auto& [name, at] = names.given[i];
    const auto first = names.index.find(name, [&](size_t k) { return names.given[k].name; });
    if (*first == i) continue;
    findings.add(Severity::error, at,
                 fmt::format("a second {} is named \"{}\"; the first one is on line {}", type, name,
                             names.given[*first].at.line),
                 Diagnostic::Kind::repeated);
  }
}

void NameChecker::report_missing(std::string_view type, const Type& names, Findings& findings) {
  for (const auto& [name, at] : names.wanted) {
    if (names.index.find(name, [&](size_t k) { return names.given[k].name; })) continue;
    std::vector<std::string_view> candidates;
    if (names.given.size() <= patience_) {
      patience_ -= names.given.size();
      for (const Name& given : names.given) candidates.push_back(given.name);
    }
    findings.missing(at, fmt::format("no {} resource is named \"{}\"{}", type, name, did_you_mean(name, candidates)),
                     Diagnostic::Kind::no_such_resource);
  }
}

}  // namespace shstore::config
