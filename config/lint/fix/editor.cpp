#include "config/lint/fix/editor.h"

#include <algorithm>
#include <set>

namespace shstore::config::lint {
namespace {

/// The edit that replaces the bytes [first, last) of the text.
Edit splice(const std::string& path, const Statements& in, size_t first, size_t last, std::string by) {
  const Location at = in.location(first);
  return {{path, at.line, at.column, static_cast<uint32_t>(last - first)}, std::move(by)};
}

/// Bacula reads the same without quotes.
bool may_be_bare(std::string_view value) {
  const std::string line = std::string(value) + '\n';
  Lexer lexer(line, 0, nullptr);
  Lexeme word, behind;
  if (!lexer.next(word) || !lexer.next(behind) || behind.kind != LexemeKind::end) return false;
  if (word.kind != LexemeKind::identifier && word.kind != LexemeKind::number && word.kind != LexemeKind::unquoted) {
    return false;
  }
  Sources unescaped;
  return text_of(word, unescaped) == value;
}

/// A value as one writes it: bare where Bacula then reads the same word, else quoted.
std::string written(std::string_view value, bool quoted) {
  if (!quoted && may_be_bare(value)) return std::string(value);
  std::string result = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// The words [first, last] of a statement, as bytes.
std::pair<size_t, size_t> bytes(const Statements& in, size_t first, size_t last) {
  return {in.words()[first].first, in.words()[last].last};
}

/// The line end behind a statement that has the rest of its line for itself: perhaps there is a `;` in
/// between.
std::optional<size_t> line_end_behind(const Statements& in, const Statement& statement) {
  if (in.is_line_end(statement.behind)) return statement.behind;
  const bool semicolon = in.words()[statement.behind].kind == LexemeKind::end;
  if (semicolon && in.is_line_end(statement.behind + 1)) return statement.behind + 1;
  return std::nullopt;
}

/// One of several on a line: takes along the `;` and the blanks that would be left over.
std::pair<size_t, size_t> part_of_line(const Statements& in, const Statement& statement) {
  const auto& words = in.words();
  const std::string_view text = in.text();
  auto [first, last] = bytes(in, statement.name, statement.last_value);
  const bool semicolon = words[statement.behind].kind == LexemeKind::end && !in.is_line_end(statement.behind);
  const bool more_behind = semicolon && !in.is_line_end(statement.behind + 1) && statement.behind + 1 < words.size() &&
                           words[statement.behind + 1].kind != LexemeKind::close;
  if (semicolon) last = words[statement.behind].last;
  if (more_behind) {
    while (last < text.size() && is_blank(text[last])) ++last;
    return {first, last};
  }
  const size_t before = statement.name == 0 ? 0 : words[statement.name - 1].last;
  while (first > before && is_blank(text[first - 1])) --first;
  // The last one of `a; b` leaves no `;` behind.
  if (!semicolon && statement.name > 0 && first == before && words[statement.name - 1].kind == LexemeKind::end &&
      !in.is_line_end(statement.name - 1)) {
    first = words[statement.name - 1].first;
  }
  return {first, last};
}

/// How the neighbours of a new directive are written.
struct Manner {
  std::string before_equals = " ", after_equals = " ";
  size_t column = 0;  ///< where they all have their `=`, counted from the name; 0: nowhere in particular
};

Manner manner(const Statements& in, const Body& body, const Statement& like) {
  const auto& words = in.words();
  const std::string_view text = in.text();
  Manner result;
  const auto blanks_between = [&](size_t left, size_t right) -> std::optional<std::string> {
    const std::string_view gap = text.substr(words[left].last, words[right].first - words[left].last);
    if (gap.find_first_not_of(" \t") != std::string_view::npos) return std::nullopt;
    return std::string(gap);
  };
  if (const auto gap = blanks_between(like.equals, like.first_value)) result.after_equals = *gap;
  if (words[like.equals].first > 0 && !is_blank(text[words[like.equals].first - 1])) result.before_equals.clear();
  std::set<size_t> columns, lengths;
  for (const Statement& other : body.directives) {
    if (!in.begins_line(other.name)) continue;
    const size_t first = words[other.name].first, equals = words[other.equals].first;
    const std::string_view name = text.substr(first, equals - first);
    if (name.find_first_of("\t\n") != std::string_view::npos) return result;
    columns.insert(name.size());
    lengths.insert(name.find_last_not_of(' '));
  }
  if (columns.size() == 1 && lengths.size() > 1) result.column = *columns.begin();
  return result;
}

std::string directive_text(const Manner& manner, std::string_view name, std::string_view value) {
  std::string text(name);
  if (manner.column > name.size()) {
    text.append(manner.column - name.size(), ' ');
  } else {
    text += manner.before_equals;
  }
  return text + '=' + manner.after_equals + written(value, false);
}

Edit insert_behind(const std::string& path, const Statements& in, const Body& body, const Statement& anchor,
                   std::string_view name, std::string_view value) {
  const auto& words = in.words();
  const std::string_view text = in.text();
  const auto line_end = line_end_behind(in, anchor);
  const size_t value_end = words[anchor.last_value].last;
  const bool closes = words[anchor.behind].kind == LexemeKind::close;
  if (in.begins_line(anchor.name) && (line_end || closes)) {
    const size_t name_at = words[anchor.name].first, start = in.line_start(name_at);
    std::string line =
        '\n' + std::string(text.substr(start, name_at - start)) + directive_text(manner(in, body, anchor), name, value);
    const bool semicolon = line_end && *line_end != anchor.behind;
    if (semicolon) line += ';';
    if (closes && !is_blank(text[value_end]) && text[value_end] != '\n') line += ' ';
    const size_t at = line_end ? words[*line_end].last - 1 : value_end;
    return splice(path, in, at, at, std::move(line));
  }
  std::string part = "; " + directive_text(manner(in, body, anchor), name, value);
  if (closes && text[value_end] == '}') part += ' ';
  return splice(path, in, value_end, value_end, std::move(part));
}

/// Into a body that has no directive in this file yet.
Edit insert_first(const std::string& path, const Statements& in, size_t type, const Body& body, std::string_view name,
                  std::string_view value) {
  const std::string directive = directive_text({}, name, value);
  const size_t brace_end = in.words()[body.open].last;
  if (!in.is_line_end(body.open + 1)) {
    const bool alone = body.open + 1 == body.close;
    const bool blank = is_blank(in.text()[brace_end]);
    return splice(path, in, brace_end, brace_end, ' ' + directive + (alone ? (blank ? "" : " ") : blank ? ";" : "; "));
  }
  const size_t type_at = in.words()[type].first, start = in.line_start(type_at);
  std::string indent(in.text().substr(start, type_at - start));
  if (indent.find_first_not_of(" \t") != std::string::npos) indent.clear();
  const size_t at = in.words()[body.open + 1].last - 1;
  return splice(path, in, at, at, '\n' + indent + "  " + directive);
}

}  // namespace

std::optional<Fix> fix_of(std::string title, std::vector<std::optional<Edit>> edits) {
  Fix fix{std::move(title), {}};
  for (std::optional<Edit>& edit : edits) {
    if (!edit) return std::nullopt;
    fix.edits.push_back(std::move(*edit));
  }
  return fix;
}

void Editor::add(const std::string& path, std::string_view text) {
  File& file = files_[path];
  file.text = text;
  ++file.times_read;
  includes_counted_ = false;
}

std::optional<Edit> Editor::remove_directive(const Place& directive) {
  const Statements* const in = open(directive.file);
  const auto name = in ? in->word_at(directive.line, directive.column) : std::nullopt;
  const auto statement = name ? in->directive(*name) : std::nullopt;
  if (!statement) return std::nullopt;
  const auto line_end = line_end_behind(*in, *statement);
  if (line_end && in->begins_line(*name)) {
    return splice(directive.file, *in, in->line_start(in->words()[*name].first), in->words()[*line_end].last, {});
  }
  const auto [first, last] = part_of_line(*in, *statement);
  return splice(directive.file, *in, first, last, {});
}

std::optional<Edit> Editor::replace_value(const Place& directive, std::string_view value) {
  const Statements* const in = open(directive.file);
  const auto name = in ? in->word_at(directive.line, directive.column) : std::nullopt;
  const auto statement = name ? in->directive(*name) : std::nullopt;
  if (!statement) return std::nullopt;
  const auto [first, last] = bytes(*in, statement->first_value, statement->last_value);
  const bool quoted = in->words()[statement->first_value].kind == LexemeKind::quoted;
  return splice(directive.file, *in, first, last, written(value, quoted));
}

std::optional<Edit> Editor::set_directive(const Place& resource, const std::optional<Place>& directive,
                                          std::string_view name, std::string_view value) {
  return directive ? replace_value(*directive, value) : insert_directive(resource, name, value);
}

std::optional<Edit> Editor::replace_word(const Place& word, std::string_view value) {
  const Statements* const in = open(word.file);
  const auto found = in ? in->word_at(word.line, word.column) : std::nullopt;
  if (!found || !is_word(in->words()[*found])) return std::nullopt;
  const auto [first, last] = bytes(*in, *found, *found);
  return splice(word.file, *in, first, last, written(value, in->words()[*found].kind == LexemeKind::quoted));
}

std::optional<Edit> Editor::insert_directive(const Place& resource, std::string_view name, std::string_view value,
                                             std::string_view after) {
  const Statements* const in = open(resource.file);
  const auto type = in ? in->word_at(resource.line, resource.column) : std::nullopt;
  const auto body = type ? in->body(*type) : std::nullopt;
  if (!body) return std::nullopt;
  const Statement* anchor = body->directives.empty() ? nullptr : &body->directives.back();
  for (const Statement& directive : body->directives) {
    const std::string& other = in->words()[directive.name].text;
    if (same_name(other, name)) return std::nullopt;
    if (same_name(other, after)) anchor = &directive;
  }
  if (!anchor) return insert_first(resource.file, *in, *type, *body, name, value);
  return insert_behind(resource.file, *in, *body, *anchor, name, value);
}

std::optional<Edit> Editor::rename_resource(const Place& resource, std::string_view type) {
  const Statements* const in = open(resource.file);
  const auto word = in ? in->word_at(resource.line, resource.column) : std::nullopt;
  if (!word || !in->body(*word)) return std::nullopt;
  const auto [first, last] = bytes(*in, *word, *word);
  return splice(resource.file, *in, first, last, std::string(type));
}

const Statements* Editor::open(const std::string& path) {
  count_includes();
  const auto found = files_.find(path);
  if (found == files_.end() || found->second.times_read != 1) return nullptr;
  File& file = found->second;
  if (!file.statements) file.statements = std::make_unique<Statements>(file.text);
  return file.statements.get();
}

/// add() counts a file once for each configuration; here, what one configuration includes more than once.
void Editor::count_includes() {
  if (includes_counted_) return;
  includes_counted_ = true;
  std::map<std::string, int> included;
  for (auto& [path, file] : files_) {
    if (file.text.find('@') == std::string_view::npos) continue;
    file.statements = std::make_unique<Statements>(file.text);
    for (const Word& word : file.statements->words()) {
      if (word.kind == LexemeKind::include) ++included[word.text];
    }
  }
  for (auto& [path, file] : files_) file.times_read = std::max(file.times_read, included[path]);
}

}  // namespace shstore::config::lint
