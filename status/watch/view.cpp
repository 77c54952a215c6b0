#include "status/watch/view.h"

#include <fmt/format.h>

#include <algorithm>

#include "reserve/record/times.h"
#include "status/watch/cells.h"

namespace shstore::status::watch {
namespace {

using std::chrono::seconds;

constexpr size_t kMaxRemarks = 3;
constexpr size_t kFixedLines = 4;  // title, summary, header, keys
constexpr size_t kMark = 3;        // "!! "
constexpr std::array<size_t, kColumns> kWidest = {24, 20, 20, 24, 16, 11, 200};

size_t remark_lines(const Table& table, Size size) {
  constexpr size_t kRowsFirst = 3;  // a small screen is for the drives
  const size_t room = size.rows > kFixedLines + kRowsFirst ? size.rows - kFixedLines - kRowsFirst : 0;
  return std::min({table.remarks.size(), kMaxRemarks, room});
}

size_t page(const Shown& shown, Size size) {
  const size_t others = kFixedLines + (shown.table ? remark_lines(*shown.table, size) : 0);
  return size.rows > others ? size.rows - others : 1;
}

size_t last_top(const Shown& shown, Size size) {
  const size_t rows = shown.table ? shown.table->rows.size() : 0;
  return rows - std::min(rows, page(shown, size));
}

std::string title_line(const Shown& shown) {
  std::string text = "shstore-status";
  if (shown.table)
    text += fmt::format("  read at {}, {} ago", record::time_text(shown.table->taken).substr(11),
                        record::age_text(shown.age));
  text += fmt::format(", every {}", record::age_text(shown.interval));
  if (shown.asking) text += fmt::format("; asking the drives for {}", record::age_text(*shown.asking));
  return text;
}

// No wider than their cells and their titles ask for; what remains of the screen is the last one's.
std::array<size_t, kColumns> widths(const std::vector<Row>& rows, size_t screen) {
  std::array<size_t, kColumns> all{};
  size_t used = kMark;
  for (size_t i = 0; i < kColumns; ++i) {
    all[i] = columns_of(title(static_cast<Column>(i))) + 1;  // and the sign of the order
    for (const auto& row : rows) all[i] = std::max(all[i], columns_of(row.cells[i]));
    all[i] = std::min(all[i], kWidest[i]);
    if (i + 1 == kColumns) all[i] = screen > used ? std::min(all[i], screen - used) : 0;
    used += all[i] + 2;
  }
  return all;
}

std::string joined(const std::array<std::string, kColumns>& cells, const std::array<size_t, kColumns>& width) {
  std::string text;
  for (size_t i = 0; i < kColumns; ++i) text += (i == 0 ? "" : "  ") + fitted(cells[i], width[i]);
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::string header(const View& view, const std::array<size_t, kColumns>& width) {
  std::array<std::string, kColumns> titles;
  for (size_t i = 0; i < kColumns; ++i) {
    const auto column = static_cast<Column>(i);
    titles[i] = title(column);
    if (column == view.sort) titles[i] += view.reverse ? '^' : 'v';
  }
  return std::string(kMark, ' ') + joined(titles, width);
}

Line marked(const std::string& text, Severity severity) {
  switch (severity) {
    case Severity::critical: return {"!! " + text, Style::critical};
    case Severity::warning: return {"!  " + text, Style::warning};
    case Severity::unknown: return {"?  " + text, Style::unknown};
    case Severity::ok: break;
  }
  return {"   " + text, Style::plain};
}

void add_table(std::vector<Line>& lines, const Shown& shown, const View& view, Size size) {
  const auto& table = *shown.table;
  lines.push_back({table.summary, Style::bold});
  const size_t remarks = remark_lines(table, size);
  for (size_t i = 0; i < remarks; ++i) {
    const bool more = i + 1 == remarks && table.remarks.size() > remarks;
    const auto rest = more ? fmt::format("(and {} more) ", table.remarks.size() - remarks) : std::string{};
    lines.push_back(marked(rest + table.remarks[i].text, table.remarks[i].severity));
  }
  const auto rows = sorted(table.rows, view.sort, view.reverse);
  const auto width = widths(rows, size.columns);
  lines.push_back({fitted(header(view, width), size.columns), Style::header});
  const size_t end = std::min(rows.size(), view.top + page(shown, size));
  for (size_t i = view.top; i < end; ++i) lines.push_back(marked(joined(rows[i].cells, width), rows[i].severity));
}

void add_help(std::vector<Line>& lines) {
  for (const char* text :
       {"", "  q            leave", "  s            sort by the next column", "  r            reverse the order",
        "  up, down     scroll (also k, j, Page Up, Page Down, Home, End)", "  space        read again now",
        "  h, ?         this help, and back", "", "  !! needs somebody now   ! needs somebody   ? is not known",
        "  HOLDER is the key on the drive, as the drive tells it;", "  AGE is for how long this host holds the lock;",
        "  WAITING has the JobIds, and for how long they have waited."}) {
    lines.push_back({text});
  }
}

std::string keys_line(const Shown& shown, const View& view, Size size) {
  const size_t rows = shown.table ? shown.table->rows.size() : 0;
  std::string text;
  if (!view.help && rows > page(shown, size))
    text = fmt::format("{}-{} of {}  ", view.top + 1, std::min(rows, view.top + page(shown, size)), rows);
  return text + "q quit  s sort  r reverse  space refresh  h help";
}

}  // namespace

View after(View view, Key key, const Shown& shown, Size size) {
  view.refresh = false;
  const size_t end = last_top(shown, size);
  view.top = std::min(view.top, end);
  switch (key) {
    case Key::quit: view.quit = true; break;
    case Key::sort:
      view.sort = static_cast<Column>((static_cast<size_t>(view.sort) + 1) % kColumns);
      view.top = 0;
      break;
    case Key::reverse:
      view.reverse = !view.reverse;
      view.top = 0;
      break;
    case Key::up: view.top -= std::min<size_t>(view.top, 1); break;
    case Key::down: view.top = std::min(view.top + 1, end); break;
    case Key::page_up: view.top -= std::min(view.top, page(shown, size)); break;
    case Key::page_down: view.top = std::min(view.top + page(shown, size), end); break;
    case Key::first: view.top = 0; break;
    case Key::last: view.top = end; break;
    case Key::refresh: view.refresh = true; break;
    case Key::help: view.help = !view.help; break;
    case Key::other: break;
  }
  return view;
}

std::vector<Line> draw(const Shown& shown, const View& chosen, Size size) {
  auto view = chosen;
  view.top = std::min(view.top, last_top(shown, size));  // the screen has grown, or drives have gone
  std::vector<Line> lines = {{title_line(shown), Style::bold}};
  if (view.help) {
    add_help(lines);
  } else if (shown.table) {
    add_table(lines, shown, view, size);
  } else {
    lines.push_back({"Nothing has been read yet."});
  }
  // The last line stays the last one, whatever there is above it.
  const size_t above = size.rows > 0 ? size.rows - 1 : 0;
  lines.resize(above);
  lines.push_back({keys_line(shown, view, size), Style::header});
  for (auto& line : lines) line.text = cut(line.text, size.columns);
  lines.back().text = fitted(lines.back().text, size.columns);
  return lines;
}

}  // namespace shstore::status::watch
