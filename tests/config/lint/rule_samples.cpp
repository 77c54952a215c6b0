#include "rule_samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "config/version.h"

namespace shstore::config::lint::testing {
namespace {

namespace fs = std::filesystem;

/// Paths as they are in the folder.
class FolderReader : public FileReader {
 public:
  explicit FolderReader(fs::path folder) : folder_(std::move(folder)) {}

  tl::expected<std::string, std::string> read(const std::string& path) override {
    if (fs::exists(folder_ / path)) return read_text(folder_ / path);
    return tl::make_unexpected(fmt::format("cannot open {}: No such file or directory", path));
  }

 private:
  fs::path folder_;
};

FileFacts facts_of(const nlohmann::json& written) {
  FileFacts facts;
  facts.exists = true;
  facts.is_directory = written.contains("entries");
  facts.mode = static_cast<uint32_t>(std::stoul(written.value("mode", "0644"), nullptr, 8));
  facts.owner = written.value("owner", "root");
  facts.group = written.value("group", "root");
  if (facts.is_directory) facts.entries = written.at("entries").get<std::vector<std::string>>();
  return facts;
}

template <class Config>
void collect_errors(const Config& config, std::string& errors) {
  for (const Diagnostic& diagnostic : config.diagnostics) {
    // SHS021 is about a directive that is not permitted.
    if (diagnostic.kind == Diagnostic::Kind::unknown_directive) continue;
    if (diagnostic.severity == Severity::error) errors += config::to_text(diagnostic, config.files) + "\n";
  }
}

/// Empty if there is no such file.
std::string first_line(const fs::path& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

SiteSd load_sd(const std::string& host, const fs::path& folder, FileReader& reader) {
  SiteSd sd;
  sd.path = host + "/bacula-sd.conf";
  sd.host = host;
  sd.config = load_sd_config(sd.path, reader);
  const std::string ctl = host + "/storage-ctl.conf";
  const std::string changer = host + "/shstore-changer.conf";
  if (fs::exists(folder / changer)) sd.changer_conf = read_changer_text(read_text(folder / changer), changer);
  if (fs::exists(folder / ctl)) sd.storage_ctl = read_storage_ctl_text(read_text(folder / ctl), ctl);
  if (const auto version = version_of(first_line(folder / host / "version"))) {
    sd.version = {*version, BaculaVersion::From::told};
  }
  const std::string inventory = host + "/inventory.json";
  if (fs::exists(folder / inventory)) {
    auto parsed = parse_inventory(read_text(folder / inventory), inventory);
    if (!parsed) throw std::runtime_error(parsed.error());
    sd.inventory = std::move(*parsed);
  }
  return sd;
}

}  // namespace

FileFacts ListedFiles::file(const std::string& path) const {
  const auto found = files.find(path);
  return found == files.end() ? FileFacts() : found->second;
}

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Sample load_sample(const std::string& folder) {
  FolderReader reader(folder);
  std::vector<std::string> hosts;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory()) hosts.push_back(entry.path().filename());
  }
  std::sort(hosts.begin(), hosts.end());

  std::string errors;
  std::vector<SiteSd> sds;
  for (const std::string& host : hosts) {
    sds.push_back(load_sd(host, folder, reader));
    collect_errors(sds.back().config, errors);
  }
  std::optional<DirConfig> director;
  if (fs::exists(fs::path(folder) / "bacula-dir.conf")) {
    director = load_dir_config("bacula-dir.conf", reader);
    collect_errors(*director, errors);
  }
  ListedFiles files;
  const std::string listed = read_text(folder + "/files.json");
  if (!listed.empty()) {
    const auto json = nlohmann::json::parse(listed);
    for (SiteSd& sd : sds) sd.is_here = sd.host == json.at("here").get<std::string>();
    for (const auto& [path, facts] : json.at("files").items()) files.files[path] = facts_of(facts);
  }
  return {Site(std::move(director), std::move(sds)), std::move(files), std::move(errors)};
}

std::string to_text(const Finding& finding) {
  const auto place = [](const Place& at) { return fmt::format("{}:{}:{}", at.file, at.line, at.column); };
  constexpr const char* kLevels[] = {"error", "warning", "info"};
  std::string text = fmt::format("{}: {}[{}]: {}\n", place(finding.at), kLevels[static_cast<int>(finding.level)],
                                 finding.code, finding.message);
  if (!finding.help.empty()) text += fmt::format("  help: {}\n", finding.help);
  for (const Note& note : finding.notes) text += fmt::format("  note: {}: {}\n", place(note.at), note.text);
  return text;
}

}  // namespace shstore::config::lint::testing
