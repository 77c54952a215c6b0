// The screen of --watch as lines, and what keys do to it.
#include <gtest/gtest.h>

#include "golden.h"
#include "sample_snapshot.h"
#include "status/printable.h"
#include "status/watch/cells.h"
#include "status/watch/view.h"

namespace shstore::status::watch {
namespace {

using namespace std::chrono_literals;

// One drive for each state that there is.
Shown every_state() {
  Reading reading;
  for (auto& sample : tests::state_samples()) {
    sample.snapshot.devices.at(0).name = "Drive-" + std::to_string(reading.daemons.size());
    sample.snapshot.notes.clear();
    reading.daemons.push_back(std::move(sample.snapshot));
  }
  return {table_of(reading), 3s, std::nullopt, 5s};
}

std::string text(const std::vector<Line>& lines) {
  std::string all;
  for (const auto& line : lines) all += line.text + '\n';
  return all;
}

std::string names(const std::vector<Row>& rows) {
  std::string all;
  for (const auto& row : rows) all += (all.empty() ? "" : " ") + row.cell(Column::drive);
  return all;
}

Row row(const std::string& drive, Severity severity, std::optional<std::chrono::seconds> age = {}) {
  Row r;
  r.cells[0] = drive;
  r.severity = severity;
  r.age = age;
  return r;
}

TEST(WatchScreen, EveryState) {
  EXPECT_TRUE(tests::equals_golden(text(draw(every_state(), {}, {120, 40})), "status/watch_every-state.txt"));
}

TEST(WatchScreen, ASmallOneScrolls) {
  const Size small{60, 12};
  const auto shown = every_state();
  EXPECT_TRUE(tests::equals_golden(text(draw(shown, {}, small)), "status/watch_small.txt"));
  View view;
  for (const auto key : {Key::down, Key::down}) view = after(view, key, shown, small);
  EXPECT_EQ(view.top, 2u);
  EXPECT_EQ(after(view, Key::first, shown, small).top, 0u);
  const auto last = after(view, Key::last, shown, small);
  EXPECT_GT(last.top, 2u);
  EXPECT_EQ(after(last, Key::page_down, shown, small), last) << "there is no more";
  EXPECT_LT(after(last, Key::page_up, shown, small).top, last.top);
}

TEST(WatchScreen, FitsWhateverTheSizeIs) {
  const auto shown = every_state();
  for (size_t rows = 1; rows < 30; ++rows) {
    for (const size_t columns : {1u, 20u, 59u, 80u, 200u}) {
      for (const bool help : {false, true}) {
        const auto lines = draw(shown, {.help = help}, {columns, rows});
        EXPECT_LE(lines.size(), rows);
        for (const auto& line : lines) EXPECT_LE(columns_of(line.text), columns) << rows << ' ' << line.text;
      }
    }
  }
}

TEST(WatchScreen, SaysThatNothingHasBeenReadAndThatItAsks) {
  const auto lines = text(draw({std::nullopt, 0s, 4s, 5s}, {}, {80, 24}));
  EXPECT_NE(lines.find("asking the drives for 4 s"), std::string::npos) << lines;
}

TEST(WatchRows, AreSortedAsTheColumnMeans) {
  const std::vector<Row> rows = {row("Drive-10", Severity::ok, 60s), row("Drive-2", Severity::critical),
                                 row("Drive-1", Severity::warning, 600s)};
  EXPECT_EQ(names(sorted(rows, Column::drive, false)), "Drive-1 Drive-2 Drive-10");
  EXPECT_EQ(names(sorted(rows, Column::drive, true)), "Drive-10 Drive-2 Drive-1");
  EXPECT_EQ(names(sorted(rows, Column::lock, false)), "Drive-2 Drive-1 Drive-10") << "the worst first";
  EXPECT_EQ(names(sorted({row("silent", Severity::unknown), row("well", Severity::ok), row("lost", Severity::critical),
                          row("must-close", Severity::warning)},
                         Column::lock, false)),
            "lost must-close silent well");
  EXPECT_EQ(names(sorted(rows, Column::age, false)), "Drive-1 Drive-10 Drive-2") << "the oldest first";
}

TEST(WatchKeys, ComeInPieces) {
  std::string bytes = "s\x1b[";
  EXPECT_EQ(take_keys(bytes), std::vector<Key>{Key::sort});
  bytes += "5~q";
  EXPECT_EQ(take_keys(bytes), (std::vector<Key>{Key::page_up, Key::quit}));
  EXPECT_EQ(bytes, "");
}

TEST(WatchKeys, ChangeWhatIsShown) {
  const auto shown = every_state();
  const Size size{80, 24};
  EXPECT_EQ(after({}, Key::sort, shown, size).sort, Column::sd);
  EXPECT_TRUE(after({}, Key::reverse, shown, size).reverse);
  EXPECT_TRUE(after({}, Key::refresh, shown, size).refresh);
  EXPECT_TRUE(after({}, Key::quit, shown, size).quit);
  const auto help = after({}, Key::help, shown, size);
  EXPECT_TRUE(help.help);
  EXPECT_FALSE(after(help, Key::help, shown, size).help);
}

TEST(WatchCells, HostileTextIsHarmless) {
  EXPECT_EQ(printable("a\x1b[31mb\n\xff"), "a?[31mb??");
  EXPECT_EQ(cut("Laufwerk", 5), "Lauf>");
  EXPECT_EQ(cut("Laufwerk", 8), "Laufwerk");
  EXPECT_EQ(fitted("Bänder", 8), "Bänder  ");
}

}  // namespace
}  // namespace shstore::status::watch
