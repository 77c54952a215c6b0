// Every state in every view: how bad it is, and what is wrong, is the same wherever one looks.
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "sample_snapshot.h"
#include "scsi/drive_health.h"
#include "status/look/health_words.h"
#include "status/page/html.h"
#include "status/page/html_text.h"
#include "status/printable.h"
#include "status/problems.h"
#include "status/show/check.h"
#include "status/show/json.h"
#include "status/show/prometheus.h"
#include "status/show/text.h"
#include "status/watch/view.h"

namespace shstore::status {
namespace {

using nlohmann::json;
using tests::sample;

struct Seen {
  std::string name;
  std::vector<SdSnapshot> daemons;
  std::vector<Unreadable> unreadable{};
};

SdSnapshot named_like(std::string name, SdSnapshot sd) {
  sd.sd_name = std::move(name);
  return sd;
}

SdSnapshot with(const std::string& file, const std::function<void(SdSnapshot&)>& change) {
  auto sd = sample(file);
  change(sd);
  return sd;
}

// As the snapshot is made (status/look/snapshot.cpp).
void told_by_drive(SdSnapshot& sd) {
  const auto& d = sd.devices[0];
  for (const auto& complaint : health_complaints_of(d)) sd.notes.push_back(d.display() + ' ' + complaint);
}

// All states, and what may be wrong besides a drive's state.
std::vector<Seen> all_seen() {
  std::vector<Seen> all;
  for (auto& state : tests::state_samples()) all.push_back({state.file, {state.snapshot}});
  const auto add = [&](std::string name, SdSnapshot sd) { all.push_back({std::move(name), {std::move(sd)}}); };
  add("configuration with errors", with("free", [](auto& sd) {
        sd.configuration_errors = "bacula-sd.conf:3:1: unknown";
        sd.notes.push_back("The configuration has errors: " + sd.configuration_errors);
      }));
  add("bconsole is silent", with("free", [](auto& sd) {
        sd.bacula_error = "bconsole: timeout";
        sd.notes.push_back("Bacula's own status is missing: " + sd.bacula_error);
      }));
  add("plugin replaced", with("free", [](auto& sd) {
        sd.plugin_replaced = "cibou-sd runs with a plugin that was replaced since (/x): restart bacula-sd";
        sd.notes.push_back(sd.plugin_replaced);
      }));
  add("every job is refused", with("free", [](auto& sd) {
        sd.state->limits = {"bacula-sd 99 is not known: " + std::string(record::kEveryDeviceIsRefused), "of no harm"};
        for (const auto& limit : sd.state->limits) sd.notes.push_back("Limit: " + limit);
      }));
  add("an error of the plugin", with("free", [](auto& sd) { sd.devices[0].error = "/dev/sg0: READ KEYS failed"; }));
  add("a unit attention", with("free", [](auto& sd) {
        sd.devices[0].live.unit_attentions = {"29/00"};
        sd.notes.push_back(attention_note(sd.devices[0]));
      }));
  for (const char* cleaning : {"requested", "required"}) {
    add(std::string("cleaning ") + cleaning, with("free", [&](auto& sd) {
          sd.devices[0].plugin->health = record::DriveHealth{tests::sample_time(), "11h", cleaning};
          told_by_drive(sd);
        }));
  }
  add("recovery and alerts", with("locked", [](auto& sd) {
        sd.devices[0].plugin->health = record::DriveHealth{tests::sample_time(), "2Eh", "", true, "", false, {3, 5}};
        told_by_drive(sd);
      }));
  all.push_back(
      {"one that cannot be read", {sample("free")}, {{"/etc/x.conf", "/etc/x.conf:1: what\nit is no configuration"}}});
  auto dir = named_like("dir-sd", sample("free"));
  dir.devices[0].key = "0xbac999";
  all.push_back({"two that are well", {sample("free"), dir}});
  all.push_back({"one key for two", {sample("free"), named_like("dir-sd", sample("free"))}});
  all.push_back({"one lost, one silent", {sample("no-answer"), named_like("dir-sd", sample("lost"))}});
  return all;
}

std::vector<PageSource> sources_of(const Seen& seen) {
  std::vector<PageSource> sources;
  for (const auto& sd : seen.daemons) sources.push_back({sd});
  return sources;
}

// The worst that a screen of --watch has a sign for.
Severity worst_of_screen(const Seen& seen) {
  const watch::Shown shown{watch::table_of({seen.daemons, seen.unreadable}), {}, {}, {}};
  auto worst = Severity::ok;
  for (const auto& line : watch::draw(shown, {}, {200, 60})) {
    const auto severity = line.style == watch::Style::critical  ? Severity::critical
                          : line.style == watch::Style::warning ? Severity::warning
                          : line.style == watch::Style::unknown ? Severity::unknown
                                                                : Severity::ok;
    const std::string sign = line.text.substr(0, line.text.find(' '));
    EXPECT_EQ(sign, severity == Severity::critical  ? "!!"
                    : severity == Severity::warning ? "!"
                    : severity == Severity::unknown ? "?"
                                                    : sign)
        << line.text;
    if (is_worse(severity, worst)) worst = severity;
  }
  return worst;
}

std::string everything_as_text(const Seen& seen) {
  auto text = common_text(seen.daemons);
  for (const auto& sd : seen.daemons) text += to_text(sd, true);
  for (const auto& one : seen.unreadable) text += one.message;  // standard error has it
  return text;
}

// Nothing is wrong then, and nobody must interrupt it.
TEST(DriveActivity, IsToldInEveryView) {
  const std::pair<record::DriveHealth, std::string> activities[] = {
      {{tests::sample_time(), "11h", "", false, "loading", true, {}},
       "calibrates it, which takes an LTO-9 drive up to two hours"},
      {{tests::sample_time(), "11h", "", false, scsi::describe_activity(scsi::dt_activity::cleaning), false, {}},
       "is being cleaned"}};
  for (const auto& [health, words] : activities) {
    const Seen seen{"", {with("locked", [&, h = health](auto& sd) { sd.devices[0].plugin->health = h; })}};
    const auto has = [&, w = words](const std::string& view) { return view.find(w) != std::string::npos; };
    EXPECT_TRUE(has(everything_as_text(seen))) << everything_as_text(seen);
    EXPECT_TRUE(has(to_html(make_page(sources_of(seen), {}))));
    std::string screen;
    for (const auto& line : watch::draw({watch::table_of({seen.daemons, {}}), {}, {}, {}}, {}, {300, 60}))
      screen += line.text + '\n';
    EXPECT_TRUE(has(screen)) << screen;
    const auto told = json::parse(to_json(seen.daemons, tests::sample_time()));
    EXPECT_EQ(told.at("daemons").at(0).at("devices").at(0).at("plugin").at("health").at("activity"), health.activity);
    EXPECT_NE(to_prometheus(seen.daemons, tests::sample_time(), true, {})
                  .find(health.calibrates ? "\nshstore_drive_calibrating{" : "\nshstore_drive_cleaning{"),
              std::string::npos);
    EXPECT_EQ(check(seen.daemons, {}, {}, {}).severity, Severity::ok);
  }
}

class Agreement : public testing::TestWithParam<Seen> {};

TEST_P(Agreement, HowBadItIsIsTheSameInEveryView) {
  const auto& seen = GetParam();
  const auto worst = worst_of(problems_of(seen.daemons, seen.unreadable));
  EXPECT_EQ(check(seen.daemons, {}, {}, seen.unreadable).severity, worst) << "--check";
  EXPECT_EQ(json::parse(to_json(seen.daemons, tests::sample_time(), seen.unreadable)).at("severity"), word(worst))
      << "--json";
  EXPECT_EQ(worst_of_screen(seen), worst) << "--watch";
  const auto metrics = to_prometheus(seen.daemons, tests::sample_time(), true, seen.unreadable);
  EXPECT_NE(metrics.find("\nshstore_severity " + std::to_string(static_cast<int>(worst)) + '\n'), std::string::npos)
      << "--prometheus";
  const auto page = make_page(sources_of(seen), seen.unreadable);
  auto worst_on_page = Severity::ok;
  for (const auto& problem : page.problems) {
    if (is_worse(problem.severity, worst_on_page)) worst_on_page = problem.severity;
  }
  EXPECT_EQ(worst_on_page, worst) << "--html";
  const auto html = to_html(page);
  EXPECT_EQ(html.find("<li class=\"crit\">") != std::string::npos, worst == Severity::critical);
  EXPECT_EQ(html.find("No problems") != std::string::npos, worst == Severity::ok);
}

TEST_P(Agreement, WhatIsWrongIsToldInEveryView) {
  const auto& seen = GetParam();
  const auto problems = problems_of(seen.daemons, seen.unreadable);
  const auto monitor = check(seen.daemons, {}, {}, seen.unreadable).text;
  const auto text = everything_as_text(seen);
  const auto html = to_html(make_page(sources_of(seen), seen.unreadable));
  const auto listed = json::parse(to_json(seen.daemons, tests::sample_time(), seen.unreadable)).at("problems");
  const auto metrics = to_prometheus(seen.daemons, tests::sample_time(), true, seen.unreadable);
  const auto count = [](const std::string& in, const std::string& what) {
    size_t n = 0;
    for (auto at = in.find(what); at != in.npos; at = in.find(what, at + 1)) ++n;
    return n;
  };
  ASSERT_EQ(listed.size(), problems.size());
  size_t samples = 0;
  for (size_t i = 0; i < problems.size(); ++i) {
    const auto& problem = problems[i];
    EXPECT_EQ(listed[i].at("code"), problem.code);
    for (const auto& line : problem.lines) EXPECT_NE(monitor.find(printable(line)), std::string::npos) << line;
    for (const auto& sentence : problem.in_full) {
      const bool of_the_drive_besides =
          problem.code == word(Condition::duplicate_key) && problem.device && seen.daemons.size() > 1;
      EXPECT_TRUE(of_the_drive_besides || html.find(escaped(sentence)) != std::string::npos) << sentence;
      EXPECT_TRUE(!problem.daemons.empty() ? text.find(sentence) != std::string::npos
                                           : text.find("it is no configuration") != std::string::npos)
          << sentence;
    }
    samples += std::max<size_t>(problem.daemons.size(), 1);
  }
  EXPECT_EQ(count(metrics, "\nshstore_problem{"), samples);
}

std::string test_name(const testing::TestParamInfo<Seen>& info) {
  std::string name;
  for (const char c : info.param.name) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, Agreement, testing::ValuesIn(all_seen()), test_name);

// Its drives are safe if it really has ended; a lock that it left behind is a problem of its own.
TEST(Problems, ADaemonThatDoesNotRunIsAWarning) {
  const auto problems = problems_of({sample("daemon-dead")});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].severity, Severity::warning);
  EXPECT_EQ(problems[0].code, "daemon-ended");
  EXPECT_EQ(problems_of({sample("left-behind")}).front().code, "left-behind");
}

