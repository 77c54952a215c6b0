// config_load FILE: loads a bacula-sd.conf once; prints how many devices it has, how many bytes of text, and the most
// memory it took in bytes. Exit status 1 if it has errors.
#include <fmt/format.h>
#include <sys/resource.h>

#include "config/sd_config.h"

int main(int argc, char** argv) {
  using namespace shstore::config;
  if (argc != 2) return 2;
  const auto reader = disk_reader();
  const SdConfig config = load_sd_config(argv[1], *reader);
  size_t bytes = 0;
  for (const SourceText& file : config.sources->files) bytes += file.text.size();
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  fmt::print("{} {} {}\n", config.devices.size(), bytes, usage.ru_maxrss * 1024);
  for (const Diagnostic& diagnostic : config.diagnostics) fmt::print(stderr, "{}\n", to_text(diagnostic, config.files));
  return config.has_errors() ? 1 : 0;
}
