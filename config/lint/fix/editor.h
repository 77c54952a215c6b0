// The building blocks of fixes: turns "remove this directive" into an edit that looks as if the administrator
// had made it. No I/O.
//
// Every function gives nothing where the change cannot be made with certainty: the place is not what it
// should be, the statement is broken or goes on in an include, or the file is read more than once (a change
// would then be one for somebody else, too).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/lint/fix/finding.h"
#include "config/lint/fix/statements.h"

namespace shstore::config::lint {

/// Nothing if one of the edits is missing: a fix is all of them or none.
std::optional<Fix> fix_of(std::string title, std::vector<std::optional<Edit>> edits);

class Editor {
 public:
  Editor() = default;
  Editor(const Editor&) = delete;
  Editor& operator=(const Editor&) = delete;

  /// Makes a file known. `text` is as Source::texts has it and must outlive this; it is looked at when the
  /// first edit is asked for. A path added twice is one that is read more than once.
  void add(const std::string& path, std::string_view text);

  /// Removes `Name = value`: the whole line with a comment on it if the directive stands alone there, else
  /// only itself. `directive` is where its name begins.
  std::optional<Edit> remove_directive(const Place& directive);

  /// Replaces all that is behind the `=`. Quoted if the old value was, or if it must be.
  std::optional<Edit> replace_value(const Place& directive, std::string_view value);

  /// Replaces the value of a directive that the resource has, else adds the directive. `directive`: its name's place,
  /// or nothing.
  std::optional<Edit> set_directive(const Place& resource, const std::optional<Place>& directive, std::string_view name,
                                    std::string_view value);

  /// Replaces one word of a value, such as one name of a list.
  std::optional<Edit> replace_word(const Place& word, std::string_view value);

  /// Adds `Name = value` to the resource whose type's name is at `resource`, behind its directive `after` if it has
  /// that, else behind its last one; indented and aligned as its neighbours. Nothing if the directive is there already,
  /// which may be because Bacula cannot use its value, or if anything in the resource makes no sense.
  std::optional<Edit> insert_directive(const Place& resource, std::string_view name, std::string_view value,
                                       std::string_view after = {});

  /// Replaces the name of a resource's type.
  std::optional<Edit> rename_resource(const Place& resource, std::string_view type);

 private:
  struct File {
    std::string_view text;
    int times_read = 0;
    std::unique_ptr<Statements> statements;  ///< once asked for
  };

  const Statements* open(const std::string& path);
  void count_includes();

  std::map<std::string, File> files_;
  bool includes_counted_ = false;
};

}  // namespace shstore::config::lint
