// What --watch shows of a reading: a row for each shared drive, and what else the administrator must know. No I/O.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "status/look/condition.h"
#include "status/look/snapshot.h"

namespace shstore::status::watch {

/// All daemons at one moment.
struct Reading {
  std::vector<SdSnapshot> daemons;
  std::vector<Unreadable> unreadable{};
};

enum class Column : size_t { drive, sd, lock, holder, jobs, age, waiting };
inline constexpr size_t kColumns = 7;

/// "DRIVE", ...
const char* title(Column column);

struct Row {
  std::array<std::string, kColumns> cells;  ///< without control characters
  Severity severity = Severity::ok;
  std::optional<std::chrono::seconds> age{};           ///< for how long this host holds the lock, where that is known
  std::optional<std::chrono::seconds> longest_wait{};  ///< of the jobs that wait for it
  const std::string& cell(Column column) const { return cells[static_cast<size_t>(column)]; }
};

/// What is to be said besides the rows: problems that are no drive's state, and the daemons' notes.
struct Remark {
  std::string text;  ///< without control characters
  Severity severity = Severity::ok;
};

struct Table {
  record::WallTime taken{};     ///< of the newest daemon; the ages in the rows are those of this moment
  std::vector<Row> rows;        ///< as the configurations have them; no drive that is not shared
  std::string summary;          ///< "3 drives: 2 free, 1 blocked; 1 job waits"
  std::vector<Remark> remarks;  ///< the worst first
};

Table table_of(const Reading& reading);

/// Worst, oldest and longest first where the column is about that, names in natural order (Drive-2 before Drive-10)
/// elsewhere; what is equal stays in the order of the drives' names.
std::vector<Row> sorted(std::vector<Row> rows, Column by, bool reverse);

}  // namespace shstore::status::watch
