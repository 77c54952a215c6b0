// shstore-lint [--dir FILE] --sd FILE ...: checks Bacula configurations that share drives.
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <stdexcept>

#include "config/lint/program/disk_surroundings.h"
#include "config/lint/program/run.h"
#include "scsi/base/foreign_file.h"
#include "scsi/base/printable.h"
#include "scsi/base/progress.h"

namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::string working_directory() {
  std::error_code error;
  return std::filesystem::current_path(error).string();
}

bool no_color() {
  const char* const value = std::getenv("NO_COLOR");
  return value != nullptr && *value != '\0';
}

/// Memory that was given back to the system costs a page fault for each page when it is needed again, and rules need the
/// same amounts again and again.
void keep_memory() {
#ifdef __GLIBC__
  constexpr int kLargest = 1 << 30;
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);  // no more than what malloc() itself goes up to
  ::mallopt(M_TRIM_THRESHOLD, kLargest);
#endif
}

std::string standard_input() {
  auto text = shstore::base::read_standard_input();
  if (!text) throw std::runtime_error(text.error().message);
  return *std::move(text);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace shstore::config;
  constexpr int kCouldNotRun = static_cast<int>(lint::ExitStatus::could_not_run);
  try {
    const auto reader = disk_reader();
    const auto commands = process_runner();
    const auto disk = lint::disk_surroundings();
    lint::World world{*reader,
                      *commands,
                      *disk,
                      standard_input,
                      host_name(),
                      working_directory(),
                      ::isatty(STDOUT_FILENO) != 0,
                      no_color(),
                      std::cout,
                      std::cerr,
                      shstore::base::progress_on_terminal(),
                      true};
    keep_memory();
    const auto status = lint::run({argv + 1, argv + argc}, world);
    std::cout.flush();
    if (!std::cout.fail()) return static_cast<int>(status);
    std::cerr << "shstore-lint: cannot write the output\n";
  } catch (const std::exception& error) {
    std::cerr << "shstore-lint: " << shstore::base::printable(error.what()) << '\n';
  }
  return kCouldNotRun;
}
