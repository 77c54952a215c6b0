// What changes between two texts, as `diff -u` shows it and `patch -p1` takes it. No I/O.
#pragma once

#include <string>
#include <string_view>

namespace shstore::config::lint {

/// Empty if nothing changes. The paths get a/ and b/ before them; an absolute one applies with `patch -p1 -d
/// /`. Lines end at '\n' only, so that a CR is part of its line, as it is for diff and patch. As short as
/// can be. Three lines of context, fewer where one of them would command a workflow (base::commands_a_workflow); a line that changes
/// is there in any case.
std::string unified_diff(std::string_view path, std::string_view before, std::string_view after, bool color = false);

}  // namespace shstore::config::lint
