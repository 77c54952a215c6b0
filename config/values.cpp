#include "config/values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

#include "config/directives.h"
#include "config/letters.h"
#include "config/spelling.h"

namespace shstore::config {
namespace {

constexpr size_t kLongestName = 127;  // MAX_RES_NAME_LENGTH

tl::unexpected<std::string> fail(std::string message) { return tl::make_unexpected(std::move(message)); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
/// `unit` in full or its beginning.
bool abbreviates(std::string_view word, std::string_view unit) {
  return word.size() <= unit.size() && equal_ignoring_case(word, unit.substr(0, word.size()));
}

/// Bacula's T_STRING and T_NAME: any word but a number.
Parsed<const Token*> text_word(Words words) {
  if (words.empty()) return fail("the value is missing");
  if (words[0].kind == Token::Kind::number) return fail("a value of digits only must be quoted");
  return &words[0];
}

Parsed<const Token*> short_word(Words words) {
  const auto word = text_word(words);
  if (word && (*word)->text.size() > kLongestName) {
    return fail(
        fmt::format("the value is {} bytes long; Bacula accepts at most {}", (*word)->text.size(), kLongestName));
  }
  return word;
}

/// lib/edit.c, is_a_number(): digits, perhaps with sign, fraction and exponent.
bool is_a_number(std::string_view text) {
  size_t i = 0;
  const auto digits = [&] {
    const size_t first = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i > first;
  };
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  if (!digits()) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    digits();
  }
  if (i < text.size() && lower(text[i]) == 'e') {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (!digits()) return false;
  }
  return i == text.size();
}

/// store_time() and store_int_unit() join words for as long as exactly one blank character follows: a tab
/// ends it.
std::string joined(Words words) {
  std::string result;
  for (const Token& word : words.first(words_of_quantity(words))) {
    if (result.empty() || word.kind != Token::Kind::quoted) result += word.text;
  }
  return result;
}

struct Quantity {
  double number = 0;
  std::string_view unit;
};

/// Takes `12.5days` off the front of `text`. lib/edit.c, get_modifier().
std::optional<Quantity> take_quantity(std::string_view& text) {
  const auto number_end = std::find_if_not(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; });
  const std::string number(text.begin(), number_end);
  const auto unit_end = std::find_if_not(number_end, text.end(), is_letter);
  if (!is_a_number(number)) return std::nullopt;
  const std::string_view unit(number_end, unit_end);
  text.remove_prefix(number.size() + unit.size());
  return Quantity{std::strtod(number.c_str(), nullptr), unit};
}

struct Unit {
  std::string_view name;
  double factor;
};

constexpr double kTooLarge = 9.2e18;  // beyond this Bacula's conversion to 64 bits is undefined

Parsed<const Token*> first_of_quantity(Words words, std::string_view what) {
  if (words.empty()) return fail("the value is missing");
  if (words[0].kind == Token::Kind::quoted) return fail(fmt::format("a {} must not be quoted", what));
  return &words[0];
}

constexpr std::array kTimeUnits = {Unit{"n", 60},
                                   Unit{"seconds", 1},
                                   Unit{"months", 86400.0 * 30},
                                   Unit{"minutes", 60},
                                   Unit{"mins", 60},
                                   Unit{"hours", 3600},
                                   Unit{"days", 86400},
                                   Unit{"weeks", 86400.0 * 7},
                                   Unit{"quarters", 86400.0 * 91},
                                   Unit{"years", 86400.0 * 365}};

constexpr std::array kSizeUnits = {
    Unit{"k", 1024},       Unit{"kb", 1000}, Unit{"m", 1048576},         Unit{"mb", 1e6},
    Unit{"g", 1073741824}, Unit{"gb", 1e9},  Unit{"t", 1099511627776.0}, Unit{"tb", 1e12}};

constexpr std::array kSpeedUnits = {Unit{"k/s", 1024}, Unit{"kb/s", 1000}, Unit{"m/s", 1048576}, Unit{"mb/s", 1e6}};

std::optional<double> factor_of(std::string_view unit, std::span<const Unit> units) {
  if (unit.empty()) return 1;
  for (const Unit& candidate : units) {
    if (abbreviates(unit, candidate.name)) return candidate.factor;
  }
  return std::nullopt;
}

/// Only the first number and unit count; Bacula ignores what is behind them. A unit with a slash is compared
/// up to the slash, for get_modifier() takes letters only.
Parsed<uint64_t> to_quantity(Words words, std::string_view what, std::span<const Unit> units,
                             std::string_view examples) {
  const auto first = first_of_quantity(words, what);
  if (!first) return fail(first.error());
  const std::string text = joined(words);
  std::string_view rest = text;
  const auto quantity = take_quantity(rest);
  const auto factor = quantity ? factor_of(quantity->unit, units) : std::nullopt;
  if (!factor) return fail(fmt::format("expected a {} such as {}, found \"{}\"", what, examples, text));
  const double result = quantity->number * *factor;
  if (result > kTooLarge) return fail(fmt::format("the {} \"{}\" is too large", what, text));
  return static_cast<uint64_t>(result);
}

}  // namespace

