// shstore-lint --generate: what it prints is what the linter finds nothing wrong with, and what Bacula takes.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "world.h"

namespace shstore::config::lint::testing {
namespace {

namespace fs = std::filesystem;

/// The files that were printed, by their paths.
std::map<std::string, std::string> files_in(const std::string& printed) {
  constexpr std::string_view kMark = "# ==== ";
  std::map<std::string, std::string> files;
  size_t at = printed.starts_with(kMark) ? 0 : std::string::npos;
  while (at != std::string::npos) {
    const size_t line_end = printed.find('\n', at);
    const size_t next = printed.find("\n# ==== ", line_end);
    files[printed.substr(at + kMark.size(), line_end - at - kMark.size())] =
        printed.substr(line_end + 1, (next == std::string::npos ? printed.size() : next + 1) - line_end - 1);
    at = next == std::string::npos ? next : next + 1;
  }
  return files;
}

constexpr const char* kRestOfDirector =
    "Director {\n  Name = bacula-dir\n  Query File = /x\n  Working Directory = /tmp\n  Pid Directory = /tmp\n  Password = z\n"
    "  Messages = Standard\n}\nMessages {\n  Name = Standard\n  Console = all\n}\nCatalog {\n  Name = C\n  DB Name = b\n}\n"
    "Client {\n  Name = c-fd\n  Address = 127.0.0.1\n  Password = f\n  Catalog = C\n}\nFileSet {\n  Name = F\n  Include {\n    File = /x\n  }\n}\n"
    "Pool {\n  Name = P\n  Pool Type = Backup\n}\n"
    "Job {\n  Name = J\n  Type = Backup\n  Level = Full\n  Client = c-fd\n  FileSet = F\n  Pool = P\n  Messages = Standard\n  Storage = Library-1-cibou\n}\n";

class Generate : public ::testing::Test {
 protected:
  Generate() {
    for (const std::string host : {"cibou", "dir"}) {
      world_.files.texts[host + ".json"] = source_file("samples/" + host + "/inventory.json");
    }
    world_.host = "elsewhere";
  }

  std::map<std::string, std::string> generated(std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--generate", "--inventory", "cibou.json", "--inventory", "dir.json"});
    const Outcome outcome = world_.run(more);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return files_in(outcome.out);
  }

  TestWorld world_;
};

TEST_F(Generate, TheLinterFindsNothingInIt) {
  for (const auto& [path, text] : generated()) world_.files.texts[path] = text;
  world_.files.texts["bacula-dir.conf"] = kRestOfDirector + std::string("@bacula-dir-storages.conf\n");
  const Outcome outcome =
      world_.run({"--dir", "bacula-dir.conf", "--sd", "cibou.company.com=cibou.company.com/bacula-sd.conf", "--sd",
                  "dir.company.com=dir.company.com/bacula-sd.conf", "--inventory", "cibou.json", "--inventory",
                  "dir.json", "--not-here", "--min-level", "warning"});
  EXPECT_EQ(outcome.out, "no findings in 8 files\n") << outcome.err;
}

TEST_F(Generate, PasswordsAndAddressesAreGiven) {
  world_.files.texts["passwords"] = "# by host\ncibou.company.com first\n\ndir.company.com second\n";
  const auto files =
      generated({"--passwords", "passwords", "--at", "dir.company.com=10.0.0.7:9113", "--director", "backup-dir"});
  EXPECT_NE(files.at("cibou.company.com/bacula-sd.conf").find("Password = \"first\""), std::string::npos);
  EXPECT_NE(files.at("dir.company.com/bacula-sd.conf").find("SD Port = 9113"), std::string::npos);
  EXPECT_NE(files.at("bacula-dir-storages.conf").find("Address = 10.0.0.7\n  SD Port = 9113\n  Password = \"second\""),
            std::string::npos);
  EXPECT_NE(files.at("dir.company.com/bacula-sd.conf").find("Name = \"backup-dir\""), std::string::npos);
}

TEST_F(Generate, SaysWhatIsWrong) {
  EXPECT_EQ(world_.run({"--generate"}).status, 2);
  EXPECT_EQ(world_.run({"--generate", "--inventory", "cibou.json", "--inventory", "cibou.json"}).status, 2);
  EXPECT_EQ(world_.run({"--generate", "--inventory", "none.json"}).status, 2);
  EXPECT_EQ(world_.run({"--generate", "--inventory", "cibou.json", "--at", "cibou"}).status, 2);
  for (const char* const at : {"cibou.company.com=", "cibou.company.com=10.0.0.7:0", "cibou.company.com=10.0.0.7:65535",
                               "cibou.company.com=[::1", "cibou.company.com=[::1]x", "cibuo.company.com=10.0.0.7"}) {
    EXPECT_EQ(world_.run({"--generate", "--inventory", "cibou.json", "--at", at}).status, 2) << at;
  }
  for (const char* const at : {"cibou.company.com=2001:db8::7", "cibou.company.com=[2001:db8::7]:9113"}) {
    const auto result = world_.run({"--generate", "--inventory", "cibou.json", "--at", at});
    EXPECT_EQ(result.status, 0) << at;
    EXPECT_NE(result.out.find("Address = 2001:db8::7\n"), std::string::npos) << at;
  }
}

TEST_F(Generate, FilesWithSecretsAreNotForOthersAndNoneIsReplaced) {
  const fs::path folder = fs::temp_directory_path() / fmt::format("shstore-generate-{}", ::getpid());
  const std::vector<std::string> words = {"--generate", "--inventory", "cibou.json", "--into", folder.string()};
  EXPECT_EQ(world_.run(words).status, 0);
  struct stat info {};
  ASSERT_EQ(::stat((folder / "cibou.company.com/storage-ctl.conf").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0007U, 0U);
  const Outcome again = world_.run(words);
  EXPECT_EQ(again.status, 2);
  EXPECT_NE(again.err.find("File exists"), std::string::npos) << again.err;
  fs::remove_all(folder);
}

/// Bacula's own parsers, of as many versions as there are.
TEST_F(Generate, BaculaTakesIt) {
  const fs::path folder = fs::temp_directory_path() / fmt::format("shstore-generated-{}", ::getpid());
  fs::create_directories(folder);
  const auto files = generated({"--working", "/tmp"});
  size_t judged = 0;
  const auto judge = [&](const char* variable, const std::string& name, const std::string& text) {
    const char* const program = std::getenv(variable);
    if (!program || !*program) return;
    ++judged;
    std::ofstream(folder / name, std::ios::binary) << text;
    const std::string command = fmt::format("'{}' -t -c '{}' >'{}' 2>&1 </dev/null", program, (folder / name).string(),
                                            (folder / "out").string());
    EXPECT_EQ(std::system(command.c_str()), 0) << disk_reader()->read((folder / "out").string()).value_or("") << text;
  };
  for (const std::string host : {"cibou.company.com", "dir.company.com"}) {
    for (const char* const variable : {"SHSTORE_BSDJSON", "SHSTORE_BSDJSON_15"})
      judge(variable, "sd.conf", files.at(host + "/bacula-sd.conf"));
  }
  for (const char* const variable : {"SHSTORE_BDIRJSON", "SHSTORE_BDIRJSON_15"}) {
    judge(variable, "dir.conf", kRestOfDirector + files.at("bacula-dir-storages.conf"));
  }
  fs::remove_all(folder);
  if (judged == 0) GTEST_SKIP() << "SHSTORE_BSDJSON and SHSTORE_BDIRJSON name no program";
}

}  // namespace
}  // namespace shstore::config::lint::testing
