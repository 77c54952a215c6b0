// The commands that Bacula's directives hold: words with edit codes such as %l. No I/O, nothing is expanded here.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace shstore::config {

inline constexpr size_t kMostCommandWords = 100;  ///< lib/bpipe.c, MAX_ARGV; what stands behind them is lost

/// The words of a command as bacula 9.6.7 splits them (lib/bpipe.c, build_argc_argv). A word that begins with a quote of either
/// kind goes to the next one, and what follows that is the next word; any other goes to the next blank, quotes and tabs
/// included. Blanks and tabs between words are passed over.
std::vector<std::string> command_words(std::string_view command);

/// "storage-ctl" of "/opt/bacula/scripts/storage-ctl".
std::string_view base_name(std::string_view path);

/// Does one of the words run this program? An interpreter or a wrapper may stand before it.
bool runs_program(const std::vector<std::string>& words, std::string_view program);

/// The edit code is somewhere in the text; "%%l" is not one.
bool has_code(std::string_view text, char code);

}  // namespace shstore::config
