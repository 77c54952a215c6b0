#include "status/page/html.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "golden.h"
#include "sample_pages.h"
#include "sample_snapshot.h"
#include "status/page/html_text.h"

namespace shstore::status {
namespace {

using tests::page_samples;
using tests::sample;

std::vector<PageSource> sources(const std::string& file) {
  for (auto& s : page_samples()) {
    if (s.file == file) return std::move(s.sources);
  }
  throw std::invalid_argument(file);
}

class HtmlPages : public testing::TestWithParam<const char*> {};

TEST_P(HtmlPages, AreAsTheGoldenFile) {
  const std::string file = GetParam();
  EXPECT_TRUE(tests::equals_golden(to_html(make_page(sources(file))), "status/html_" + file + ".html"));
}

INSTANTIATE_TEST_SUITE_P(All, HtmlPages, testing::Values("quiet", "two-hosts", "broken", "hostile"),
                         [](const auto& param) {
                           std::string name = param.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Html, ShowsWhatOthersWroteAsTextOnly) {
  const auto page = to_html(make_page(sources("hostile")));
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("<b>dir"), std::string::npos);
  EXPECT_EQ(page.find("<i>"), std::string::npos);
  EXPECT_NE(page.find("&lt;script&gt;alert(&#39;x&#39;)"), std::string::npos);
}

// Found by fuzz_record: the page read beside its list of hosts.
TEST(Html, AHistoryWhoseLineLacksTheKeyIsShownAsAHostThatNobodyKnows) {
  auto all = sources("quiet");
  const auto at = all.at(0).snapshot.taken - std::chrono::hours(2);
  const auto drive = all.at(0).snapshot.devices.at(0).name;
  all.at(0).history = {{at, record::HistoryEvent::Kind::started},
                       {at, record::HistoryEvent::Kind::blocked, drive},
                       {at + std::chrono::hours(1), record::HistoryEvent::Kind::unblocked, drive}};
  EXPECT_NE(to_html(make_page(std::move(all))).find("a host whose key is not known, "), std::string::npos);
}

TEST(Html, NeedsNothingFromElsewhere) {
  const auto page = to_html(make_page(sources("many")));
  for (const auto* what : {"src=", "<link", "<script", "@import", "url(http"})
    EXPECT_EQ(page.find(what), std::string::npos) << what;
  EXPECT_EQ(page.find("http://", page.find("xhtml\">")), std::string::npos);
}

TEST(Html, EscapesMarkupAndWhatXmlDoesNotAllow) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(escaped("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(escaped("Süd \xE2\x82\xAC \xF0\x9F\x93\xBC\n"), "Süd \xE2\x82\xAC \xF0\x9F\x93\xBC\n");
  EXPECT_EQ(escaped(std::string_view("\0\x1b\x7f", 3)), bad + bad + bad);
  EXPECT_EQ(escaped("\xC2\x85"), bad) << "a control character of Latin-1";
  EXPECT_EQ(escaped("\xff"), bad);
  EXPECT_EQ(escaped("\xC3"), bad) << "cut off";
  EXPECT_EQ(escaped("\xC0\xAF"), bad + bad) << "overlong";
  EXPECT_EQ(escaped("\xED\xA0\x80"), bad + bad + bad) << "a surrogate";
  EXPECT_EQ(escaped("\xF4\x90\x80\x80"), bad + bad + bad + bad) << "above U+10FFFF";
  EXPECT_EQ(escaped("\xE2\x80\xAE"), bad) << "turns the direction of text around";
  EXPECT_EQ(escaped("\xEF\xBF\xBE"), bad) << "no character";
}

TEST(Page, TheSameDriveOnTwoHostsIsOneDrive) {
  const auto page = make_page(sources("two-hosts"));
  ASSERT_EQ(page.drives.size(), 2u);
  EXPECT_EQ(page.drives[0].seen_by.size(), 2u);
  EXPECT_EQ(page.hosts.at(*page.drives[0].host).name, "dir-sd");
  EXPECT_EQ(page.drives[0].jobs, (std::vector<uint32_t>{92, 94}));
  EXPECT_EQ(page.hosts.at(*page.drives[1].host).name, "cibou-sd");
  EXPECT_TRUE(page.problems.empty());
  ASSERT_EQ(page.waits.size(), 1u);
  EXPECT_EQ(page.waits[0].for_what, (std::vector<std::string>{"Drive-0, held by dir-sd"}));
}

TEST(Page, DrivesThatDoNotTellTheirSerialNumberAreNotTakenForOne) {
  auto two = sources("two-hosts");
  for (auto& source : two) source.snapshot.devices[0].live.serial.clear();
  EXPECT_EQ(make_page(std::move(two)).drives.size(), 3u);
}

TEST(Page, ALostLockComesFirst) {
  const auto page = make_page(sources("broken"));
  ASSERT_FALSE(page.problems.empty());
  EXPECT_EQ(page.problems[0].what, "Lock lost while jobs rely on it");
  EXPECT_EQ(page.problems[0].where, "cibou-sd, Drive-0");
}

TEST(Page, AKeyOfTwoHostsIsToldOnceAndTakenForNeither) {
  const auto page = make_page(sources("broken"));
  const auto told = std::count_if(page.problems.begin(), page.problems.end(),
                                  [](const auto& p) { return p.what == "Two hosts use the same key"; });
  EXPECT_EQ(told, 1);
  EXPECT_EQ(page.hosts.at(0).name, "cibou-sd or backup-sd");
}

TEST(Page, EveryTroubleIsTold) {
  for (const auto& one : tests::state_samples()) {
    const auto& sd = one.snapshot;
    const bool troubled = severity_of(sd, sd.devices.at(0)) != Severity::ok;
    const auto page = make_page({{sd}});
    if (troubled) {
      EXPECT_FALSE(page.problems.empty()) << one.file;
    }
    if (!page.drives.empty()) {
      EXPECT_EQ(page.drives[0].trouble.has_value(), troubled) << one.file;
    }
  }
}

TEST(Page, ADaemonThatCannotBeReadIsAProblem) {
  const auto page =
      make_page({{sample("free")}}, {{"/etc/x.conf", "/etc/x.conf:1: no such thing\nit is no configuration"}});
  ASSERT_EQ(page.problems.size(), 1u);
  EXPECT_EQ(page.problems[0].where, "/etc/x.conf");
  EXPECT_EQ(page.problems[0].text, std::vector<std::string>{"it is no configuration: /etc/x.conf:1: no such thing."});
  EXPECT_EQ(to_html(page).find("No problems"), std::string::npos);
}

TEST(Page, ADaemonThatDoesNotRunIsAProblem) {
  EXPECT_EQ(make_page({{sample("daemon-dead")}}).problems.at(0).what, "Daemon does not run");
  EXPECT_EQ(make_page({{sample("plugin-not-loaded")}}).problems.at(0).what, "Nothing is known of the daemon");
  EXPECT_EQ(make_page({{sample("restarted-without-plugin")}}).problems.at(0).what, "Daemon runs without the plugin");
  EXPECT_EQ(make_page({{sample("state-old")}}).problems.at(0).what, "The plugin's state is old");
}

TEST(Page, WithoutAHistoryTheStateTellsSinceWhen) {
  auto s = sample("locked");
  s.state->drives[0] = *s.devices[0].plugin;
  const auto page = make_page({{s}});
  ASSERT_EQ(page.drives.size(), 1u);
  const auto& stretches = page.drives[0].day.stretches;
  ASSERT_FALSE(stretches.empty());
  EXPECT_EQ(stretches.back().kind, Stretch::Kind::held);
  EXPECT_EQ(stretches.back().from, s.taken - std::chrono::seconds(68));
  EXPECT_EQ(stretches.front().kind, Stretch::Kind::unknown) << "before the daemon began";
}

}  // namespace
}  // namespace shstore::status
