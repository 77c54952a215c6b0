// Text of others: a configuration's, a state's, a drive's, another host's, another program's. Whatever of it reaches a
// terminal, a log, a page or a message goes through here first. No I/O.
#pragma once

#include <string>
#include <string_view>

namespace shstore::base {

/// For places that can show it: U+FFFD.
inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

/// True unless the character moves a cursor, ends a line, turns the direction of text or cannot be seen: control
/// characters (C0 with tab and line ends, DEL, C1), U+2028 and U+2029, directional marks, zero-width and tag characters,
/// noncharacters.
bool may_be_shown(char32_t code);

/// Would the log of a workflow of GitHub's take a line of it for a command ("::error file=...", "##[error]")? For what must be
/// printed byte by byte.
bool commands_a_workflow(std::string_view text);

/// The same on one line, with `instead` for every character that may not be shown and for every byte that is no UTF-8: it
/// can neither write to the terminal, nor begin a line of its own, nor show another order than it has. Nor has it the "##[" that
/// begins a command in the middle of a workflow's log; lines of it may begin with "::" where nothing stands before the text.
std::string printable(std::string_view text, std::string_view instead = "?");

/// The same, and '\n' stays: for text whose lines are meant to be lines. Never for a part of a line.
std::string printable_lines(std::string_view text, std::string_view instead = "?");

/// The same, and tabs stay, too: for a text that is shown as it was written, columns and all. No line of it begins with "::".
std::string printable_text(std::string_view text, std::string_view instead = "?");

/// JSON as a library has written it, whose strings may hold any character: those that may not be shown become escapes
/// (\u009b). A program reads the same from it, and on a terminal or in a log it does nothing. Line ends between values stay.
std::string printable_json(std::string_view json);

}  // namespace shstore::base