size_t words_of_quantity(Words words) {
  size_t count = words.empty() ? 0 : 1;
  while (count < words.size() && words[count - 1].follow == ' ' && words[count - 1].separator == 0) ++count;
  return count;
}

Parsed<bool> to_boolean(Words words) {
  if (!words.empty() && words[0].kind == Token::Kind::number) {
    return fail(fmt::format("expected yes or no (or true or false), found \"{}\"", words[0].text));
  }
  const auto word = short_word(words);
  if (!word) return fail(word.error());
  const std::string_view text = (*word)->text;
  if (equal_ignoring_case(text, "yes") || equal_ignoring_case(text, "true")) return true;
  if (equal_ignoring_case(text, "no") || equal_ignoring_case(text, "false")) return false;
  return fail(fmt::format("expected yes or no (or true or false), found \"{}\"", text));
}

Parsed<uint32_t> to_pint32(Words words) {
  if (words.empty()) return fail("the value is missing");
  const std::string_view text = words[0].text;
  if (!is_a_number(text) || text[0] == '-') {
    return fail(fmt::format("expected a number such as 10, found \"{}\"", text));
  }
  uint64_t result = 0;
  for (size_t i = text[0] == '+' ? 1 : 0; i < text.size() && is_digit(text[i]); ++i) {
    result = result * 10 + static_cast<uint64_t>(text[i] - '0');
    if (result > std::numeric_limits<uint32_t>::max()) {
      return fail(fmt::format("{} is larger than 4294967295; Bacula would silently use another number", text));
    }
  }
  return static_cast<uint32_t>(result);
}

Parsed<uint64_t> to_seconds(Words words) {
  const auto first = first_of_quantity(words, "time");
  if (!first) return fail(first.error());
  const std::string text = joined(words);
  double total = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const auto quantity = take_quantity(rest);
    const auto factor = quantity ? factor_of(quantity->unit, kTimeUnits) : std::nullopt;
    if (!factor) return fail(fmt::format("expected a time such as 30 seconds or 5 minutes, found \"{}\"", text));
    total += quantity->number * *factor;
  }
  if (total > kTooLarge) return fail(fmt::format("the time \"{}\" is too long", text));
  return static_cast<uint64_t>(total);
}

Parsed<uint64_t> to_bytes(Words words) { return to_quantity(words, "size", kSizeUnits, "64512, 512 k or 50 GB"); }

Parsed<uint32_t> to_bytes32(Words words) {
  const auto size = to_bytes(words);
  if (!size) return fail(size.error());
  if (*size > std::numeric_limits<uint32_t>::max()) {
    return fail(fmt::format("{} bytes are more than 4294967295; Bacula would silently use another size", *size));
  }
  return static_cast<uint32_t>(*size);
}

Parsed<uint64_t> to_bytes_per_second(Words words) {
  return to_quantity(words, "speed", kSpeedUnits, "500 kb/s or 5 mb/s");
}

Parsed<uint32_t> to_integer(Words words) {
  if (!words.empty() && words[0].kind != Token::Kind::number) {
    return fail(fmt::format("expected digits only, found \"{}\"", words[0].text));
  }
  return to_pint32(words);
}

