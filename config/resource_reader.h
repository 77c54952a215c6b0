// One resource of the document, checked against the directive table and with its values typed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/addresses.h"
#include "config/dir_file_set.h"
#include "config/dir_run_script.h"
#include "config/dir_schedule.h"
#include "config/directives.h"
#include "config/document.h"
#include "config/sd_config.h"

namespace shstore::config {

struct TypedValue {
  /// monostate: given, but a diagnostic says that it cannot be used. Numbers of every width are uint64_t.
  std::variant<std::monostate, std::string, bool, uint64_t, std::vector<Token>, std::vector<Endpoint>,
               std::vector<ScheduleRun>, std::vector<RunScript>, std::vector<FileSetBlock>>
      value;
  Location written_at;  ///< the directive's name
  Location at;          ///< the value
  const DirectiveInfo* info = nullptr;
  std::vector<const DirectiveInfo*> given_as;  ///< the directives that set it, each once: see DirectiveInfo::same_as
};

/// A place where a resource is named inside of a value with a syntax of its own.
struct NameReference {
  std::string_view type;
  std::string name;
  Location at;
};

struct TypedResource {
  std::string_view type;         ///< as in the directive table
  std::string_view name_space;   ///< the type whose names it shares: "Storage" for the Director's Autochanger
  const Block* block = nullptr;  ///< as in the document, which must outlive this
  std::map<std::string_view, TypedValue>
      values;  ///< by the table's spelling, or DirectiveInfo::same_as; Messages destinations are not here
  std::vector<NameReference> references;

  /// Copies the directive's value to `into`, which keeps its default if the directive is missing or unusable.
  template <class T>
  void take(std::string_view name, Value<T>& into) const {
    const auto found = values.find(name);
    if (found == values.end()) return;
    if constexpr (std::is_same_v<T, uint32_t>) {
      if (const auto* number = std::get_if<uint64_t>(&found->second.value)) {
        into = {static_cast<uint32_t>(*number), true, found->second.at, found->second.written_at};
      }
    } else if (const T* value = std::get_if<T>(&found->second.value)) {
      into = {*value, true, found->second.at, found->second.written_at};
    }
  }

  /// The value of a directive of another type, or nullptr.
  template <class T>
  const T* find(std::string_view name) const {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : std::get_if<T>(&found->second.value);
  }

  /// `Device "Drive-0"`, or `Device` if it has no usable name.
  std::string title() const;
};

/// The Autochanger directive of the Director's Storage: yes, no, true and false name no Storage.
bool names_a_storage(std::string_view autochanger);

/// What loading has found out so far.
struct Findings {
  std::vector<Diagnostic>& diagnostics;
  std::vector<UnknownDirective>& unknown;
  bool commands_skipped =
      false;  ///< what is missing may come from a `@|command`: then a warning, not an error

  void add(Severity severity, const Location& at, std::string message,
           Diagnostic::Kind kind = Diagnostic::Kind::value) {
    diagnostics.push_back({severity, at, std::move(message), kind});
  }
  void missing(const Location& at, std::string message, Diagnostic::Kind kind = Diagnostic::Kind::missing);
};

/// `block` must be of a type that `directives` know.
TypedResource read_resource(const Block& block, const DirectiveTable& directives, Findings& findings);

}  // namespace shstore::config
