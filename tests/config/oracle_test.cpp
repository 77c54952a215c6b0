// Both parsers against Bacula's own, file by file: the project's samples, a corpus of real files if there is one, and
// every resource of both by itself, with what it refers to supplied.
//
// SHSTORE_BSDJSON and SHSTORE_BDIRJSON name the programs of Bacula 9.6.7; LD_LIBRARY_PATH must let them find Bacula's
// libraries. SHSTORE_CORPUS names a folder with sd/*.conf and dir/*.conf, whose `@|` lines are never run.
// differences.tsv lists what may differ, and why. SHSTORE_ORACLE_LOG, if set, names a file that gets every verdict.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "oracle.h"

namespace shstore::config::testing {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> result;
  if (!fs::exists(folder)) return result;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".conf") result.push_back(entry.path());
  }
  std::sort(result.begin(), result.end());
  return result;
}

/// Of a file of the project, nothing if it belongs to neither daemon.
std::optional<Program> program_of(const fs::path& path) {
  const std::string name = path.filename();
  if (name == "bacula-dir.conf" || name.starts_with("dir_")) return Program::dir;
  if (name == "bacula-sd.conf" || path.parent_path().filename() == "samples") return Program::sd;
  return std::nullopt;
}

std::vector<Sample> project_samples() {
  std::vector<Sample> result;
  for (const char* const folder : {"samples", "tests/config/samples"}) {
    const fs::path root = fs::path(SHSTORE_SOURCE) / folder;
    for (const fs::path& path : files_below(root)) {
      const auto program = program_of(path);
      if (program) result.push_back({*program, fs::relative(path, SHSTORE_SOURCE), read(path)});
    }
  }
  return result;
}

/// Of the corpus without its templates.
std::vector<Sample> corpus_samples(const fs::path& corpus) {
  std::map<std::string, bool> is_template;
  std::ifstream manifest(corpus / "manifest.tsv");
  for (std::string line; std::getline(manifest, line);) {
    std::istringstream columns(line);
    std::string file, origin, is;
    if (std::getline(columns, file, '\t') && std::getline(columns, origin, '\t') && std::getline(columns, is, '\t')) {
      is_template[file] = is == "yes";
    }
  }
  std::vector<Sample> result;
  for (const auto& [folder, program] : {std::pair("sd", Program::sd), std::pair("dir", Program::dir)}) {
    for (const fs::path& path : files_below(corpus / folder)) {
      const std::string name = fs::relative(path, corpus);
      if (!is_template[name]) result.push_back({program, name, read(path)});
    }
  }
  return result;
}

/// As it is, then completed, and then resource by resource.
std::vector<Sample> variants_of(const Sample& sample) {
  const std::string text = without_surroundings(sample.text);
  std::vector<Sample> result{{sample.program, sample.name, text}};
  const std::string completed = with_what_is_missing(sample.program, text);
  if (completed != text) result.push_back({sample.program, sample.name + " completed", completed});
  int number = 0;
  for (const std::string& resource : resources_of(sample.program, text)) {
    result.push_back({sample.program, fmt::format("{} resource {}", sample.name, ++number),
                      with_what_is_missing(sample.program, resource)});
  }
  return result;
}

/// differences.tsv: a name, the beginning of what is reported, and the reason.
class Differences {
 public:
  Differences() {
    std::ifstream file(fs::path(SHSTORE_SOURCE) / "tests/config/differences.tsv");
    for (std::string line; std::getline(file, line);) {
      if (line.empty() || line[0] == '#') continue;
      std::istringstream columns(line);
      Row row;
      std::getline(columns, row.name, '\t');
      std::getline(columns, row.what, '\t');
      std::getline(columns, row.reason, '\t');
      rows_.push_back(row);
    }
  }

  /// A row without a reason excuses nothing.
  bool excuse(const std::string& name, const std::string& what) const {
    return std::any_of(rows_.begin(), rows_.end(), [&](const Row& row) {
      return !row.reason.empty() && (row.name == "*" || name == row.name || name.starts_with(row.name + " ")) &&
             what.find(row.what) != std::string::npos;
    });
  }

