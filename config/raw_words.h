// Cuts the raw text of a directive into words the way Bacula does where letters do not begin an identifier
// (lib/lex.c with LOPT_NO_IDENT or LOPT_STRING): a word ends at a blank, so that `1st sun at 23:05` is four words.
#pragma once

#include <vector>

#include "config/document.h"

namespace shstore::config {

struct RawWord {
  enum class Kind { text, number, quoted, equals, comma, brace } kind = Kind::text;
  std::string text;
  Location at;
};

/// The words of Directive::raw, which begins where the first value stands.
std::vector<RawWord> words_of_raw(const Directive& directive);

}  // namespace shstore::config
