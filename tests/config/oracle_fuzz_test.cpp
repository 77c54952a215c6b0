// Random resources held against Bacula's own parsers, of 9.6.7 and of a newer version: made of our tables' directives with
// values of their types, right ones and nearly right ones, on one line or on many.
//
// SHSTORE_BSDJSON and SHSTORE_BDIRJSON as in oracle_test.cpp; SHSTORE_BSDJSON_15 and SHSTORE_BDIRJSON_15 the programs of
// 15.0.3 (scripts that find their libraries). SHSTORE_ORACLE_FUZZ: how many resources (200), SHSTORE_ORACLE_SEED: the first
// number. SHSTORE_ORACLE_LOG gets each difference with its text.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "oracle.h"

namespace shstore::config::testing {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name, const char* otherwise = "") {
  const char* const value = std::getenv(name);
  return value && *value ? value : otherwise;
}

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  Sample make(size_t number) {
    const Program program = pick(2) == 0 ? Program::sd : Program::dir;
    const DirectiveTable& table = program == Program::sd ? sd_directives() : dir_directives();
    std::string_view type;
    do type = table.types()[pick(table.types().size())];
    while (type == "Director" && program == Program::dir);  // only one is allowed, and the rest needs it
    const bool is_on_one_line = pick(4) == 0;
    std::string text = fmt::format("{} {{{}Name = \"x{}\"{}", type, is_on_one_line ? " " : "\n  ", number,
                                   is_on_one_line ? "; " : "\n");
    const auto rows = table.of(type);
    const size_t count = 1 + pick(4);
    for (size_t i = 0; i < count; ++i) {
      const DirectiveInfo& row = rows[pick(rows.size())];
      if (row.name == "Name") continue;
      const bool is_last = i + 1 == count;
      text += (is_on_one_line ? "" : "  ") + directive(row) + end(is_on_one_line, is_last);
    }
    for (const DirectiveInfo& row : rows) {
      if (row.required && row.name != "Name" && text.find(std::string(row.name)) == std::string::npos) {
        text += (text.ends_with('\n') ? "  " : " ;") + directive(row) + "\n";
      }
    }
    return {program, fmt::format("random {}", number), with_what_is_missing(program, text + "}\n")};
  }

 private:
  size_t pick(size_t count) { return random_() % count; }
  template <size_t n>
  std::string one_of(const std::array<const char*, n>& words) {
    return words[pick(n)];
  }

  std::string end(bool is_on_one_line, bool is_last) {
    if (!is_on_one_line) return one_of(std::array{"\n", "\n", "\n", "  # comment\n", ";\n", " Description = y\n"});
    return is_last ? one_of(std::array{" ", "; ", "\n", "\t"}) : one_of(std::array{"; ", "; ", ";", "\n"});
  }

  std::string directive(const DirectiveInfo& row) {
    if (row.type == ValueType::file_set) {
      return fmt::format("{} {{ {} {}", row.name,
                         row.name == "Include" && pick(2) ? "Options { " + option() + " }" : "",
                         one_of(std::array{"File = /x\n}", "File = /x; }", "File = /x File = /y\n}",
                                           "\n File = /x\n} Ignore FileSet Changes = yes"}));
    }
    if (row.type == ValueType::run_script) {
      return fmt::format("{} {{ Command = \"x\"; {}{} }}", row.name,
                         one_of(std::array{"Runs When = ", "Fail Job On Error = no; Runs When = "}),
                         one_of(std::array{"Before", "After", "Never", "Queued", "Always;"}));
    }
    if (row.type == ValueType::addresses)
      return fmt::format("{} = {{ ip = {{ addr = 127.0.0.1; port = 9103; }} }}", row.name);
    return fmt::format("{} = {}", row.name, value(row));
  }

  std::string option() {
    return one_of(std::array{"Compression = GZIP;", "Compression = ZSTD;", "Signature = MD5", "Signature = XXH3_64\n",
                             "One FS = no;", "Accurate = yes;", "Accurate = mcs", "Wild = \"*.o\";", "Verify = pins5",
                             "Dedup = None;", "Signature = sha1 Sparse = yes;"});
  }

  std::string value(const DirectiveInfo& row) {
    switch (row.type) {
      case ValueType::boolean: return one_of(std::array{"yes", "no", "True", "\"no\"", "1", "maybe"});
      case ValueType::integer:
      case ValueType::pint32: return one_of(std::array{"1", "7", "\"3\"", "0", "x", "5 "});
      case ValueType::time: return one_of(std::array{"5", "5 min", "1 h 30 min", "3d", "5\tmin", "2 weeks", "x", "5 "});
      case ValueType::size32:
      case ValueType::size64:
      case ValueType::block_size: return one_of(std::array{"64512", "1 M", "5k", "10 KB", "5x", "64512 "});
      case ValueType::speed: return one_of(std::array{"5MB/s", "500 kb/s", "7", "5m", "5 "});
      case ValueType::keyword: {
        const auto words = keywords_of(row.keywords);
        return pick(8) == 0 ? "Nonsense" : std::string(words[pick(words.size())]);
      }
      case ValueType::address: return one_of(std::array{"127.0.0.1", "127.0.0.1 "});
      case ValueType::port: return one_of(std::array{"9103", "9104", "0"});
      case ValueType::messages:
        return row.name == "Stdout" || row.name == "Stderr" || row.name == "Console" || row.name == "Syslog" ||
                       row.name == "Catalog"
                   ? one_of(std::array{"all", "all, !skipped", "info, events", "error"})
                   : one_of(std::array{"root = all", "root = all, !skipped", "\"a b\" = info"});
      case ValueType::run:
        return one_of(std::array{"Full sun at 1:05", "daily at 23:05", "Level=Full 1st sat at 2:30",
                                 "w00-w20 mon at 1:00", "hourly", "mon"});
      case ValueType::reference_list:
      case ValueType::devices:
      case ValueType::acl:
      case ValueType::string_list: return one_of(std::array{"a", "a, b", "\"a\",\"b\""});
      case ValueType::directory: return one_of(std::array{"/tmp", "\"/tmp\""});
      default: return one_of(std::array{"a", "\"a b\"", "/tmp", "a b", "\"x\" \"y\""});
    }
  }

  std::mt19937 random_;
};

