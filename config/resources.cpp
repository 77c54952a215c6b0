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

class Loading {
 public:
  Loading(const LoadOptions& options, const Program& program, const TakeResource& take)
      : options_(options),
        program_(program),
        take_(take),
        lacking_(program.needed.begin(), program.needed.end()),
        findings_{diagnostics_, result_.unknown, options.limits.unknown} {}

  LoadedText run(const std::string& path, FileReader& reader) {
    const auto sources = std::make_shared<Sources>();
    WordStream words(path, reader, options_, *sources, diagnostics_);
    parse(words, program_.directives, *sources, diagnostics_, [&](Block& block) {
      findings_.progress = words.progress();
      if (++resources_ <= options_.limits.resources) return resource(block);
      if (resources_ == options_.limits.resources + 1) {
        findings_.add(Severity::error, block.at, fmt::format("more than {} resources", options_.limits.resources));
        words.stop();
      }
    });
    const bool was_read = resources_ > 0 || diagnostics_.empty();
    names_.report(findings_);
    if (was_read) report_missing_types();
    for (const SourceText& file : sources->files) result_.files.push_back(file.path);
    result_.sources = sources;
    result_.diagnostics = diagnostics_.take(words.commands_skipped());
    return std::move(result_);
  }

 private:
  void resource(Block& block) {
    const ResourceType* const type = program_.directives.type(block.type);
    if (!type) return unknown(block);
    read_resource(block, *type, program_.directives, findings_, typed_);
    names_.add(typed_);
    std::erase(lacking_, typed_.type);
    if (!take_(typed_, findings_)) keep(block);
  }

  void unknown(Block& block) {
    const auto types = program_.directives.types();
    const bool may_suggest = findings_.suggestions > 0;
    if (may_suggest) --findings_.suggestions;
    findings_.add(Severity::warning, block.at,
                  fmt::format("unknown resource type \"{}\"{}", block.type,
                              may_suggest ? did_you_mean(block.type, types) : std::string()));
    keep(block);
  }

  void keep(Block& block) {
    if (result_.other_resources.size() < options_.limits.unknown) result_.other_resources.push_back(std::move(block));
  }

  void report_missing_types() {
    for (const std::string_view type : lacking_) {
      findings_.add(Severity::warning, {0, 0, 0},
                    fmt::format("there is no {} resource; {} needs one", type, program_.name));
    }
  }

  const LoadOptions& options_;
  const Program& program_;
  const TakeResource& take_;
  LoadedText result_;
  Diagnostics diagnostics_;
  NameChecker names_;
  std::vector<std::string_view> lacking_;  ///< needed types of which there was none yet
  Findings findings_;
  TypedResource typed_;
  size_t resources_ = 0;
};

}  // namespace

LoadedText load_resources(const std::string& path, FileReader& reader, const LoadOptions& options,
                          const Program& program, const TakeResource& take) {
  return Loading(options, program, take).run(path, reader);
}

}  // namespace shstore::config