TEST(Problems, ALostLockStandsBeforeAllElse) {
  const auto problems = problems_of({sample("misconfigured"), named_like("dir-sd", sample("lost"))});
  ASSERT_GT(problems.size(), 1U);
  EXPECT_EQ(problems[0].code, "lost");
}

TEST(Problems, AreOneKeyOfTwoHostsAlsoWhereNoDriveTells) {
  const auto problems = problems_of({sample("free"), named_like("dir-sd", sample("free"))});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].where, "cibou-sd, dir-sd");
  EXPECT_EQ(problems[0].severity, Severity::critical);
  EXPECT_TRUE(problems_of({sample("free"), sample("free")}).empty()) << "one daemon, given twice";
}

// Whoever shares no drive needs no plugin.
TEST(Problems, ADaemonWithoutSharedDrivesNeedNotRun) {
  auto sd = sample("not-shared");
  sd.life = Life::ended;
  EXPECT_TRUE(problems_of({sd}).empty());
}

TEST(Problems, CodesAreUnique) {
  std::set<std::string> codes;
  for (const auto condition : all_conditions()) codes.insert(word(condition));
  for (const auto code : problem_codes()) EXPECT_TRUE(codes.insert(std::string(code)).second) << code;
}

}  // namespace
}  // namespace shstore::status
