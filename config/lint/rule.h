// A rule: one function over the site, one page that explains it. Each rule is one file in rules/ and one row in
// rules/all.cpp.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "config/lint/drive.h"
#include "config/lint/fix/editor.h"
#include "config/lint/fix/finding.h"
#include "config/shared/lock_command.h"
#include "config/site.h"

namespace shstore::config::lint {

/// A look at a file of this machine.
struct FileFacts {
  bool exists = false;
  bool is_directory = false;
  uint32_t mode = 0;  ///< permission bits
  std::string owner, group;
  std::vector<std::string> entries;  ///< of a directory: names, sorted
};

/// What a rule may ask for besides the site. Rules stay pure: files are looked at through a port.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  /// Of a file on the machine the linter runs on. Only asked for sites with SiteSd::is_here.
  virtual FileFacts file(const std::string& path) const = 0;
  /// Where a storage-ctl finds its storage-ctl.conf, be it there or not; the error: there are two that differ. Asked as file()
  /// is. As here, it is beside the program.
  virtual tl::expected<std::string, std::string> conf_of(const StorageCtl& command) const;
};

class Reporter;

struct Rule {
  std::string_view code;  ///< "SHS001"; never used for another rule
  Level level = Level::error;
  std::string_view title;  ///< "two drives of one Autochanger have the same Drive Index"
  /// nullptr if the rule is not about the site: the program itself looks whether it is broken.
  void (*check)(const Site& site, const Surroundings& around, Reporter& report) = nullptr;
  /// For --explain: four paragraphs that begin with "What: ", "Why: ", "Example: " and "Fix: ".
  std::string_view page;
};

/// Collects the findings of one rule, and tells it what all rules ask.
class Reporter {
 public:
  Reporter(const Rule& rule, std::vector<Finding>& into) : rule_(rule), into_(into), editor_(no_texts_) {}
  /// The editor knows the site's texts; without one no finding gets a fix. The drives are those of the site.
  Reporter(const Rule& rule, std::vector<Finding>& into, Editor& editor, const Drives& drives)
      : rule_(rule), into_(into), editor_(editor), drives_(&drives) {}

  /// At the rule's own level. The reference is valid until the next call.
  Finding& add(Place at, std::string message, std::string help = {});

  /// Makes the edits of a Finding::fix.
  Editor& editor() { return editor_; }

  /// Every Device of every Storage Daemon, in their order: all_drives().
  std::span<const Drive> drives() const { return drives_ ? drives_->all() : std::span<const Drive>(); }
  /// Of one Autochanger, in the order of its list, each once: as the function of this name, but quick.
  std::vector<Drive> drives_of(size_t sd, size_t changer) const {
    return drives_ ? drives_->of(sd, changer) : std::vector<Drive>();
  }

 private:
  const Rule& rule_;
  std::vector<Finding>& into_;
  Editor no_texts_;
  Editor& editor_;
  const Drives* drives_ = nullptr;
};

/// All rules, by code.
std::span<const Rule* const> all_rules();
const Rule* find_rule(std::string_view code);

/// The place of a value, a directive or a resource of one of the site's files.
Place place(const SdConfig& config, const Location& at, uint32_t length = 0);
Place place(const DirConfig& config, const Location& at, uint32_t length = 0);
Place place(const StorageCtlText& text, const Location& at, uint32_t length = 0);
Place place(const ChangerText& text, const Location& at, uint32_t length = 0);
template <class Config, class T>
Place place(const Config& config, const Value<T>& value) {
  return place(config, value.at);
}

/// Where the name of a given value's directive is.
template <class Config, class T>
Place name_place(const Config& config, const Value<T>& value) {
  return place(config, value.directive_at(config.sources.get()));
}

/// The same; nothing if it is not given.
template <class Config, class T>
std::optional<Place> directive_place(const Config& config, const Value<T>& value) {
  if (!value.given) return std::nullopt;
  return name_place(config, value);
}

/// Runs every rule (or those of `only`, if it is not empty), then sorts by file, line, column and code.
std::vector<Finding> run_rules(const Site& site, const Surroundings& around, std::span<const Rule* const> rules);

}  // namespace shstore::config::lint
