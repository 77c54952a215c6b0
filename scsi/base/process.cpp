#include "scsi/base/process.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "scsi/base/printable.h"

namespace shstore::base {

std::optional<ProcessStat> process_stat(pid_t pid, const std::string& proc) {
  std::ifstream in(fmt::format("{}/{}/stat", proc, pid));
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  // Field 2 is the program's name in brackets and may hold anything; the fields are counted from behind it.
  const auto begin = text.find('('), end = text.rfind(')');
  if (begin == text.npos || end == text.npos || end < begin) return std::nullopt;
  ProcessStat stat;
  stat.id.pid = pid;
  stat.name = text.substr(begin + 1, end - begin - 1);
  std::istringstream rest(text.substr(end + 1));
  std::string skipped;
  rest >> skipped >> stat.parent;
  constexpr int kFieldsBetween = 17;  // 5 to 21
  for (int i = 0; i < kFieldsBetween; ++i) rest >> skipped;
  rest >> stat.id.start;
  return rest ? std::optional(stat) : std::nullopt;
}

std::string process_text(pid_t pid, const std::string& proc) {
  const auto stat = process_stat(pid, proc);
  return stat ? fmt::format("{} (process {})", printable(stat->name), pid) : fmt::format("process {}", pid);
}

bool is_self_or_ancestor(const ProcessId& process, const std::string& proc) {
  for (pid_t pid = ::getpid(); pid > 0;) {
    const auto stat = process_stat(pid, proc);
    if (!stat) return false;
    if (stat->id == process) return true;
    pid = stat->parent;
  }
  return false;
}

}  // namespace shstore::base
