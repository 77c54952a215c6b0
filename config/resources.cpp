#include "config/resources.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/diagnostics.h"
#include "config/references.h"
#include "config/spelling.h"
#include "config/statements.h"
#include "config/word_stream.h"

namespace shstore::config {
namespace {

constexpr std::string_view kNeededBySd[] = {"Storage", "Director", "Device", "Messages"};  // stored/stored.c
constexpr std::string_view kNeededByDir[] = {"Director", "Job", "Messages"};               // dird/dird.c

constexpr size_t kEnoughNonsense = 2;    // lines
constexpr size_t kEnoughOfTheOther = 2;  // resources

class Loading {
 public:
  Loading(const LoadOptions& options, const Daemon& daemon, const TakeResource& take, const FinishResources& finish)
      : options_(options),
        daemon_(daemon),
        take_(take),
        finish_(finish),
        lacking_(daemon.needed.begin(), daemon.needed.end()),
        findings_{diagnostics_, result_.unknown, options.limits.unknown} {}

  LoadedText run(const std::string& path, FileReader& reader) {
    const auto sources = std::make_shared<Sources>();
    WordStream words(path, reader, options_, *sources, diagnostics_);
    parse(words, daemon_.directives, *sources, diagnostics_, [&](Block& block) {
      findings_.progress = words.progress();
      if (++resources_ <= options_.limits.resources) return resource(block);
      if (resources_ == options_.limits.resources + 1) {
        findings_.add(Severity::error, block.at, fmt::format("more than {} resources", options_.limits.resources),
                      Diagnostic::Kind::unreadable);
        words.stop();
      }
    });
    if (resources_ == 0 && diagnostics_.is_only_syntax(kEnoughNonsense)) {
      diagnostics_ = {};
      diagnostics_.add(
          Severity::error, {0, 1, 1},
          fmt::format("this is no {}.conf: there is no resource such as \"{} {{\" in it; perhaps it is a part that "
                      "another file includes",
                      daemon_.name, daemon_.needed.front()),
          Diagnostic::Kind::syntax);
    }
    if (others_ >= kEnoughOfTheOther && own_ == 0) return other_daemons(sources);
    const bool is_alone = sources->files.size() == 1;  // includes may be empty by and by
    const bool is_empty = is_alone && resources_ == 0 && diagnostics_.empty() && !words.commands_skipped();
    if (is_empty) {
      findings_.add(Severity::warning, {0, 0, 0}, "there is nothing in this file but blanks and comments",
                    Diagnostic::Kind::missing);
    }
    const bool was_read = !is_empty && (resources_ > 0 || diagnostics_.empty());
    names_.report(findings_);
    if (was_read && finish_) finish_(findings_);
    if (was_read) report_missing_types();
    for (const SourceText& file : sources->files) result_.files.push_back(file.path);
    result_.sources = sources;
    result_.bound = diagnostics_.take_bound();
    result_.diagnostics = diagnostics_.take(words.commands_skipped());
    return std::move(result_);
  }

 private:
  /// bacula-dir.conf where bacula-sd.conf was meant, or the other way round: all else that could be said would mislead.
  LoadedText other_daemons(const std::shared_ptr<Sources>& sources) {
    const std::string_view other = is_sd() ? "bacula-dir.conf" : "bacula-sd.conf";
    LoadedText result;
    for (const SourceText& file : sources->files) result.files.push_back(file.path);
    result.sources = sources;
    result.is_other_daemons = true;
    result.diagnostics.push_back(
        {Severity::error, first_other_,
         fmt::format(
             "this is a {} and not a {}.conf: {} of its resources are of the other daemon only, this one is the "
             "first",
             other, daemon_.name, others_),
         Diagnostic::Kind::syntax});
    return result;
  }

  bool is_sd() const { return &daemon_.directives == &sd_directives(); }
  const DirectiveTable& other_directives() const { return is_sd() ? dir_directives() : sd_directives(); }

  void resource(Block& block) {
    const ResourceType* const type = daemon_.directives.type(block.type);
    if (!type) return unknown(block);
    if (other_directives().find_type(type->name).empty()) ++own_;
    read_resource(block, *type, daemon_.directives, findings_, typed_);
    names_.add(typed_);
    std::erase(lacking_, typed_.type);
    if (!take_(typed_, findings_)) keep(block);
  }

  void unknown(Block& block) {
    if (belongs_elsewhere(block)) return keep(block);
    const auto types = daemon_.directives.types();
    const bool may_suggest = findings_.suggestions > 0;
    if (may_suggest) --findings_.suggestions;
    findings_.add(Severity::warning, block.at,
                  fmt::format("unknown resource type \"{}\"{}", block.type,
                              may_suggest ? did_you_mean(block.type, types) : std::string()),
                  Diagnostic::Kind::unknown_type);
    keep(block);
  }

  /// bacula-dir learns of Devices from the Storage Daemon and refuses the resource; each daemon refuses what is the
  /// other's.
  bool belongs_elsewhere(const Block& block) {
    if (other_directives().find_type(block.type).empty()) return false;
    if (others_++ == 0) first_other_ = block.at;
    findings_.add(Severity::error, block.at,
                  fmt::format("a {} resource belongs in {}, not here", block.type,
                              is_sd() ? "bacula-dir.conf" : "bacula-sd.conf"),
                  Diagnostic::Kind::unknown_type);
    return true;
  }

  void keep(Block& block) {
    if (result_.other_resources.size() < options_.limits.unknown) result_.other_resources.push_back(std::move(block));
  }

  void report_missing_types() {
    for (const std::string_view type : lacking_) {
      findings_.add(Severity::warning, {0, 0, 0},
                    fmt::format("there is no {} resource; {} needs one", type, daemon_.name),
                    Diagnostic::Kind::missing);
    }
  }

  const LoadOptions& options_;
  const Daemon& daemon_;
  const TakeResource& take_;
  const FinishResources& finish_;
  LoadedText result_;
  Diagnostics diagnostics_;
  NameChecker names_;
  std::vector<std::string_view> lacking_;  ///< needed types of which there was none yet
  Findings findings_;
  TypedResource typed_;
  size_t resources_ = 0;
  size_t own_ = 0, others_ = 0;  ///< resources of this daemon only, and of the other one only
  Location first_other_;
};

}  // namespace

const Daemon& bacula_sd() {
  static const Daemon daemon{"bacula-sd", sd_directives(), kNeededBySd};
  return daemon;
}

const Daemon& bacula_dir() {
  static const Daemon daemon{"bacula-dir", dir_directives(), kNeededByDir};
  return daemon;
}

LoadedText load_resources(const std::string& path, FileReader& reader, const LoadOptions& options, const Daemon& daemon,
                          const TakeResource& take, const FinishResources& finish) {
  return Loading(options, daemon, take, finish).run(path, reader);
}

}  // namespace shstore::config
