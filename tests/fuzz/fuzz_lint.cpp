// shstore-lint as a whole, over a bacula-sd.conf, a bacula-dir.conf, a storage-ctl.conf and an inventory of any content: what
// it prints in any of its forms may be shown, what is JSON stays JSON, and its exit status is one of three.
//
// The input is the four, with a line "%%" between them.
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "config/lint/program/run.h"
#include "fuzzing.h"

namespace {

using namespace shstore;
using namespace shstore::config;
using fuzzing::must;

constexpr std::array kNames = {"sd.conf", "dir.conf", "storage-ctl.conf", "inventory.json"};

class Memory final : public FileReader {
 public:
  explicit Memory(std::string_view input) {
    for (const char* name : kNames) {
      const auto border = input.find("\n%%\n");
      files_[name] = std::string(input.substr(0, border));
      input = border == std::string_view::npos ? std::string_view() : input.substr(border + 4);
    }
  }
  tl::expected<std::string, std::string> read(const std::string& path) override {
    const auto found = files_.find(path);
    if (found != files_.end()) return found->second;
    return tl::make_unexpected("cannot open " + path + ": No such file or directory");
  }

 private:
  std::map<std::string, std::string> files_;
};

class NoCommands final : public CommandRunner {
 public:
  tl::expected<std::string, std::string> run(const std::string&) override {
    return tl::make_unexpected("no commands here");
  }
};

class NoFiles final : public lint::Surroundings {
 public:
  lint::FileFacts file(const std::string&) const override { return {}; }
};

void check(Memory& files, const std::vector<std::string>& words, bool json) {
  NoCommands commands;
  const NoFiles disk;
  std::ostringstream out, err;
  lint::World world{.files = files,
                    .commands = commands,
                    .disk = disk,
                    .standard_input = [] { return std::string(); },
                    .host = "h",
                    .directory = "/w",
                    .is_terminal = true,
                    .no_color = true,
                    .out = out,
                    .err = err};
  const auto status = static_cast<int>(lint::run(words, world));
  must(status >= 0 && status <= 2, "an exit status that is none");
  std::string text = out.str();
  if (words.back() == "--diff") std::erase(text, '\t');  // indentation stays
  fuzzing::must_be_printable("standard output", text);
  fuzzing::must_be_printable("standard error", err.str());
  must(!json || text.empty() || nlohmann::json::accept(text), "JSON that is none", text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  Memory files({reinterpret_cast<const char*>(bytes), size});
  const std::vector<std::string> site = {
      "--sd", "h=sd.conf:storage-ctl.conf", "--dir", "dir.conf", "--inventory", "h=inventory.json"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), site.begin(), site.end());
    return more;
  };
  for (const char* format : {"text", "github", "json", "sarif"}) {
    check(files, with({"--format", format}), std::string_view(format) == "json" || std::string_view(format) == "sarif");
  }
  check(files, with({"--diff"}), false);
  for (const char* form : {"text", "dot"}) check(files, with({std::string("--graph=") + form}), false);
  check(files, {"--print-config", "sd", "sd.conf"}, true);
  check(files, {"--print-config", "dir", "dir.conf"}, true);
  return 0;
}
