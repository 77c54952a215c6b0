// The picture of sites that are not as complete as the white paper's; that one is in migration_test.cpp.
#include "config/lint/graph.h"

#include <gtest/gtest.h>

#include "../../loading.h"

namespace shstore::config::lint {
namespace {

using Files = std::map<std::string, std::string>;

Site site(const std::string& director, const std::string& daemon) {
  config::testing::MemoryReader reader(Files{{"dir.conf", director}, {"sd.conf", daemon}});
  std::optional<DirConfig> dir;
  if (!director.empty()) dir = load_dir_config("dir.conf", reader);
  std::vector<SiteSd> sds;
  if (!daemon.empty()) {
    sds.emplace_back();
    sds.back().path = "sd.conf";
    sds.back().config = load_sd_config("sd.conf", reader);
  }
  return Site(std::move(dir), std::move(sds));
}

TEST(Graph, OfNothingIsEmpty) { EXPECT_EQ(graph_text(site("", "")), ""); }

TEST(Graph, ShowsADeviceWithoutAutochanger) {
  EXPECT_EQ(graph_text(site("", "Device {\n  Name = D\n  Media Type = T\n  Archive Device = /dev/nst0\n}\n")),
            "sd.conf\n`-- Device  D  /dev/nst0\n");
}

TEST(Graph, TellsWhatIsNotAmongTheFiles) {
  const std::string storage =
      "Storage {\n  Name = S\n  Address = ada\n  Password = p\n  Media Type = T\n  Device = L\n}\n";
  EXPECT_EQ(graph_text(site(storage, "")), "Director dir.conf\n`-- Storage S -> L on ada:9103, not among the files\n");
}

TEST(Graph, LosesNoStorageInACircle) {
  const auto storage = [](const std::string& name, const std::string& changer) {
    return "Storage {\n  Name = " + name +
           "\n  Address = ada\n  Password = p\n  Media Type = T\n  Device = L\n  Autochanger = " + changer + "\n}\n";
  };
  const std::string text = graph_text(site(storage("A", "B") + storage("B", "A") + storage("C", "A"), ""));
  for (const std::string name : {"Storage A ", "Storage B ", "Storage C "}) {
    EXPECT_NE(text.find(name), std::string::npos) << text;
  }
}

TEST(Graph, KeepsQuotesAndLineEndsOutOfTheLanguage) {
  const std::string dot =
      graph_dot(site("", "Device {\n  Name = D\n  Media Type = T\n  Archive Device = \"/a\\\"]; x -> y \\\\\n\"\n}\n"));
  EXPECT_NE(dot.find(R"([label="D\n/a\"]; x -> y \\?"])"), std::string::npos) << dot;
}

}  // namespace
}  // namespace shstore::config::lint
