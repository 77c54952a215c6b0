// What the rules' fixes make of a text, and where they keep away because the right answer is not certain.
#include <gtest/gtest.h>

#include "../../loading.h"
#include "config/dir_config.h"
#include "config/lint/fix/repair.h"
#include "config/lint/rule.h"

namespace shstore::config::lint {
namespace {

using Files = std::map<std::string, std::string>;

class NoFiles final : public Surroundings {
 public:
  FileFacts file(const std::string&) const override { return {}; }
};

/// The text after all fixes of one rule; other rules are silent.
Files fixed(std::string_view code, Files files, const std::string& inventory = {}) {
  config::testing::MemoryReader disk(files);
  const Check check = [&](FileReader& reader) {
    std::optional<DirConfig> director;
    if (files.contains("dir.conf")) director = load_dir_config("dir.conf", reader);
    SiteSd sd;
    sd.path = "sd.conf";
    sd.config = load_sd_config("sd.conf", reader);
    sd.host = "cibou";
    if (!inventory.empty()) sd.inventory = *parse_inventory(inventory, "inventory.json");
    std::vector<SiteSd> sds;
    sds.push_back(std::move(sd));
    const Site site(std::move(director), std::move(sds));
    const Rule* const rule = find_rule(code);
    return Checked{run_rules(site, NoFiles(), std::span(&rule, 1)), 0};
  };
  const Repair result = repair(disk, check, [](const std::string& path) { return path; });
  EXPECT_TRUE(result.notes.empty()) << result.notes.front();
  for (const FileChange& change : result.changes) files[change.path] = change.after;
  return files;
}

std::string fixed_sd(std::string_view code, const std::string& text, const std::string& inventory = {}) {
  return fixed(code, {{"sd.conf", text}}, inventory)["sd.conf"];
}

const std::string lock = "  Lock Command = \"/s/storage-ctl %l %o\"\n";

TEST(FixOfSHS007, SetsAlwaysOpenToNo) {
  EXPECT_EQ(fixed_sd("SHS007", "Device {\n" + lock + "}\n"), "Device {\n" + lock + "  AlwaysOpen = no\n}\n");
  EXPECT_EQ(fixed_sd("SHS007", "Device {\n  Always Open = YES # !\n" + lock + "}\n"),
            "Device {\n  Always Open = no # !\n" + lock + "}\n");
}

TEST(FixOfSHS007, ChangesTheIncludedFile) {
  const Files files = fixed("SHS007", {{"sd.conf", "Device {\n@more\n}\n"}, {"more", "Always Open = yes\n" + lock}});
  EXPECT_EQ(files.at("more"), "Always Open = no\n" + lock);
  EXPECT_EQ(files.at("sd.conf"), "Device {\n@more\n}\n");
}

TEST(FixOfSHS103, CorrectsASlipOfOneLetter) {
  // Found by fuzz_fix: what may stand there only once, and does, was not meant; nor are two wrong words the same right one.
  for (const std::string text :
       {"Device {\n  Media Typ = a\n  Media Type = b\n}\n", "Device {\n  mediatype = b\n  Media Typ = a\n}\n"})
    EXPECT_EQ(fixed_sd("SHS103", text), text);
  EXPECT_EQ(fixed_sd("SHS103", "Device {\n  Media Typ = a\n  Media Tipe = b\n}\n"),
            "Device {\n  Media Type = a\n  Media Tipe = b\n}\n");
  EXPECT_EQ(fixed_sd("SHS103", "Device {\n  Drive Indx = 1  # first\n}\n"),
            "Device {\n  Drive Index = 1  # first\n}\n");
  EXPECT_EQ(fixed_sd("SHS103", "Device {\n  AlwasyOpen = no\n}\n"), "Device {\n  Always Open = no\n}\n");
  const std::string far = "Device {\n  Drive Idx = 1\n  Foo = 1\n}\n";
  EXPECT_EQ(fixed_sd("SHS103", far), far);
}

TEST(FixOfSHS005, IsForPlainLinuxNodesOnly) {
  const auto device = [](const std::string& node) {
    return "Device { Device Type = Tape; Archive Device = " + node + " }\n";
  };
  EXPECT_EQ(fixed_sd("SHS005", device("/dev/st0")), device("/dev/nst0"));
  EXPECT_EQ(fixed_sd("SHS005", device("/dev/st12")), device("/dev/nst12"));
  for (const char* const node : {"/dev/st0l", "/dev/rmt/0", "/dev/sa0", "/dev/tape/by-id/scsi-1"}) {
    EXPECT_EQ(fixed_sd("SHS005", device(node)), device(node));
  }
}

TEST(FixOfSHS009, AddsCodesThatAreSimplyAbsent) {
  const auto device = [](const std::string& command) { return "Device { Lock Command = " + command + " }\n"; };
  EXPECT_EQ(fixed_sd("SHS009", device("/s/storage-ctl")), device("\"/s/storage-ctl %l %o\""));
  EXPECT_EQ(fixed_sd("SHS009", device("\"/s/storage-ctl %l\"")), device("\"/s/storage-ctl %l %o\""));
  for (const char* const command : {"\"/s/storage-ctl %1 %0\"", "\"/s/lock.sh\"", "\"/s/storage-ctl -v %l\""}) {
    EXPECT_EQ(fixed_sd("SHS009", device(command)), device(command));
  }
}

TEST(FixOfSHS002, NeedsAnInventory) {
  const std::string changer = "Autochanger { Name = L; Changer Device = /dev/sg2; Changer Command = x; Device = D\n}\n";
  const std::string device = "Device {\n  Name = D\n  Archive Device = /dev/nst1\n}\n";
  const std::string inventory =
      R"({"schema": "shstore-inventory/1", "host": "cibou",
          "devices": [{"type": "tape", "serial": "S1", "nodes": ["/dev/nst1"]}],
          "changers": [{"nodes": ["/dev/sg2"], "drives": [{"index": 0, "serial": "S0"}, {"index": 1, "serial": "S1"}]}]})";
  EXPECT_EQ(fixed_sd("SHS002", changer + device), changer + device);
  EXPECT_EQ(fixed_sd("SHS002", changer + device, inventory),
            changer + "Device {\n  Name = D\n  Archive Device = /dev/nst1\n  Drive Index = 1\n}\n");
}

