#include "config/dir_schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/directives.h"
#include "config/raw_words.h"
#include "config/spelling.h"
#include "config/values.h"

namespace shstore::config {
namespace {

using namespace std::string_view_literals;

enum class Unit { weekday, month, week, daily, weekly, monthly, hourly, last_day, on, at };

struct Keyword {
  std::string_view name;
  Unit unit;
  int number;
};

constexpr std::array kKeywords = {Keyword{"on", Unit::on, 0},
                                  Keyword{"at", Unit::at, 0},
                                  Keyword{"lastday", Unit::last_day, 0},
                                  Keyword{"sun", Unit::weekday, 0},
                                  Keyword{"mon", Unit::weekday, 1},
                                  Keyword{"tue", Unit::weekday, 2},
                                  Keyword{"wed", Unit::weekday, 3},
                                  Keyword{"thu", Unit::weekday, 4},
                                  Keyword{"fri", Unit::weekday, 5},
                                  Keyword{"sat", Unit::weekday, 6},
                                  Keyword{"jan", Unit::month, 0},
                                  Keyword{"feb", Unit::month, 1},
                                  Keyword{"mar", Unit::month, 2},
                                  Keyword{"apr", Unit::month, 3},
                                  Keyword{"may", Unit::month, 4},
                                  Keyword{"jun", Unit::month, 5},
                                  Keyword{"jul", Unit::month, 6},
                                  Keyword{"aug", Unit::month, 7},
                                  Keyword{"sep", Unit::month, 8},
                                  Keyword{"oct", Unit::month, 9},
                                  Keyword{"nov", Unit::month, 10},
                                  Keyword{"dec", Unit::month, 11},
                                  Keyword{"sunday", Unit::weekday, 0},
                                  Keyword{"monday", Unit::weekday, 1},
                                  Keyword{"tuesday", Unit::weekday, 2},
                                  Keyword{"wednesday", Unit::weekday, 3},
                                  Keyword{"thursday", Unit::weekday, 4},
                                  Keyword{"friday", Unit::weekday, 5},
                                  Keyword{"saturday", Unit::weekday, 6},
                                  Keyword{"january", Unit::month, 0},
                                  Keyword{"february", Unit::month, 1},
                                  Keyword{"march", Unit::month, 2},
                                  Keyword{"april", Unit::month, 3},
                                  Keyword{"june", Unit::month, 5},
                                  Keyword{"july", Unit::month, 6},
                                  Keyword{"august", Unit::month, 7},
                                  Keyword{"september", Unit::month, 8},
                                  Keyword{"october", Unit::month, 9},
                                  Keyword{"november", Unit::month, 10},
                                  Keyword{"december", Unit::month, 11},
                                  Keyword{"daily", Unit::daily, 0},
                                  Keyword{"weekly", Unit::weekly, 0},
                                  Keyword{"monthly", Unit::monthly, 0},
                                  Keyword{"hourly", Unit::hourly, 0},
                                  Keyword{"1st", Unit::week, 0},
                                  Keyword{"2nd", Unit::week, 1},
                                  Keyword{"3rd", Unit::week, 2},
                                  Keyword{"4th", Unit::week, 3},
                                  Keyword{"5th", Unit::week, 4},
                                  Keyword{"6th", Unit::week, 5},
                                  Keyword{"first", Unit::week, 0},
                                  Keyword{"second", Unit::week, 1},
                                  Keyword{"third", Unit::week, 2},
                                  Keyword{"fourth", Unit::week, 3},
                                  Keyword{"fifth", Unit::week, 4},
                                  Keyword{"sixth", Unit::week, 5}};

const Keyword* find_keyword(std::string_view word) {
  const auto found = std::find_if(kKeywords.begin(), kKeywords.end(),
                                  [&](const Keyword& keyword) { return equal_ignoring_case(word, keyword.name); });
  return found == kKeywords.end() ? nullptr : &*found;
}

bool is_integer(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Saturates: no number of a schedule has more than two digits.
int to_int(std::string_view digits) {
  int result = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') break;
    result = std::min(result * 10 + (c - '0'), 10'000);
  }
  return result;
}

/// `w07`
bool is_week_of_year(std::string_view word) {
  return word.size() == 3 && (word[0] == 'w' || word[0] == 'W') && is_integer(word.substr(1));
}

/// All are set until the first is given.
template <size_t n>
struct Choice {
  std::bitset<n>& bits;
  bool given = false;

  void begin() {
    if (!given) bits.reset();
    given = true;
  }
  void add(int number) {
    begin();
    bits.set(static_cast<size_t>(number));
  }
  /// A range that runs backwards goes on from the beginning. One from a number to itself means all, as in Bacula.
  void add(int first, int last) {
    begin();
    for (size_t i = static_cast<size_t>(first); i < (first < last ? static_cast<size_t>(last) + 1 : n); ++i)
      bits.set(i);
    for (size_t i = 0; first >= last && i <= static_cast<size_t>(last); ++i) bits.set(i);
  }
};

class RunReader {
 public:
  RunReader(const Directive& directive, Diagnostics& diagnostics)
      : directive_(directive), words_(words_of_raw(directive)), diagnostics_(diagnostics) {
    run_.at = directive.at;
    run_.hours.set();
    run_.days.set();
    run_.months.set();
    run_.weekdays.set();
    run_.weeks_of_month.set();
    run_.weeks_of_year.set();
  }

  std::optional<ScheduleRun> run() {
    while (!failed_ && override_field()) {
    }
    while (!failed_ && next_ < words_.size()) time(words_[next_++]);
    if (failed_) return std::nullopt;
    return run_;
  }

 private:
  using Kind = RawWord::Kind;

  /// Takes `Level=Full` or the old form `Full` off the front. Bacula wants a name here, so that a line cannot end
  /// behind these nor go on with a bare number.
  bool override_field() {
    const RawWord* const word = name();
    if (!word) return false;
    if (take_field(*word)) return true;
    if (const auto level = level_of(word->text)) {
      run_.level = {std::string(*level), Written(word->at, word->at)};
      return true;
    }
    --next_;
    return false;
  }

  bool take_field(const RawWord& field) {
    const std::string_view name = field.text;
    const auto is = [&](std::string_view candidate) { return equal_ignoring_case(name, candidate); };
    if (is("Pool")) return text_field(field, run_.pool);
    if (is("FullPool")) return text_field(field, run_.full_pool);
    if (is("IncrementalPool")) return text_field(field, run_.incremental_pool);
    if (is("DifferentialPool")) return text_field(field, run_.differential_pool);
    if (is("NextPool")) return text_field(field, run_.next_pool);
    if (is("Storage")) return text_field(field, run_.storage);
    if (is("Messages")) return text_field(field, run_.messages);
    if (is("Level")) return level_field(field);
    if (is("Priority")) return number_field(field);
    if (is("SpoolData")) return bool_field(field, run_.spool_data);
    if (is("WritePartAfterJob")) return bool_field(field, run_.write_part_after_job);
    if (is("Accurate")) return bool_field(field, run_.accurate);
    if (is("MaxRunSchedTime")) return time_field(field);
    return false;
  }

  bool text_field(const RawWord& field, Value<std::string>& into) {
    if (const RawWord* const value = field_value(field)) into = {value->text, Written(value->at, field.at)};
    return true;
  }

  bool level_field(const RawWord& field) {
    const RawWord* const value = field_value(field);
    if (!value) return true;
    const auto level = level_of(value->text);
    if (!level) {
      complain(value->at, fmt::format("\"{}\" is not a level{}", value->text, did_you_mean(value->text, levels())));
    } else {
      run_.level = {std::string(*level), Written(value->at, field.at)};
    }
    return true;
  }

  bool bool_field(const RawWord& field, Value<bool>& into) {
    const RawWord* const value = field_value(field);
    if (!value) return true;
    const auto parsed = to_boolean(as_words(*value));
    if (!parsed) {
      complain(value->at, fmt::format("{}: {}", field.text, parsed.error()));
    } else {
      into = {*parsed, Written(value->at, field.at)};
    }
    return true;
  }

  bool number_field(const RawWord& field) {
    const RawWord* const value = behind_equals(field);
    if (!value) return true;
    const auto parsed = to_pint32(as_words(*value));
    if (!parsed) {
      complain(value->at, fmt::format("{}: {}", field.text, parsed.error()));
    } else {
      run_.priority = {*parsed, Written(value->at, field.at)};
    }
    return true;
  }

  bool time_field(const RawWord& field) {
    const RawWord* const value = behind_equals(field);
    if (!value) return true;
    std::string text = value->text;  // quotes are allowed here, and only with them blanks
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t'; });
    Token token = as_token(*value);
    token.text = text;
    token.kind = Token::Kind::unquoted;
    const auto parsed = to_seconds({&token, 1});
    if (!parsed) {
      complain(value->at, fmt::format("{}: {}", field.text, parsed.error()));
    } else {
      run_.max_run_sched_time = {*parsed, Written(value->at, field.at)};
    }
    return true;
  }

  const RawWord* behind_equals(const RawWord& field) {
    if (next_ >= words_.size() || words_[next_].kind != Kind::equals) {
      complain(field.at, fmt::format("expected \"=\" behind \"{}\"", field.text));
      return nullptr;
    }
    if (++next_ < words_.size()) return &words_[next_++];
    complain(field.at, fmt::format("the value of \"{}\" is missing", field.text));
    return nullptr;
  }

  const RawWord* field_value(const RawWord& field) {
    const RawWord* const value = behind_equals(field);
    if (!value || is_name(*value)) return value;
    complain(value->at, fmt::format("expected the value of \"{}\", found \"{}\"", field.text, value->text));
    return nullptr;
  }

  const RawWord* name() {
    if (next_ == words_.size()) {
      complain(directive_.at, "a time such as \"daily at 23:05\" is missing");
      return nullptr;
    }
    const RawWord& word = words_[next_++];
    if (is_name(word)) return &word;
    const char* const hint = word.kind == Kind::number ? "; put \"on\" before a day of the month" : "";
    complain(word.at, fmt::format("unexpected \"{}\"{}", word.text, hint));
    return nullptr;
  }

  static bool is_name(const RawWord& word) {
    return (word.kind == Kind::text || word.kind == Kind::quoted) && word.text.size() <= 127;
  }

  void time(const RawWord& word) {
    if (word.kind == Kind::comma) return;
    if (word.kind == Kind::number) return day(word);
    if (word.kind != Kind::text) return complain(word.at, fmt::format("unexpected \"{}\"", word.text));
    if (word.text.find('-') != std::string::npos) return range(word);
    if (word.text.find(':') != std::string::npos) return hour(word);
    if (is_week_of_year(word.text)) return week_of_year(word);
    const Keyword* const keyword = find_keyword(word.text);
    if (!keyword) {
      return complain(word.at, fmt::format("\"{}\" is neither a level nor a time{}", word.text, suggestion(word.text)));
    }
    take(*keyword);
  }

  void take(const Keyword& keyword) {
    switch (keyword.unit) {
      case Unit::weekday: return weekdays_.add(keyword.number);
      case Unit::month: return months_.add(keyword.number);
      case Unit::week: return weeks_.add(keyword.number);
      case Unit::last_day:
        days_.begin();
        run_.last_day = true;
        return;
      case Unit::hourly:
        hours_given_ = true;
        run_.hours.set();
        return;
      case Unit::daily:
        days_.given = true;
        run_.weekdays.set();
        return;
      case Unit::weekly:
        days_.given = weeks_.given = weeks_of_year_.given = true;
        run_.days.set();
        run_.weeks_of_month.set();
        run_.weeks_of_year.set();
        return;
      case Unit::monthly:
        months_.given = true;
        run_.months.set();
        return;
      case Unit::at: at_given_ = true; return;
      case Unit::on: return;
    }
  }

  void day(const RawWord& word) {
    const int number = to_int(word.text);
    if (number < 1 || number > 31) {
      return complain(word.at, fmt::format("the day {} is not one of 1 to 31", word.text));
    }
    days_.add(number - 1);
  }

  void week_of_year(const RawWord& word) {
    const int number = to_int(std::string_view(word.text).substr(1));
    if (number > 53) return complain(word.at, fmt::format("the week {} is not one of w00 to w53", word.text));
    weeks_of_year_.add(number);
  }

  /// `23:05`, `11:05pm`. run_conf.c takes the characters behind the second digit of the minutes for am or pm.
  void hour(const RawWord& word) {
    if (!at_given_) return complain(word.at, fmt::format("\"at\" is missing before the time {}", word.text));
    const size_t colon = word.text.find(':');
    const std::string_view minutes = std::string_view(word.text).substr(colon + 1);
    const std::string_view half = minutes.size() >= 2 ? minutes.substr(2) : minutes;
    const bool pm = equal_ignoring_case(half, "pm"), am = equal_ignoring_case(half, "am");
    int hour = to_int(std::string_view(word.text).substr(0, colon));
    const int minute = to_int(minutes);
    if (pm && hour != 12) hour += 12;
    if (am && hour == 12) hour = 0;
    if ((!pm && !am && minutes.size() != 2) || hour > 23 || minute > 59) {
      return complain(word.at, fmt::format("expected a time such as 23:05 or 11:05pm, found \"{}\"", word.text));
    }
    if (!hours_given_) run_.hours.reset();
    hours_given_ = true;
    run_.hours.set(static_cast<size_t>(hour));
    run_.minute = static_cast<uint32_t>(minute);
  }

  void range(const RawWord& word) {
    const size_t dash = word.text.find('-');
    const std::string_view first = std::string_view(word.text).substr(0, dash);
    const std::string_view last = std::string_view(word.text).substr(dash + 1);
    if (is_integer(first) && is_integer(last)) return range_of_days(word, to_int(first), to_int(last));
    if (is_week_of_year(first) && is_week_of_year(last)) {
      return range_of_weeks(word, to_int(first.substr(1)), to_int(last.substr(1)));
    }
    const Keyword* const from = find_keyword(first);
    const Keyword* const to = find_keyword(last);
    if (!from || !to || from->unit != to->unit || from->number == to->number) return bad_range(word);
    if (from->unit == Unit::weekday) return weekdays_.add(from->number, to->number);
    if (from->unit == Unit::month) return months_.add(from->number, to->number);
    if (from->unit == Unit::week) return weeks_.add(from->number, to->number);
    bad_range(word);
  }

  void range_of_days(const RawWord& word, int first, int last) {
    if (first < 1 || first > 31 || last < 1 || last > 31) return bad_range(word);
    days_.add(first - 1, last - 1);
  }

  void range_of_weeks(const RawWord& word, int first, int last) {
    if (first > 53 || last > 53) return bad_range(word);
    weeks_of_year_.add(first, last);
  }

  void bad_range(const RawWord& word) {
    complain(word.at, fmt::format("expected a range such as 1-7, mon-fri, jan-mar, 2nd-5th or w00-w26, found \"{}\"",
                                  word.text));
  }

  static std::string suggestion(std::string_view word) {
    std::vector<std::string_view> known{"Level", "Pool", "Storage", "Messages", "Priority"};
    for (const Keyword& keyword : kKeywords) known.push_back(keyword.name);
    return did_you_mean(word, known);
  }

  static std::vector<std::string_view> levels() { return split(dir_directives().find("Job", "Level")->keywords); }

  static std::optional<std::string_view> level_of(std::string_view word) {
    for (const std::string_view level : levels()) {
      if (equal_ignoring_case(word, level)) return level;
    }
    return std::nullopt;
  }

  static Token as_token(const RawWord& word) {
    Token token;
    token.text = word.text;
    token.at = word.at;
    token.quoted = word.kind == Kind::quoted;
    token.kind = word.kind == Kind::quoted   ? Token::Kind::quoted
                 : word.kind == Kind::number ? Token::Kind::number
                                             : Token::Kind::unquoted;
    return token;
  }

  Words as_words(const RawWord& word) {
    token_ = as_token(word);
    return {&token_, 1};
  }

  void complain(const Location& at, const std::string& message) {
    if (failed_) return;
    failed_ = true;
    diagnostics_.add(Severity::error, at, fmt::format("{}: {}", directive_.name, message));
  }

  const Directive& directive_;
  std::vector<RawWord> words_;
  Diagnostics& diagnostics_;
  size_t next_ = 0;
  bool failed_ = false, at_given_ = false, hours_given_ = false;
  Token token_;
  ScheduleRun run_;
  Choice<31> days_{run_.days};
  Choice<12> months_{run_.months};
  Choice<7> weekdays_{run_.weekdays};
  Choice<6> weeks_{run_.weeks_of_month};
  Choice<54> weeks_of_year_{run_.weeks_of_year};
};

}  // namespace

std::optional<ScheduleRun> read_run(const Directive& directive, Diagnostics& diagnostics) {
  return RunReader(directive, diagnostics).run();
}

}  // namespace shstore::config
