#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "config/lint/program/report.h"
#include "config/lint/rule.h"

namespace shstore::config::lint {
namespace {

using nlohmann::json;

Finding finding(const std::string& file, uint32_t line, uint32_t column, Level level = Level::error) {
  Finding result;
  result.code = "SHS001";
  result.level = level;
  result.at = {file, line, column, 0};
  result.message = "100% wrong: a, b\nand more";
  result.help = "repair it";
  return result;
}

Texts texts() {
  Texts result;
  result.add("/srv/site/etc/sd.conf", "Käse = x\nName = Drive-0 # first\nthird\n");
  return result;
}

json sarif(const std::vector<Finding>& findings, const Texts& known, const std::string& directory = "/srv/site") {
  return json::parse(render_sarif({findings, 1, known}, {false, directory}));
}

TEST(Sarif, HasWhatItMustHave) {
  const Texts known = texts();
  const json log = sarif({finding("/srv/site/etc/sd.conf", 1, 9, Level::info)}, known);
  EXPECT_EQ(log.at("version"), "2.1.0");
  ASSERT_EQ(log.at("runs").size(), 1U);
  const json& run = log["runs"][0];
  const json& driver = run.at("tool").at("driver");
  EXPECT_EQ(driver.at("name"), "shstore-lint");
  EXPECT_FALSE(driver.at("version").get<std::string>().empty());
  ASSERT_EQ(driver.at("rules").size(), all_rules().size());
  for (size_t i = 0; i < all_rules().size(); ++i) {
    const json& rule = driver["rules"][i];
    EXPECT_EQ(rule.at("id"), all_rules()[i]->code);
    EXPECT_EQ(rule.at("shortDescription").at("text"), all_rules()[i]->title);
    EXPECT_EQ(rule.at("help").at("text"), all_rules()[i]->page);
    EXPECT_TRUE(rule.at("defaultConfiguration").at("level").is_string());
  }
  const json& result = run.at("results").at(0);
  EXPECT_EQ(result.at("ruleId"), "SHS001");
  EXPECT_EQ(driver["rules"][result.at("ruleIndex").get<size_t>()]["id"], "SHS001");
  EXPECT_EQ(result.at("level"), "note");
  EXPECT_EQ(result.at("message").at("text"), "100% wrong: a, b\nand more\nrepair it");
  EXPECT_EQ(result.at("partialFingerprints").size(), 1U);
  const json& place = result.at("locations").at(0).at("physicalLocation");
  EXPECT_EQ(place.at("artifactLocation").at("uri"), "etc/sd.conf");
  EXPECT_EQ(place.at("artifactLocation").at("uriBaseId"), "%SRCROOT%");
  EXPECT_EQ(run.at("columnKind"), "unicodeCodePoints");
  EXPECT_EQ(place.at("region").at("startColumn"), 8) << "behind the two bytes of ä";
  EXPECT_EQ(place.at("region").at("endColumn"), 9);
}

TEST(Sarif, UrisAreRelativeWhereTheyCanBe) {
  const Texts known;
  const auto artifact = [&](const std::string& file) {
    return sarif({finding(file, 0, 0)}, known)["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
  };
  EXPECT_EQ(artifact("a b/ü%.conf")["artifactLocation"]["uri"], "a%20b/%C3%BC%25.conf");
  EXPECT_EQ(artifact("./etc/../x.conf")["artifactLocation"]["uri"], "x.conf");
  EXPECT_EQ(artifact("/etc/x.conf")["artifactLocation"]["uri"], "file:///etc/x.conf");
  EXPECT_FALSE(artifact("/etc/x.conf")["artifactLocation"].contains("uriBaseId"));
  EXPECT_FALSE(artifact("x").contains("region")) << "the file as a whole";
}

TEST(Sarif, AFingerprintSurvivesLinesThatAreAdded) {
  const auto prints = [](const std::string& text, std::vector<uint32_t> lines) {
    Texts known;
    known.add("f", text);
    std::vector<Finding> findings;
    for (const uint32_t line : lines) findings.push_back(finding("f", line, 1));
    std::vector<std::string> result;
    const json log = sarif(findings, known);
    for (const json& entry : log["runs"][0]["results"])
      result.push_back(entry["partialFingerprints"]["shstore-lint/v1"]);
    return result;
  };
  EXPECT_EQ(prints("a = 1\n", {1}), prints("# new\n\n  a  = 1\n", {3}));
  EXPECT_NE(prints("a = 1\n", {1}), prints("a = 2\n", {1}));
  const auto twice = prints("a\na\n", {1, 2});
  EXPECT_NE(twice[0], twice[1]);
}

TEST(Sarif, NotesAndFixes) {
  const Texts known = texts();
  Finding with_fix = finding("/srv/site/etc/sd.conf", 2, 8);
  with_fix.notes.push_back({{"/srv/site/etc/sd.conf", 1, 1, 0}, "the first one"});
  with_fix.fix = Fix{"remove it", {{{"/srv/site/etc/sd.conf", 2, 8, 18}, "new\n"}}};
  const json result = sarif({with_fix}, known)["runs"][0]["results"][0];
  EXPECT_EQ(result.at("relatedLocations").at(0).at("message").at("text"), "the first one");
  const json& fix = result.at("fixes").at(0);
  EXPECT_EQ(fix.at("description").at("text"), "remove it");
  const json& change = fix.at("artifactChanges").at(0);
  EXPECT_EQ(change.at("artifactLocation").at("uri"), "etc/sd.conf");
  const json& replacement = change.at("replacements").at(0);
  EXPECT_EQ(replacement.at("deletedRegion"),
            json({{"startLine", 2}, {"startColumn", 8}, {"endLine", 3}, {"endColumn", 3}}));
  EXPECT_EQ(replacement.at("insertedContent").at("text"), "new\n");
}

TEST(Github, EscapesWhatEndsAPropertyOrALine) {
  const Texts known;
  EXPECT_EQ(
      render_github(
          {{finding("a,b:c%.conf", 3, 4), finding("f", 0, 0, Level::info), finding("f", 1, 1, Level::warning)},
           1,
           known},
          {}),
      "::error file=a%2Cb%3Ac%25.conf,line=3,col=4,title=SHS001::100%25 wrong: a, b%0Aand more%0Ahelp: repair it\n"
      "::notice file=f,title=SHS001::100%25 wrong: a, b%0Aand more%0Ahelp: repair it\n"
      "::warning file=f,line=1,col=1,title=SHS001::100%25 wrong: a, b%0Aand more%0Ahelp: repair it\n");
}

TEST(Json, UnknownIsNull) {
  const Texts known;
  Finding whole = finding("f\xFF", 0, 0);
  whole.help.clear();
  const json result = json::parse(render_json({{whole}, 1, known}, {}));
  EXPECT_EQ(result.at("schema"), "shstore-lint/1");
  const json& entry = result.at("findings").at(0);
  EXPECT_TRUE(entry.at("line").is_null() && entry.at("column").is_null() && entry.at("help").is_null() &&
              entry.at("fix").is_null());
  EXPECT_EQ(entry.at("notes"), json::array());
  EXPECT_EQ(result.at("summary"), json({{"errors", 1}, {"warnings", 0}, {"infos", 0}, {"files", 1}}));
}

TEST(Summary, CountsInWords) {
  const Texts known;
  const auto told = [&](std::vector<Finding> findings, size_t files) {
    return summary({std::move(findings), files, known});
  };
  EXPECT_EQ(told({}, 3), "no findings in 3 files");
  EXPECT_EQ(told({finding("f", 1, 1)}, 1), "1 error in 1 file");
  EXPECT_EQ(told({finding("f", 1, 1), finding("f", 1, 1), finding("f", 1, 1, Level::warning)}, 3),
            "2 errors, 1 warning in 3 files");
  EXPECT_EQ(told({finding("f", 1, 1, Level::info)}, 2), "1 info in 2 files");
}

}  // namespace
}  // namespace shstore::config::lint
