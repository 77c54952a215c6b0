#include "config/lint/program/load_site.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "config/command_words.h"
#include "config/directives.h"
#include "config/host_name.h"
#include "config/shared/lock_command.h"
#include "config/version.h"
#include "scsi/base/progress.h"

namespace shstore::config::lint {
namespace {

constexpr const char* kStorageCtlName = "storage-ctl.conf";
constexpr const char* kChangerConfName = "shstore-changer.conf";

bool is_file(const Surroundings& disk, const std::string& path) {
  const FileFacts facts = disk.file(path);
  return facts.exists && !facts.is_directory;
}

/// `HOST=` before a file's name; nothing if there is none.
std::string take_host(std::string& file, const Surroundings& disk) {
  const size_t equals = file.find('=');
  if (equals == 0 || equals == std::string::npos || file.find('/') < equals || is_file(disk, file)) return {};
  std::string host = file.substr(0, equals);
  file.erase(0, equals + 1);
  return host;
}

/// `@15.0.3` behind a file's name; nothing if there is none.
std::optional<int> take_version(std::string& file, const Surroundings& disk) {
  const size_t at = file.rfind('@');
  if (at == std::string::npos || is_file(disk, file)) return std::nullopt;
  const auto version = version_of(std::string_view(file).substr(at + 1));
  if (version) file.erase(at);
  return version;
}

/// Where the libraries of a bacula-sd lie: Debian's packages, Bacula's own, and what make install does.
constexpr std::array<const char*, 5> kLibraryFolders = {"/usr/lib/bacula", "/usr/lib64/bacula", "/usr/lib64",
                                                        "/opt/bacula/lib", "/usr/local/lib"};

std::optional<int> installed_version(const Surroundings& disk) {
  for (const char* const folder : kLibraryFolders) {
    for (const std::string& entry : disk.file(folder).entries) {
      if (const auto version = version_of_library(entry)) return version;
    }
  }
  return std::nullopt;
}

/// The oldest version that knows all of the file.
template <class Config>
int version_by_contents(const Config& config) {
  int oldest = 9;
  const auto consider = [&](int since) {
    if (since < kOtherBuilds) oldest = std::max(oldest, since);
  };
  for (const UnknownDirective& unknown : config.unknown) consider(unknown.since);
  for (const VersionBound& bound : config.bound) consider(bound.since);
  return oldest;
}

/// Gives standard input to whoever reads the file "-".
class InputReader final : public FileReader {
 public:
  InputReader(World& world, std::string name) : world_(world), name_(std::move(name)) {}

  tl::expected<std::string, std::string> read(const std::string& path) override {
    if (!name_.empty() && path == name_) return world_.standard_input();
    return world_.files.read(path);
  }

 private:
  World& world_;
  std::string name_;
};

struct Unjoined {
  std::string host;  ///< as given on the command line; may be empty
  Inventory inventory;
};

/// Has anything at all been understood?
template <class Config>
bool is_unusable(const Config& config, bool has_resources) {
  const bool is_unreadable = std::any_of(config.diagnostics.begin(), config.diagnostics.end(), [](const Diagnostic& d) {
    return d.kind == Diagnostic::Kind::unreadable && d.at.file == 0 && d.at.line == 0;
  });
  return is_unreadable || (!has_resources && config.has_errors());
}

bool has_resources(const SdConfig& config) {
  return config.storage || !config.directors.empty() || !config.devices.empty() || !config.autochangers.empty() ||
         !config.messages.empty();
}

bool has_resources(const DirConfig& config) {
  return config.director || !config.storages.empty() || !config.pools.empty() || !config.jobs.empty() ||
         !config.clients.empty() || !config.runs.empty() || !config.other_resources.empty();
}

class SiteLoader {
 public:
  SiteLoader(const Options& options, World& world)
      : options_(options),
        world_(world),
        stdin_name_(options.stdin_name.empty() ? "<stdin>" : options.stdin_name),
        reader_(world, uses_stdin() ? stdin_name_ : "") {
    load_options_.allow_commands = options.allow_commands;
    load_options_.commands = &world.commands;
  }

