#include "config/lint/program/generate_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <ostream>
#include <sstream>

#include "config/generate.h"
#include "scsi/base/printable.h"

namespace shstore::config::lint {
namespace {

using Problem = std::optional<std::string>;

/// `HOST=ADDRESS[:PORT]`
Problem take_address(const std::string& written, SiteFacts& facts) {
  const size_t equals = written.find('=');
  if (equals == 0 || equals == std::string::npos) return fmt::format("--at {}: expected HOST=ADDRESS[:PORT]", written);
  const std::string host = written.substr(0, equals);
  std::string address = written.substr(equals + 1);
  // An IPv6 address has colons of its own: its port stands behind brackets.
  const bool is_bracketed = address.starts_with('[');
  const size_t colon = address.rfind(':');
  const size_t end = is_bracketed ? address.find(']') : address.find(':') == colon ? colon : std::string::npos;
  if (is_bracketed && end == std::string::npos) return fmt::format("--at {}: the ] is missing", written);
  std::string port = end == std::string::npos ? "" : address.substr(end + (is_bracketed ? 1 : 0));
  address = is_bracketed ? address.substr(1, end - 1) : address.substr(0, end);
  if (address.empty()) return fmt::format("--at {}: expected HOST=ADDRESS[:PORT]", written);
  if (!port.empty()) {
    constexpr unsigned long kLargest = 65534;  // lib/parse_conf.c, store_addresses_port()
    port.erase(0, port.front() == ':' ? 1 : 0);
    const bool is_number =
        !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
    const unsigned long number = is_number ? std::stoul(port) : 0;
    if (number == 0 || number > kLargest) return fmt::format("--at {}: \"{}\" is no port", written, port);
    facts.ports[host] = static_cast<uint32_t>(number);
  }
  facts.addresses[host] = address;
  return std::nullopt;
}

/// Lines `HOST PASSWORD`.
Problem take_passwords(const std::string& file, World& world, SiteFacts& facts) {
  const auto text = world.files.read(file);
  if (!text) return text.error();
  std::istringstream lines(*text);
  size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    std::istringstream words(line);
    std::string host, password, more;
    if (!(words >> host) || host.starts_with('#')) continue;
    if (!(words >> password) || words >> more) return fmt::format("{}:{}: expected HOST PASSWORD", file, number);
    facts.passwords[host] = password;
  }
  return std::nullopt;
}

Problem write_new(const std::filesystem::path& path, const std::string& text) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (fd < 0) {
    return fmt::format("cannot write {}: {}{}", path.string(), std::strerror(errno),
                       errno == EEXIST ? "; remove it first, or name another folder" : "");
  }
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<size_t>(n);
  }
  const bool is_whole = done == text.size() && ::fsync(fd) == 0;
  const int why = errno;
  ::close(fd);
  if (is_whole) return std::nullopt;
  ::unlink(path.c_str());
  return fmt::format("cannot write {}: {}", path.string(), std::strerror(why));
}

}  // namespace

ExitStatus generate_files(const Options& options, World& world) {
  const auto fail = [&](const std::string& why) {
    world.err << "shstore-lint: " << base::printable(why) << '\n';
    return ExitStatus::could_not_run;
  };
  SiteFacts facts;
  facts.is_under_opt = std::string_view(SHSTORE_SCRIPTS_DIR).starts_with("/opt/bacula/");
  if (!options.director.empty()) facts.director = options.director;
  if (!options.working.empty()) facts.working = options.working;
  if (!options.plugins.empty()) facts.plugins = options.plugins;
  if (!options.scripts.empty()) facts.scripts = options.scripts;
  for (const std::string& written : options.addresses) {
    if (const Problem problem = take_address(written, facts)) return fail(*problem);
  }
  if (!options.passwords.empty()) {
    if (const Problem problem = take_passwords(options.passwords, world, facts)) return fail(*problem);
  }
  std::vector<Inventory> inventories;
  for (const std::string& file : options.inventories) {
    auto inventory =
        world.files.read(file).and_then([&](const std::string& text) { return parse_inventory(text, file); });
    if (!inventory) return fail(inventory.error());
    inventories.push_back(std::move(*inventory));
  }
  const auto files = generate(inventories, facts);
  if (!files) return fail(files.error());
  for (const GeneratedFile& file : *files) {
    if (options.into.empty()) {
      world.out << "# ==== " << file.path << '\n' << file.text << '\n';
    } else if (const Problem problem = write_new(std::filesystem::path(options.into) / file.path, file.text)) {
      return fail(*problem);
    } else {
      world.out << (std::filesystem::path(options.into) / file.path).string() << '\n';
    }
  }
  return ExitStatus::clean;
}

}  // namespace shstore::config::lint