Parsed<std::vector<Token>> to_acl(Words words) {
  std::vector<Token> result;
  for (;;) {
    const auto word = text_word(words);
    if (!word)
      return fail(result.empty() ? word.error() : "the list ends with a comma; all of it must stand on one line");
    result.push_back(words[0]);
    words = words.subspan(1);
    if (result.back().separator == '?') return fail("two commas in a row");
    if (result.back().separator == ',') continue;
    // store_acl() takes one more word or mark, whatever it is, and the rest is read as directives.
    if (result.back().separator == '}') return fail("a ; must stand between a list and the } on the same line");
    if (result.back().separator == '{') return fail(fmt::format("unexpected {{ behind \"{}\"", result.back().text));
    if (result.back().separator == '=' || words.size() > 1) {
      return fail(fmt::format("a comma is missing behind \"{}\"", result.back().text));
    }
    return result;
  }
}

Parsed<std::string_view> to_name(Words words) {
  const auto word = short_word(words);
  if (!word) return fail(word.error());
  const std::string_view text = (*word)->text;
  if (text.empty()) return fail("a name must have at least one character");
  const auto is_legal = [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view(":.-_ ").find(c) != std::string_view::npos;
  };
  const auto bad = std::find_if_not(text.begin(), text.end(), is_legal);
  if (bad == text.end()) return text;
  const auto byte = static_cast<unsigned char>(*bad);
  const std::string shown =
      byte > ' ' && byte < 0x7F ? fmt::format("\"{}\"", *bad) : fmt::format("byte 0x{:02X}", byte);
  return fail(fmt::format("{} is not allowed in a name: only letters, digits, blanks and : . - _ are", shown));
}

Parsed<std::string_view> to_strname(Words words) {
  return short_word(words).map([](const Token* word) { return word->text; });
}

Parsed<std::string_view> to_string(Words words) {
  return text_word(words).map([](const Token* word) { return word->text; });
}

Parsed<std::string_view> to_keyword(Words words, std::string_view keywords) {
  const auto word = short_word(words);
  if (!word) return fail(word.error());
  const std::string_view text = (*word)->text;
  if (keyword_since(keywords, text) != 0) return text;
  const std::vector<std::string_view> known = keywords_of(keywords);
  return fail(
      fmt::format("expected one of {}, found \"{}\"{}", fmt::join(known, ", "), text, did_you_mean(text, known)));
}

Parsed<std::vector<Token>> to_list(Words words, bool names) {
  std::vector<Token> result;
  for (size_t i = 0;; ++i) {
    if (i == words.size() && i > 0) return fail("the list ends with a comma; all of it must stand on one line");
    const auto word = names ? short_word(words.subspan(i)) : text_word(words.subspan(i));
    if (!word) return fail(word.error());
    const Token& item = **word;
    if (item.separator == '?') return fail("two commas in a row");
    result.push_back(item);
    if (item.follow == ',') continue;
    // lex_check_eol() is strict here and nowhere else.
    if (item.separator == '{' || item.separator == '=')
      return fail(fmt::format("unexpected {} behind \"{}\"", item.separator, item.text));
    if (item.separator == ',') return fail(fmt::format("no blank may stand between \"{}\" and the comma", item.text));
    if (item.separator == '}') return fail("a ; must stand between a list and the } on the same line");
    if (i + 1 < words.size()) return fail(fmt::format("a comma is missing behind \"{}\"", item.text));
    return result;
  }
}

Parsed<std::string_view> to_host_address(Words words) {
  if (words.empty()) return fail("the value is missing");
  if (words[0].quoted) return fail("an address must not be quoted");
  if (words.size() > 1 || (words[0].separator != 0 && words[0].separator != '}')) {
    return fail(fmt::format("only one address is allowed, found more behind \"{}\"", words[0].text));
  }
  return words[0].text;
}

Parsed<uint32_t> to_port(Words words) {
  const auto text = to_host_address(words);
  if (!text) {
    return fail(words.empty() ? "the value is missing" : "expected a single port number, without quotes");
  }
  if (*text == "bacula-dir") return 9101U;
  if (*text == "bacula-fd") return 9102U;
  if (*text == "bacula-sd") return 9103U;
  const uint64_t number = std::strtoull(std::string(*text).c_str(), nullptr, 10);
  if (text->empty() || !is_digit(text->front()) || number == 0 || number >= 65535) {
    return fail(fmt::format("expected a port number from 1 to 65534, found \"{}\"", *text));
  }
  return static_cast<uint32_t>(number);
}

}  // namespace shstore::config