  tl::expected<LoadedSite, std::string> run() {
    std::optional<DirConfig> director;
    std::string dir = options_.dir;
    director_version_ = take_version(dir, world_.disk);
    if (!dir.empty()) director = load_director(name_of(dir));
    base::Progress progress(world_.progress);
    const size_t files_to_read = options_.sds.size() + options_.inventories.size();
    size_t begun = 0;
    const auto begin = [&](const std::string& file) {
      progress(fmt::format("reading {} of {}: {}", ++begun, files_to_read, file));
    };
    for (const std::string& written : options_.sds) {
      begin(written);
      load_sd(written);
    }
    for (const std::string& written : options_.inventories) {
      begin(written);
      const auto joined =
          read_inventory(written).and_then([&](Unjoined unjoined) { return join(std::move(unjoined)); });
      if (!joined) return tl::make_unexpected(joined.error());
    }
    find_what_is_here();
    for (size_t i = 0; i < sds_.size(); ++i) find_storage_ctl(sds_[i], arguments_[i].storage_ctl);
    for (SiteSd& sd : sds_) find_changer_conf(sd);
    const size_t files = texts_.paths().size() + options_.inventories.size();
    for (size_t i = 0; i < sds_.size(); ++i) {
      const std::string& known = sds_[i].inventory ? sds_[i].inventory->bacula : std::string();
      sds_[i].version =
          version_for(sds_[i].config, sds_[i].path, arguments_[i].version, sds_[i].is_here, version_of(known));
    }
    BaculaVersion of_director;
    if (director) of_director = version_for(*director, dir, director_version_, false, std::nullopt);
    Site site(std::move(director), std::move(sds_));
    site.director_version = of_director;
    site.upgrade_to = options_.upgrade_to;
    return LoadedSite{std::move(site), std::move(texts_), files, std::move(unusable_), std::move(assumed_)};
  }

 private:
  bool uses_stdin() const {
    return options_.dir == "-" || std::count(options_.sds.begin(), options_.sds.end(), "-") > 0;
  }

  std::string name_of(const std::string& file) const { return file == "-" ? stdin_name_ : file; }

  DirConfig load_director(const std::string& path) {
    DirConfig config = load_dir_config(path, reader_, load_options_);
    texts_.add(config.sources);
    if (is_unusable(config, has_resources(config))) unusable_.push_back(path);
    return config;
  }

  void load_sd(const std::string& written) {
    arguments_.push_back(parse_sd_argument(written, world_.disk));
    SiteSd sd;
    sd.path = name_of(arguments_.back().file);
    sd.host = arguments_.back().host;
    sd.config = load_sd_config(sd.path, reader_, load_options_);
    texts_.add(sd.config.sources);
    if (is_unusable(sd.config, has_resources(sd.config))) unusable_.push_back(sd.path);
    sds_.push_back(std::move(sd));
  }

  tl::expected<Unjoined, std::string> read_inventory(const std::string& written) {
    std::string file = written;
    const std::string host = take_host(file, world_.disk);
    return world_.files.read(file)
        .and_then([&](const std::string& text) { return parse_inventory(text, file); })
        .map([&](Inventory inventory) {
          return Unjoined{host, std::move(inventory)};
        });
  }

  tl::expected<void, std::string> join(Unjoined unjoined) {
    const std::string host = unjoined.host.empty() ? unjoined.inventory.host : unjoined.host;
    bool is_joined = false;
    for (SiteSd& sd : sds_) {
      if (sd.host.empty() || !is_same_host(sd.host, host)) continue;
      sd.inventory = unjoined.inventory;
      is_joined = true;
    }
    if (is_joined) return {};
    if (sds_.size() == 1 && options_.inventories.size() == 1 && sds_[0].host.empty()) {
      sds_[0].host = host;
      sds_[0].inventory = std::move(unjoined.inventory);
      return {};
    }
    return tl::make_unexpected(
        fmt::format("{} is of host {}, but no Storage Daemon is said to be there: write --sd {}=FILE",
                    unjoined.inventory.file, host, host));
  }

  template <class Config>
  BaculaVersion version_for(const Config& config, const std::string& path, std::optional<int> told, bool is_here,
                            std::optional<int> of_inventory) {
    using From = BaculaVersion::From;
    if (told) return {*told, From::told};
    if (options_.bacula_version) return {*options_.bacula_version, From::told};
    if (is_here) {
      if (const auto installed = installed_version(world_.disk)) return {*installed, From::installed};
    }
    if (of_inventory) return {*of_inventory, From::inventory};
    const int version = version_by_contents(config);
    const bool depends =
        !config.bound.empty() || std::any_of(config.unknown.begin(), config.unknown.end(),
                                             [](const UnknownDirective& unknown) { return unknown.since > 0; });
    if (!depends) return {version, From::assumed};
    assumed_.push_back(
        fmt::format("{} is taken for Bacula {}'s, {}; {}@VERSION says otherwise", path, config::to_text(version),
                    version == 9 ? "because nothing tells its version" : "the oldest that knows all of it", path));
    return {version, version == 9 ? From::assumed : From::contents};
  }

