// The screen of --watch as plain data: what it shows, and what a key does to it. No I/O.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "status/watch/keys.h"
#include "status/watch/table.h"

namespace shstore::status::watch {

struct Size {
  size_t columns = 80, rows = 24;
};

/// What the person at the keyboard has chosen.
struct View {
  Column sort = Column::drive;
  bool reverse = false;
  size_t top = 0;  ///< the first row that is shown
  bool help = false;
  bool refresh = false;  ///< asked for with the last key
  bool quit = false;
  friend bool operator==(const View&, const View&) = default;
};

/// What there is to be shown.
struct Shown {
  std::optional<Table> table;                    ///< nothing: nothing has been read yet
  std::chrono::seconds age{};                    ///< of the table
  std::optional<std::chrono::seconds> asking{};  ///< for how long the drives are being asked; nothing: they are not
  std::chrono::seconds interval{5};
};

enum class Style { plain, bold, header, warning, critical, unknown };

struct Line {
  std::string text;  ///< no wider than the screen
  Style style = Style::plain;
};

View after(View view, Key key, const Shown& shown, Size size);

/// At most size.rows lines. What is wrong is also said in signs (!! critical, ! warning, ? not known), not by style alone.
std::vector<Line> draw(const Shown& shown, const View& view, Size size);

}  // namespace shstore::status::watch
