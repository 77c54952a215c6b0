// From words to resources and directives: the second grammar (see lexer.h).
#pragma once

#include <functional>

#include "config/diagnostics.h"
#include "config/directives.h"
#include "config/document.h"
#include "config/word_stream.h"

namespace shstore::config {

/// Hands the resources over in the order of the text, one at a time, and gives a diagnostic for each line that makes no
/// sense; a broken resource does not hide the next. `directives` are those of the program whose configuration it is:
/// they tell where a value may stand, and that a `Device {` inside another block means that a `}` is missing. Blocks may
/// be nested 32 deep; deeper ones are reported and left out.
void parse(WordStream& stream, const DirectiveTable& directives, Sources& sources, Diagnostics& diagnostics,
           const std::function<void(Block&)>& take);

}  // namespace shstore::config
