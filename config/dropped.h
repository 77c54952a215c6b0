// Text behind a value that Bacula reads over without a word: most readers of a value take what they need and leave the rest
// of the line to scan_to_eol() (lib/lex.c), which stops at a line end, a `;` or a `}` only.
#pragma once

#include <cstddef>

#include "config/diagnostics.h"
#include "config/directives.h"
#include "config/document.h"

namespace shstore::config {

/// Gives a warning of Kind::dropped if the directive goes on behind its first `taken` words. `known` finds a directive
/// among the lost words; the text of a secret is not repeated.
void report_dropped(const Directive& directive, size_t taken, bool is_secret, Diagnostics& diagnostics);

/// The same for what is lost behind `value_of`: `what` begins the lost text and is at `at`; `directive` is the directive that
/// is lost with it, or empty.
void add_dropped(const Location& at, std::string_view behind, std::string_view directive, std::string_view what,
                 Diagnostics& diagnostics);

}  // namespace shstore::config
