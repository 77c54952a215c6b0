// The white paper's move from version 6.0.1 to 6.0.2 (sections 2.3 to 2.5), made by one --fix; and pictures of the site.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "config/lint/program/run.h"
#include "golden.h"

namespace shstore::config::lint {
namespace {

namespace fs = std::filesystem;

std::string get(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Relative paths start at a folder.
class Folder final : public FileReader, public Surroundings {
 public:
  explicit Folder(fs::path root) : root_(std::move(root)) {}
  tl::expected<std::string, std::string> read(const std::string& path) override {
    if (fs::is_regular_file(root_ / path)) return get(root_ / path);
    return tl::make_unexpected("cannot open " + path);
  }
  FileFacts file(const std::string& path) const override {
    FileFacts facts;
    facts.exists = fs::exists(root_ / path);
    return facts;
  }

 private:
  fs::path root_;
};

class NoCommands final : public CommandRunner {
 public:
  tl::expected<std::string, std::string> run(const std::string& command) override {
    return tl::make_unexpected("not run: " + command);
  }
};

struct Ran {
  ExitStatus status;
  std::string out, err;
};

/// shstore-lint on the site in a folder; `prefix` comes before the paths.
Ran run_in(const fs::path& folder, std::vector<std::string> words, const std::string& prefix = "") {
  Folder files(folder);
  std::ostringstream out, err;
  NoCommands commands;
  World world{.files = files,
              .commands = commands,
              .disk = files,
              .standard_input = [] { return std::string(); },
              .host = "tester",
              .directory = folder.string(),
              .out = out,
              .err = err};
  words.insert(words.end(), {"--not-here", "--dir", prefix + "bacula-dir.conf"});
  for (const std::string host : {"cibou", "dir"}) {
    words.insert(words.end(), {"--sd", host + ".company.com=" + prefix + host + "/bacula-sd.conf", "--inventory",
                               host + ".company.com=" + prefix + host + "/inventory.json"});
  }
  const ExitStatus status = run(words, world);
  return {status, out.str(), err.str()};
}

class Migration : public testing::Test {
 protected:
  Migration() {
    std::string name = (fs::temp_directory_path() / "shstore-migration-XXXXXX").string();
    if (!::mkdtemp(name.data())) std::abort();
    copy = name;
    fs::copy(samples / "before", copy, fs::copy_options::recursive);
  }
  ~Migration() override { fs::remove_all(copy); }

  const fs::path samples = SHSTORE_MIGRATION;
  const std::vector<std::string> configurations{"bacula-dir.conf", "cibou/bacula-sd.conf", "dir/bacula-sd.conf"};
  fs::path copy;
};

TEST_F(Migration, DiffShowsIt) {
  const Ran diff = run_in(samples / "before", {"--diff"});
  EXPECT_EQ(diff.status, ExitStatus::findings);
  EXPECT_EQ(diff.err, "");
  EXPECT_TRUE(tests::equals_golden(diff.out, "lint/migration.diff"));
}

TEST_F(Migration, DiffAppliesWithPatch) {
  std::ofstream(copy / "migration.diff", std::ios::binary) << run_in(copy, {"--diff"}).out;
  const std::string command = "cd " + copy.string() + " && timeout 10 patch -s -p1 -f <migration.diff >log 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0) << get(copy / "log");
  for (const std::string& file : configurations) EXPECT_EQ(get(copy / file), get(samples / "after" / file)) << file;
}

TEST_F(Migration, FixMakesItInOneCall) {
  const Ran fix = run_in(copy, {"--fix"}, copy.string() + "/");
  EXPECT_EQ(fix.err, "");
  for (const std::string& file : configurations) EXPECT_EQ(get(copy / file), get(samples / "after" / file)) << file;
  const Ran again = run_in(copy, {"--diff"});
  EXPECT_EQ(again.status, ExitStatus::clean);
  EXPECT_EQ(again.out, "");
}

TEST_F(Migration, LeavesNothingToComplainOf) {
  const Ran after = run_in(samples / "after", {});
  EXPECT_EQ(after.status, ExitStatus::clean) << after.out;
  EXPECT_TRUE(tests::equals_golden(after.out, "lint/migration-after.txt"));
}

/// What a parser of Bacula's says; it looks whether the working directory exists, which here is another one.
std::string complaint(const fs::path& parser, const fs::path& configuration, const fs::path& scratch) {
  std::string text = get(configuration);
  const std::string directory = "/opt/bacula/working";
  for (size_t at = text.find(directory); at != std::string::npos; at = text.find(directory, at + 1)) {
    text.replace(at, directory.size(), scratch.string());
  }
  std::ofstream(scratch / "parsed.conf", std::ios::binary) << text;
  const std::string command = "cd " + scratch.string() + " && timeout 10 " + parser.string() + " -t -c " +
                              (scratch / "parsed.conf").string() + " >said 2>&1";
  return std::system(command.c_str()) == 0 ? "" : "refused: " + get(scratch / "said");
}

TEST_F(Migration, IsAcceptedByBaculasOwnParsers) {
  const char* const bsdjson = std::getenv("SHSTORE_BSDJSON");
  if (!bsdjson) GTEST_SKIP() << "SHSTORE_BSDJSON is not set";
  const fs::path bdirjson = fs::path(bsdjson).parent_path() / "bdirjson";
  EXPECT_EQ(complaint(bdirjson, samples / "after" / "bacula-dir.conf", copy), "");
  EXPECT_EQ(complaint(bsdjson, samples / "after" / "cibou" / "bacula-sd.conf", copy), "");
  EXPECT_EQ(complaint(bsdjson, samples / "after" / "dir" / "bacula-sd.conf", copy), "");
  // What the migration is for: the community's Director does not start with the old text.
  const std::string before = complaint(bdirjson, samples / "before" / "bacula-dir.conf", copy);
  EXPECT_NE(before.find("\"SharedStorage\" not permitted"), std::string::npos) << before;
}

TEST_F(Migration, GraphDrawsTheSite) {
  const Ran text = run_in(samples / "after", {"--graph"});
  EXPECT_EQ(text.status, ExitStatus::clean);
  EXPECT_TRUE(tests::equals_golden(text.out, "lint/graph.txt"));
  std::istringstream lines(text.out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  EXPECT_TRUE(tests::equals_golden(run_in(samples / "after", {"--graph=dot"}).out, "lint/graph.dot"));
}

TEST_F(Migration, GraphIsGoodForGraphviz) {
  if (std::system("command -v dot >/dev/null") != 0) GTEST_SKIP() << "Graphviz is not installed";
  std::ofstream(copy / "site.dot") << run_in(copy, {"--graph=dot"}).out;
  const std::string command =
      "timeout 30 dot -Tsvg -o " + (copy / "site.svg").string() + " " + (copy / "site.dot").string();
  EXPECT_EQ(std::system(command.c_str()), 0);
  EXPECT_NE(get(copy / "site.svg").find("HU19477B2C"), std::string::npos);
}

}  // namespace
}  // namespace shstore::config::lint