  void find_what_is_here() {
    std::multiset<std::string> directories;
    for (const SiteSd& sd : sds_) directories.insert(working_directory(sd));
    for (SiteSd& sd : sds_) {
      const std::string directory = working_directory(sd);
      const bool may_be = !directory.empty() && world_.disk.file(directory).is_directory;
      const bool is_named = !sd.host.empty() && is_same_host(sd.host, world_.host);
      const bool is_likely = is_named || (sd.host.empty() && directories.count(directory) == 1);
      sd.is_here = options_.is_here.value_or(may_be && is_likely);
    }
  }

  static std::string working_directory(const SiteSd& sd) {
    return sd.config.storage ? std::string(*sd.config.storage->working_directory) : std::string();
  }

  void find_storage_ctl(SiteSd& sd, const std::string& given) {
    if (!given.empty()) return read_storage_ctl(sd, given);
    for (const std::string& path : likely_storage_ctls(sd)) {
      if (is_file(world_.disk, path)) return read_storage_ctl(sd, path);
    }
  }

  std::vector<std::string> likely_storage_ctls(const SiteSd& sd) const {
    std::vector<std::string> paths;
    std::set<std::string> seen;
    const auto add = [&](const std::string& path) {
      if (seen.insert(path).second) paths.push_back(path);
    };
    const auto add_conf_of = [&](const TextValue& written) {
      if (!sd.is_here) return;
      const auto command = understand_lock_command(*written);
      if (const auto* ours = std::get_if<StorageCtl>(&command)) {
        if (const auto path = world_.disk.conf_of(*ours)) add(*path);
      }
    };
    for (const SdDevice& device : sd.config.devices) add_conf_of(device.lock_command);
    for (const SdAutochanger& changer : sd.config.autochangers) add_conf_of(changer.lock_command);
    add((std::filesystem::path(sd.path).parent_path() / kStorageCtlName).string());
    return paths;
  }

  // Beside the program, or beside bacula-sd.conf. One that cannot be read is left to shstore-changer, which says so.
  void find_changer_conf(SiteSd& sd) {
    std::vector<std::filesystem::path> neighbours;
    const auto add_program = [&](const TextValue& command) {
      const std::vector<std::string> words = command_words(*command);
      if (sd.is_here && !words.empty()) neighbours.emplace_back(words.front());
    };
    for (const SdAutochanger& changer : sd.config.autochangers) add_program(changer.changer_command);
    for (const SdDevice& device : sd.config.devices) add_program(device.changer_command);
    neighbours.emplace_back(sd.path);
    for (const auto& neighbour : neighbours) {
      const std::string path = (neighbour.parent_path() / kChangerConfName).string();
      const auto text = is_file(world_.disk, path) ? world_.files.read(path) : tl::make_unexpected(std::string{});
      if (!text) continue;
      sd.changer_conf = read_changer_text(*text, path);
      texts_.add(path, *text);
      return;
    }
  }

  void read_storage_ctl(SiteSd& sd, const std::string& path) {
    const auto text = world_.files.read(path);
    if (text) {
      sd.storage_ctl = read_storage_ctl_text(*text, path);
    } else {
      sd.storage_ctl.emplace();
      sd.storage_ctl->path = path;
      sd.storage_ctl->diagnostics.push_back({Severity::error, {}, text.error(), Diagnostic::Kind::unreadable});
      unusable_.push_back(path);
    }
    texts_.add(path, text.value_or(""));
  }

  const Options& options_;
  World& world_;
  const std::string stdin_name_;
  InputReader reader_;
  LoadOptions load_options_;
  std::vector<SdArgument> arguments_;  ///< one for each of sds_
  std::vector<SiteSd> sds_;
  Texts texts_;
  std::vector<std::string> unusable_, assumed_;
  std::optional<int> director_version_;
};

}  // namespace

SdArgument parse_sd_argument(const std::string& written, const Surroundings& disk) {
  SdArgument argument;
  argument.file = written;
  argument.version = take_version(argument.file, disk);
  argument.host = take_host(argument.file, disk);
  const size_t colon = argument.file.rfind(':');
  if (colon == std::string::npos || is_file(disk, argument.file)) return argument;
  argument.storage_ctl = argument.file.substr(colon + 1);
  argument.file.erase(colon);
  return argument;
}

tl::expected<LoadedSite, std::string> load_site(const Options& options, World& world) {
  return SiteLoader(options, world).run();
}

}  // namespace shstore::config::lint
