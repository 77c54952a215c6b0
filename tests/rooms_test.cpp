// The arrows of docs/design.md: who may include whom. The code and the CMake files are held against them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using testing::Contains;

const fs::path kSource = SHSTORE_SOURCE;

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in) << file;
  return {std::istreambuf_iterator<char>(in), {}};
}

using Arrows = std::map<std::string, std::set<std::string>>;

// "status -> reserve, status/look": the code block of docs/design.md in which every line is one.
Arrows read_arrows() {
  static const std::regex line_form(R"(^([a-z_/]+) +->((?: [a-z_/]+,?)*)$)");
  static const std::regex word(R"([a-z_/]+)");
  Arrows arrows;
  std::istringstream lines(content(kSource / "docs/design.md"));
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, line_form)) continue;
    auto& known = arrows[match[1]];
    const std::string targets = match[2];
    for (std::sregex_iterator w(targets.begin(), targets.end(), word), end; w != end; ++w) known.insert(w->str());
  }
  return arrows;
}

const Arrows& arrows() {
  static const auto all = read_arrows();
  return all;
}

// "floor 1: scsi scsi/target": the lines of the picture in docs/design.md that are one.
std::map<std::string, int> read_floors() {
  static const std::regex line_form(R"(^floor ([0-9]):((?: [a-z_/]+)+)$)");
  std::map<std::string, int> floors;
  std::istringstream lines(content(kSource / "docs/design.md"));
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, line_form)) continue;
    std::istringstream rooms(match[2]);
    for (std::string room; rooms >> room;) {
      EXPECT_TRUE(floors.emplace(room, std::stoi(match[1])).second) << room << " is on two floors";
    }
  }
  return floors;
}

const std::map<std::string, int>& floors() {
  static const auto all = read_floors();
  return all;
}

std::string top_folder(const std::string& room) { return room.substr(0, room.find('/')); }

// Also what stays on its floor and leaves its top folder: neighbours do not know each other.
bool points_upwards(const std::string& from, const std::string& to) {
  if (floors().at(from) == floors().at(to)) return top_folder(from) != top_folder(to);
  return floors().at(from) < floors().at(to);
}

// The room that a file lies in: that of the nearest folder which is one.
std::string room_of(fs::path file) {
  while (file.has_parent_path()) {
    file = file.parent_path();
    if (arrows().contains(file.string())) return file.string();
  }
  return {};
}

std::vector<fs::path> files_of_rooms(const std::vector<std::string>& names_end_with) {
  std::vector<fs::path> found;
  for (const auto* top : {"config", "scsi", "reserve", "changer", "plugin", "status"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kSource / top)) {
      const auto name = entry.path().filename().string();
      const auto wanted = [&](const std::string& end) { return name.ends_with(end); };
      if (std::any_of(names_end_with.begin(), names_end_with.end(), wanted)) {
        found.push_back(fs::relative(entry.path(), kSource));
      }
    }
  }
  return found;
}

struct Use {
  std::string from, to, where;
};