class Fuzz : public ::testing::Test {
 protected:
  static void run(const std::string& bsdjson, const std::string& bdirjson, int version) {
    const auto count = static_cast<size_t>(std::stoul(environment("SHSTORE_ORACLE_FUZZ", "200")));
    Maker maker(static_cast<unsigned>(std::stoul(environment("SHSTORE_ORACLE_SEED", "1"))));
    std::vector<Sample> samples;
    for (size_t i = 0; i < count; ++i) samples.push_back(maker.make(i));
    std::vector<Comparison> comparisons(count);
    const fs::path folder = fs::temp_directory_path() / fmt::format("oracle-fuzz-{}-{}", ::getpid(), version);
    fs::create_directories(folder);
    std::atomic<size_t> next = 0;
    const auto work = [&] {
      for (size_t i = next++; i < count; i = next++) {
        const fs::path path = folder / fmt::format("{}.conf", i);
        std::ofstream(path, std::ios::binary) << samples[i].text;
        comparisons[i] = compare(print_text(samples[i].program, samples[i].text, version),
                                 ask(samples[i].program == Program::sd ? bsdjson : bdirjson, path));
      }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) threads.emplace_back(work);
    for (std::thread& thread : threads) thread.join();
    fs::remove_all(folder);
    report(samples, comparisons, version);
  }

  static void report(const std::vector<Sample>& samples, const std::vector<Comparison>& comparisons, int version) {
    std::array<size_t, 8> counts{};
    std::ofstream log;
    if (!environment("SHSTORE_ORACLE_LOG").empty()) log.open(environment("SHSTORE_ORACLE_LOG"), std::ios::app);
    for (size_t i = 0; i < samples.size(); ++i) {
      const Comparison& comparison = comparisons[i];
      ++counts[static_cast<size_t>(comparison.outcome)];
      if (comparison.outcome < Outcome::different) continue;
      if (log.is_open())
        log << "== " << version << " " << samples[i].name << ": " << comparison.what << "\n" << samples[i].text << "\n";
      if (!is_excused(comparison)) ADD_FAILURE() << comparison.what << "\n" << samples[i].text;
    }
    fmt::print(
        "  version {}: {} resources, {} equal, {} refused by both, {} not JSON, {} for want of surroundings, {} different, {} refused by "
        "Bacula only, {} refused by us only\n",
        version, samples.size(), counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], counts[6]);
    EXPECT_GT(counts[0], 0U);
    EXPECT_GT(counts[1], 0U);
  }

  /// What differs on purpose, or by a fault of Bacula's tools, each by a part of what is reported: bdirjson does not ask what
  /// bacula-dir -t does (a Statistics resource's File or Host, the Pool Type), a number of more than 32 bits is cut off
  /// there and refused here, and no shell expands anything here.
  static bool is_excused(const Comparison& comparison) {
    constexpr std::array kWords = {"Statistics \"", "Bacula would silently use another", "shell",
                                   "Pool Type: expected one of"};
    return std::any_of(kWords.begin(), kWords.end(),
                       [&](const char* word) { return comparison.what.find(word) != std::string::npos; });
  }
};

TEST_F(Fuzz, AgreesWith967OnRandomResources) {
  const std::string bsdjson = environment("SHSTORE_BSDJSON"), bdirjson = environment("SHSTORE_BDIRJSON");
  if (bsdjson.empty() || bdirjson.empty()) GTEST_SKIP() << "SHSTORE_BSDJSON and SHSTORE_BDIRJSON are not set";
  run(bsdjson, bdirjson, 9);
}

TEST_F(Fuzz, AgreesWith1503OnRandomResources) {
  const std::string bsdjson = environment("SHSTORE_BSDJSON_15"), bdirjson = environment("SHSTORE_BDIRJSON_15");
  if (bsdjson.empty() || bdirjson.empty()) GTEST_SKIP() << "SHSTORE_BSDJSON_15 and SHSTORE_BDIRJSON_15 are not set";
  run(bsdjson, bdirjson, 15);
}

}  // namespace
}  // namespace shstore::config::testing
