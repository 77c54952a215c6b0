// Random configuration texts, repaired: fixing twice changes nothing, the parser finds no more than before, what no
// edit touches stays as it is, and what was fixed is no longer found.
//
// The input is a bacula-sd.conf, and behind a line "%%" a bacula-dir.conf.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "config/dir_config.h"
#include "config/lint/fix/diff.h"
#include "config/lint/fix/repair.h"
#include "config/lint/rule.h"

namespace {

using namespace shstore::config;
using namespace shstore::config::lint;

using Files = std::map<std::string, std::string>;

class Memory final : public FileReader {
 public:
  explicit Memory(const Files& files) : files_(files) {}
  tl::expected<std::string, std::string> read(const std::string& path) override {
    const auto found = files_.find(path);
    if (found != files_.end()) return found->second;
    return tl::make_unexpected("cannot open " + path);
  }

 private:
  const Files& files_;
};

class NoFiles final : public Surroundings {
 public:
  FileFacts file(const std::string&) const override { return {}; }
};

const char* const inventory_text =
    R"({"schema": "shstore-inventory/1", "host": "h", "devices": [
        {"type": "tape", "serial": "S0", "nodes": ["/dev/nst0", "/dev/sg0"]},
        {"type": "tape", "serial": "S1", "nodes": ["/dev/nst1", "/dev/sg1"]},
        {"type": "changer", "serial": "L", "nodes": ["/dev/sg2"]}],
      "changers": [{"serial": "L", "nodes": ["/dev/sg2"],
                    "drives": [{"index": 0, "serial": "S0"}, {"index": 1, "serial": "S1"}]}]})";

template <class Config>
size_t errors_in(const Config& config) {
  return static_cast<size_t>(std::count_if(config.diagnostics.begin(), config.diagnostics.end(),
                                           [](const Diagnostic& d) { return d.severity == Severity::error; }));
}

Checked check_site(FileReader& reader) {
  static const Inventory inventory = *parse_inventory(inventory_text, "inventory.json");
  SiteSd sd;
  sd.path = "sd.conf";
  sd.host = "h";
  sd.config = load_sd_config(sd.path, reader);
  sd.inventory = inventory;
  DirConfig director = load_dir_config("dir.conf", reader);
  const size_t errors = errors_in(sd.config) + errors_in(director);
  std::vector<SiteSd> sds;
  sds.push_back(std::move(sd));
  const Site site(std::move(director), std::move(sds));
  return {run_rules(site, NoFiles(), all_rules()), errors};
}

std::string same(const std::string& path) { return path; }

void must(bool holds, const char* what, const std::string& about = {}) {
  if (holds) return;
  std::fprintf(stderr, "%s %s\n", what, about.c_str());
  std::abort();
}

std::multiset<std::string> lines(const std::string& text) {
  std::multiset<std::string> result;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    result.insert(text.substr(at, end - at));
    at = end;
  }
  return result;
}

/// Lines that no edit can have reached are still there, byte for byte.
void check_untouched(const FileChange& change, size_t reach) {
  const auto before = lines(change.before), after = lines(change.after);
  std::vector<std::string> gone;
  std::set_difference(before.begin(), before.end(), after.begin(), after.end(), std::back_inserter(gone));
  must(gone.size() <= reach, "more lines changed than the edits can reach");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string input(bytes, bytes + size);
  const size_t border = input.find("\n%%\n");
  Files files{{"sd.conf", input.substr(0, border)},
              {"dir.conf", border == std::string::npos ? std::string() : input.substr(border + 4)}};
  Memory reader(files);
  const Check check = check_site;
  const size_t errors = check(reader).parse_errors;
  const Repair first = repair(reader, check, same);
  // Where the text had errors before, a right correction may show others behind them.
  for (const std::string& note : first.notes)
    must(errors != 0 && note.find("brings out errors") != std::string::npos, "a defect of a rule:", note);
  size_t reach = 0;  // an edit lies on one line, and on one more for each line end that it removes
  for (const Finding& finding : first.fixed) {
    for (const Edit& edit : finding.fix->edits) reach += 1 + edit.at.length;
  }
  must(first.changes.empty() == first.fixed.empty(), "changed without a fix, or the reverse");
  for (const FileChange& change : first.changes) {
    must(files[change.path] == change.before, "the old text is not what was read");
    check_untouched(change, reach);
    must(!unified_diff(change.path, change.before, change.after).empty(), "a change without a difference");
    files[change.path] = change.after;
  }
  must(check(reader).parse_errors <= errors, "the fixed text has new errors");
  const Repair second = repair(reader, check, same);
  must(second.changes.empty(), "fixing twice changes more:", second.fixed.empty() ? "" : second.fixed[0].message);
  if (first.notes.empty())
    for (const Finding& finding : second.remaining)
      must(!finding.fix, "a finding with a fix is left:", finding.message);
  return 0;
}