std::vector<Use> includes() {
  static const std::regex include(R"re((?:^|\n)\s*#\s*include\s+"([^"]+)")re");
  std::vector<Use> uses;
  for (const auto& file : files_of_rooms({".h", ".cpp"})) {
    const auto text = content(kSource / file);
    for (std::sregex_iterator i(text.begin(), text.end(), include), end; i != end; ++i) {
      const std::string header = (*i)[1];
      uses.push_back({room_of(file), room_of(header), file.string() + " includes " + header});
    }
  }
  return uses;
}

// What add_room(...) and the programs' target_link_libraries(...) of the rooms link, of rooms.
std::vector<Use> links() {
  static const std::regex room_form(R"(add_room\(([a-z_/]+)([^)]*)\))");
  static const std::regex word(R"([^\s]+)");
  std::map<std::string, std::string> room_of_target;
  for (const auto& [room, known] : arrows()) {
    auto target = room;
    std::replace(target.begin(), target.end(), '/', '_');
    room_of_target[target] = room;
  }
  std::vector<Use> uses;
  for (const auto& file : files_of_rooms({"CMakeLists.txt"})) {
    const auto text = content(kSource / file);
    for (std::sregex_iterator r(text.begin(), text.end(), room_form), end; r != end; ++r) {
      const std::string room = (*r)[1], arguments = (*r)[2];
      uses.push_back({room, room, file.string() + " makes " + room});
      for (std::sregex_iterator w(arguments.begin(), arguments.end(), word); w != end; ++w) {
        const auto target = room_of_target.find(w->str());
        if (target != room_of_target.end())
          uses.push_back({room, target->second, file.string() + " links " + w->str()});
      }
    }
  }
  return uses;
}

TEST(Rooms, NobodyIncludesWhatTheDesignDoesNotShow) {
  ASSERT_GT(arrows().size(), 20U);
  for (const auto& use : includes()) {
    EXPECT_NE(use.from, "") << use.where << ": in no room of docs/design.md";
    EXPECT_NE(use.to, "") << use.where << ": which is in no room of docs/design.md";
    if (use.from != use.to && !use.from.empty()) {
      EXPECT_THAT(arrows().at(use.from), Contains(use.to)) << use.where << ": docs/design.md has no such arrow";
    }
  }
}

TEST(Rooms, NobodyLinksWhatTheDesignDoesNotShow) {
  std::set<std::string> made;
  for (const auto& use : links()) {
    ASSERT_TRUE(arrows().contains(use.from)) << use.where << ": docs/design.md does not know this room";
    made.insert(use.from);
    if (use.from != use.to) {
      EXPECT_THAT(arrows().at(use.from), Contains(use.to)) << use.where << ": docs/design.md has no such arrow";
    }
  }
  for (const auto& [room, known] : arrows()) EXPECT_THAT(made, Contains(room)) << "no CMakeLists.txt makes this room";
}

TEST(Rooms, EveryArrowOfTheDesignIsUsed) {
  Arrows used;
  for (const auto& use : includes()) used[use.from].insert(use.to);
  for (const auto& [room, known] : arrows()) {
    for (const auto& other : known) {
      EXPECT_TRUE(arrows().contains(other)) << room << " -> " << other << ": there is no such room";
      EXPECT_THAT(used[room], Contains(other)) << room << " -> " << other << ": nobody needs it";
    }
  }
}

TEST(Rooms, NothingPointsUpwards) {
  for (const auto& [room, known] : arrows()) {
    ASSERT_TRUE(floors().contains(room)) << room << ": on no floor of docs/design.md";
    for (const auto& other : known) {
      ASSERT_TRUE(floors().contains(other)) << other << ": on no floor of docs/design.md";
      EXPECT_FALSE(points_upwards(room, other)) << room << " -> " << other;
    }
  }
  for (const auto& [room, floor] : floors()) EXPECT_TRUE(arrows().contains(room)) << room << ": there is no such room";
}

// Arrows that would close no circle, so nothing else would find them.
TEST(Rooms, AnArrowThatPointsUpwardsIsFound) {
  EXPECT_TRUE(points_upwards("scsi", "config"));
  EXPECT_TRUE(points_upwards("config", "status/look"));
  EXPECT_TRUE(points_upwards("plugin", "scsi/ctl"));
  EXPECT_TRUE(points_upwards("plugin", "changer"));
  EXPECT_TRUE(points_upwards("scsi", "plugin/abi"));
  EXPECT_TRUE(points_upwards("scsi/base", "reserve"));
  EXPECT_FALSE(points_upwards("scsi/ctl", "plugin/abi"));
  EXPECT_FALSE(points_upwards("status/serve", "status/page"));
}

// Whoever can be reached from a room cannot reach it.
TEST(Rooms, NoCircle) {
  std::map<std::string, std::set<std::string>> below = arrows();
  for (bool more = true; more;) {
    more = false;
    for (auto& [room, all] : below) {
      for (const auto& other : std::set<std::string>(all)) {
        for (const auto& further : below[other]) more = all.insert(further).second || more;
      }
    }
  }
  for (const auto& [room, all] : below) EXPECT_FALSE(all.contains(room)) << room << " is reached from itself";
  EXPECT_TRUE(below.at("reserve").empty()) << "the engine knows nobody";
  EXPECT_FALSE(below.at("plugin").contains("changer"));
  EXPECT_FALSE(below.at("changer").contains("plugin"));
}

// {fmt} 11 has it there alone; the versions of Debian 12 and 13 have it in format.h, too.
TEST(Headers, WhoJoinsIncludesTheHeaderOfIt) {
  const std::string join =
      "fmt::"
      "join(";
  size_t found = 0;
  for (const char* room : {"config", "reserve", "scsi", "changer", "status", "plugin", "tests"}) {
    for (const auto& file : fs::recursive_directory_iterator(kSource / room)) {
      if (file.path().extension() != ".cpp" && file.path().extension() != ".h") continue;
      const auto text = content(file.path());
      if (text.find(join) == std::string::npos) continue;
      ++found;
      EXPECT_NE(text.find("#include <fmt/ranges.h>"), std::string::npos) << file.path();
    }
  }
  EXPECT_GT(found, 10u) << "hardly a file joins: are they found at all?";
}

// docs/design.md, "Names". The words of SPC's tables, in namespaces of their own, are the exception.
TEST(Names, AConstantIsKCamelCase) {
  const std::set<std::string> tables{"scsi/sense.h", "scsi/log_sense.h", "scsi/drive_health.h"};
  static const std::regex constant(R"(constexpr [A-Za-z_:<>0-9,*& ]+ [*&]?([A-Za-z_]\w*)(?: =|\{|\[))");
  size_t found = 0;
  for (const char* room : {"config", "reserve", "scsi", "changer", "status", "plugin"}) {
    for (const auto& file : fs::recursive_directory_iterator(kSource / room)) {
      const auto name = fs::relative(file.path(), kSource).string();
      if ((file.path().extension() != ".cpp" && file.path().extension() != ".h") || tables.contains(name)) continue;
      const auto text = content(file.path());
      for (std::sregex_iterator c(text.begin(), text.end(), constant), end; c != end; ++c) {
        const std::string called = (*c)[1];
        ++found;
        EXPECT_TRUE(called.size() > 1 && called[0] == 'k' && std::isupper(static_cast<unsigned char>(called[1])))
            << name << ": " << called;
      }
    }
  }
  EXPECT_GT(found, 200u) << "hardly a constant: are they found at all?";
}

}  // namespace