/// An SD with a library of one drive, and the Director's text.
std::string fixed_dir(std::string_view code, const std::string& text) {
  const std::string sd =
      "Autochanger { Name = L; Changer Device = /dev/sg2; Changer Command = x; Device = D\n}\n"
      "Device { Name = D; Media Type = T; Archive Device = /dev/nst0 }\n";
  return fixed(code, {{"sd.conf", sd}, {"dir.conf", text}})["dir.conf"];
}

std::string storage(const std::string& rest, const std::string& type = "Storage") {
  return type + " {\n  Address = cibou\n  Password = p\n  Media Type = T\n" + rest + "}\n";
}

TEST(FixOfSHS022, MakesALibraryAnAutochanger) {
  EXPECT_EQ(fixed_dir("SHS022", storage("  Name = A\n  Device = L\n  Autochanger = yes # x\n")),
            storage("  Name = A\n  Device = L\n", "Autochanger"));
  const std::string by_hand = storage("  Name = A\n  Device = L\n");
  EXPECT_EQ(fixed_dir("SHS022", by_hand), by_hand);
  const std::string no = storage("  Name = A\n  Device = L\n  Autochanger = no\n");
  EXPECT_EQ(fixed_dir("SHS022", no), no);
}

TEST(FixOfSHS023, NamesTheOnlyAutochanger) {
  const std::string changer = storage("  Name = A\n  Device = L\n", "Autochanger");
  EXPECT_EQ(fixed_dir("SHS023", changer + storage("  Name = B\n  Device = D\n  Autochanger = yes\n")),
            changer + storage("  Name = B\n  Device = D\n  Autochanger = A\n"));
  EXPECT_EQ(fixed_dir("SHS023", changer + storage("  Name = B\n  Device = D\n")),
            changer + storage("  Name = B\n  Device = D\n  Autochanger = A\n"));
  const std::string no = changer + storage("  Name = B\n  Device = D\n  Autochanger = no\n");
  EXPECT_EQ(fixed_dir("SHS023", no), no);
  const std::string two = changer + storage("  Name = C\n  Device = L\n", "Autochanger") +
                          storage("  Name = B\n  Device = D\n  Autochanger = yes\n");
  EXPECT_EQ(fixed_dir("SHS023", two), two);
}

TEST(FixOfSHS023, HasNoNameToWriteForALibraryWithoutOne) {
  const std::string text =
      storage("  Device = L\n", "Autochanger") + storage("  Name = B\n  Device = D\n  Autochanger = yes\n");
  EXPECT_EQ(fixed_dir("SHS023", text), text);
}

TEST(FixOfSHS021, RemovesSharedStorageFromTheDirector) {
  EXPECT_EQ(fixed_dir("SHS021", "Director {\n  Name = d\n  Shared Storage = yes    # Not used in version 6.0.2\n}\n"),
            "Director {\n  Name = d\n}\n");
}

}  // namespace
}  // namespace shstore::config::lint