 private:
  struct Row {
    std::string name, what, reason;
  };
  std::vector<Row> rows_;
};

class Judge {
 public:
  Judge(std::string bsdjson, std::string bdirjson) : bsdjson_(std::move(bsdjson)), bdirjson_(std::move(bdirjson)) {
    folder_ = fs::temp_directory_path() / fmt::format("oracle-{}", ::getpid());
    fs::create_directories(folder_);
  }
  ~Judge() { fs::remove_all(folder_); }
  Judge(const Judge&) = delete;
  Judge& operator=(const Judge&) = delete;

  /// In the order of `samples`.
  std::vector<Comparison> run(const std::vector<Sample>& samples) {
    std::vector<Comparison> result(samples.size());
    std::atomic<size_t> next = 0;
    const auto work = [&] {
      for (size_t i = next++; i < samples.size(); i = next++) result[i] = judge(samples[i], i);
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(work);
    for (std::thread& thread : threads) thread.join();
    return result;
  }

 private:
  Comparison judge(const Sample& sample, size_t number) const {
    const fs::path path = folder_ / fmt::format("{}.conf", number);
    std::ofstream(path, std::ios::binary) << sample.text;
    return compare(print_text(sample.program, sample.text),
                   ask(sample.program == Program::sd ? bsdjson_ : bdirjson_, path));
  }

  std::string bsdjson_, bdirjson_;
  fs::path folder_;
};

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::equal: return "equal";
    case Outcome::both_refuse: return "both refuse";
    case Outcome::no_json: return "Bacula prints no JSON";
    case Outcome::environment: return "environment";
    case Outcome::different: return "different";
    case Outcome::only_bacula_refuses: return "only Bacula refuses";
    case Outcome::only_we_refuse: return "only we refuse";
  }
  return "?";
}

class Oracle : public ::testing::Test {
 protected:
  void SetUp() override {
    if (bsdjson_.empty() || bdirjson_.empty()) {
      GTEST_SKIP() << "SHSTORE_BSDJSON and SHSTORE_BDIRJSON do not name Bacula's bsdjson and bdirjson";
    }
  }

  void expect_agreement(const std::vector<Sample>& samples) {
    std::vector<Sample> all;
    for (const Sample& sample : samples) {
      for (Sample& variant : variants_of(sample)) all.push_back(std::move(variant));
    }
    const std::vector<Comparison> comparisons = Judge(bsdjson_, bdirjson_).run(all);
    std::map<std::string, int> counts;
    std::ofstream log;
    if (!environment("SHSTORE_ORACLE_LOG").empty()) log.open(environment("SHSTORE_ORACLE_LOG"), std::ios::app);
    for (size_t i = 0; i < all.size(); ++i) {
      const Comparison& comparison = comparisons[i];
      const std::string what = fmt::format("{}: {}", name_of(comparison.outcome), comparison.what);
      const bool differs = comparison.outcome >= Outcome::different;
      const bool is_excused = differs && differences_.excuse(all[i].name, what);
      ++counts[is_excused ? "excused" : std::string(name_of(comparison.outcome))];
      if (log.is_open()) log << all[i].name << "\t" << what << "\n";
      if (differs && !is_excused) ADD_FAILURE() << all[i].name << "\t" << what;
    }
    for (const auto& [outcome, count] : counts) RecordProperty(outcome, count);
    for (const auto& [outcome, count] : counts) fmt::print("  {:5} {}\n", count, outcome);
    EXPECT_GT(counts["equal"], 0);
  }

  std::string bsdjson_ = environment("SHSTORE_BSDJSON"), bdirjson_ = environment("SHSTORE_BDIRJSON");
  Differences differences_;
};

TEST_F(Oracle, AgreesOnTheProjectsSamples) { expect_agreement(project_samples()); }

TEST_F(Oracle, AgreesOnTheCorpus) {
  const std::string corpus = environment("SHSTORE_CORPUS");
  if (corpus.empty()) GTEST_SKIP() << "SHSTORE_CORPUS names no folder of configuration files";
  expect_agreement(corpus_samples(corpus));
}

}  // namespace
}  // namespace shstore::config::testing
