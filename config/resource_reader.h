// One resource of the document, checked against the directive table and with its values typed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "config/addresses.h"
#include "config/dir_file_set.h"
#include "config/dir_run_script.h"
#include "config/dir_schedule.h"
#include "config/diagnostics.h"
#include "config/directives.h"
#include "config/document.h"
#include "config/value.h"

namespace shstore::config {

struct TypedValue {
  const DirectiveInfo* info = nullptr;  ///< a row of the directive table, never one that is the same as another
  Location written_at;                  ///< the directive's name
  Location at;                          ///< the value
  uint32_t length = 0;                  ///< see Value::length
  /// monostate: given, but a diagnostic says that it cannot be used. Numbers of every width are uint64_t; texts are
  /// views into the sources.
  std::variant<std::monostate, std::string_view, bool, uint64_t, std::vector<Token>, std::vector<Endpoint>,
               std::vector<ScheduleRun>, std::vector<RunScript>, std::vector<FileSetBlock>>
      value;
  bool by_own_name = false;                     ///< the directive itself was given
  std::vector<const DirectiveInfo*> by_others;  ///< those given whose DirectiveInfo::same_as it is

  /// Copies it to `into`, which keeps its default if this is not usable or of another type.
  template <class T>
  void copy_to(Value<T>& into) const {
    using Held = std::conditional_t<std::is_same_v<T, std::string>, std::string_view,
                                    std::conditional_t<std::is_same_v<T, uint32_t>, uint64_t, T>>;
    const Held* const held = std::get_if<Held>(&value);
    if (!held) return;
    into = {static_cast<T>(*held), Written(at, written_at, length)};
  }
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
  const Block* block = nullptr;  ///< as in the document; valid for as long as the caller keeps it
  std::vector<TypedValue>
      values;  ///< each directive once, in the order of the text; Messages destinations are not here
  std::vector<NameReference> references;

  /// By the table's spelling; nullptr if the directive is missing.
  const TypedValue* find(std::string_view name) const;

  /// Copies the directive's value to `into`, which keeps its default if the directive is missing or unusable.
  template <class T>
  void take(std::string_view name, Value<T>& into) const {
    if (const TypedValue* const found = find(name)) found->copy_to(into);
  }

  /// The value of a directive of another type, or nullptr.
  template <class T>
  const T* find(std::string_view name) const {
    const TypedValue* const found = find(name);
    return found ? std::get_if<T>(&found->value) : nullptr;
  }

  /// `Device "Drive-0"`, or `Device` if it has no usable name.
  std::string title() const;
};

/// The Autochanger directive of the Director's Storage: yes, no, true and false name no Storage.
bool names_a_storage(std::string_view autochanger);

/// What loading has found out so far.
struct Findings {
  Diagnostics& diagnostics;
  std::vector<UnknownDirective>& unknown;
  size_t most_unknown = SIZE_MAX;  ///< Limits::unknown
  double progress = 0;             ///< which part of the main file was read, from 0 to 1
  size_t suggestions = 200;        ///< how many more are looked for: nobody reads all, and each costs a search

  void add(Severity severity, const Location& at, std::string message,
           Diagnostic::Kind kind = Diagnostic::Kind::value) {
    diagnostics.add(severity, at, std::move(message), kind);
  }
  void missing(const Location& at, std::string message, Diagnostic::Kind kind = Diagnostic::Kind::missing) {
    diagnostics.missing(at, std::move(message), kind);
  }
};

/// Reads `block`, which is of this type of `directives`, into `resource`, of which only the memory is used again.
void read_resource(const Block& block, const ResourceType& type, const DirectiveTable& directives, Findings& findings,
                   TypedResource& resource);

}  // namespace shstore::config
