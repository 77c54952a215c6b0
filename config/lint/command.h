// Commands as Bacula's directives hold them: words with edit codes such as %l.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace shstore::config::lint {

/// The words as Bacula splits them: blanks separate, quotes of either kind keep together (lib/bpipe.c,
/// build_argc_argv()).
std::vector<std::string> words_of(std::string_view command);

/// "storage-ctl" of "/opt/bacula/scripts/storage-ctl".
std::string_view base_name(std::string_view path);

/// The edit code is somewhere in the command; "%%l" is not one.
bool has_code(std::string_view command, char code);

}  // namespace shstore::config::lint
