// Words to typed values, by Bacula's rules (lib/lex.c lex_get_token, lib/parse_conf.c store_*, lib/edit.c).
// Bacula takes what it needs from the beginning of a line and ignores the rest; so do these functions. Errors
// say what was expected and what was found, and begin in lower case: the caller puts the directive before.
// Texts are views of what the words view.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "config/document.h"

namespace shstore::config {

template <class T>
using Parsed = tl::expected<T, std::string>;
using Words = std::span<const Token>;

/// yes, true, no or false in any case, quoted or not; nothing else.
Parsed<bool> to_boolean(Words words);

/// Decimal digits. Bacula reads "1.5" and "1e3" as 1, which is kept; what exceeds 32 bits it cuts off, which
/// is refused here.
Parsed<uint32_t> to_pint32(Words words);

/// Decimal digits, not quoted.
Parsed<uint32_t> to_integer(Words words);

/// Seconds: numbers with units (n, seconds, months, minutes, mins, hours, days, weeks, quarters, years, or
/// their beginnings; "m" is months), such as `1 h 30 min`; a bare number is seconds. Only blanks may separate
/// the parts: behind a tab the rest is ignored, so that `5<TAB>min` is 5 seconds.
Parsed<uint64_t> to_seconds(Words words);

/// Bytes: a number and perhaps k, m, g, t (powers of 1024) or kb, mb, gb, tb (powers of 1000).
Parsed<uint64_t> to_bytes(Words words);
Parsed<uint32_t> to_bytes32(Words words);

/// Bytes per second: as to_bytes, up to m and mb, with /s behind it.
Parsed<uint64_t> to_bytes_per_second(Words words);

/// A resource's name: 1 to 127 of the letters, digits, blanks and `: . - _`.
Parsed<std::string_view> to_name(Words words);

/// At most 127 bytes.
Parsed<std::string_view> to_strname(Words words);

/// How many of the words, from the first on, to_seconds(), to_bytes() and the like take for one value; 1 or more, or 0
/// if there are none.
size_t words_of_quantity(Words words);

/// Any text but a bare number.
Parsed<std::string_view> to_string(Words words);

/// One of DirectiveInfo::keywords in any case; the result is as written.
Parsed<std::string_view> to_keyword(Words words, std::string_view keywords);

/// `a, b, c` on one line; each of them as to_string, and of at most 127 bytes if `names`.
Parsed<std::vector<Token>> to_list(Words words, bool names);

/// `a, b , c` on one line, where blanks may stand before the commas.
Parsed<std::vector<Token>> to_acl(Words words);

/// An IP address or host name; not quoted, nothing behind it. Not resolved.
Parsed<std::string_view> to_host_address(Words words);

/// 1 to 65534, or a Bacula service's name (bacula-dir, bacula-fd, bacula-sd). Other service names are
/// refused, since nothing is looked up here.
Parsed<uint32_t> to_port(Words words);

}  // namespace shstore::config
