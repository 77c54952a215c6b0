#include "status/serve/answers.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "serve/stored_site.h"

namespace shstore::status::serve {
namespace {

using tests::StoredSite;

Answer get(Answers& answers, const std::string& target) { return answers.to({"GET", target, {"localhost"}}); }

std::string header(const std::vector<std::pair<std::string, std::string>>& headers, const std::string& name) {
  for (const auto& [one, value] : headers) {
    if (one == name) return value;
  }
  return {};
}

class ServeAnswers : public testing::Test {
 protected:
  StoredSite site;
  Answers answers{[this] { return read_stored({site.folder()}); }, {"backup.example.org"}};
};

TEST_F(ServeAnswers, EachFormHasItsPlaceAndSaysTheSame) {
  const auto page = get(answers, "/");
  EXPECT_EQ(page.status, 200u);
  EXPECT_NE(page.body.find("Shared drives of cibou-sd"), std::string::npos);
  EXPECT_NE(page.body.find("<script src=\"/live.js\""), std::string::npos);
  const auto json = nlohmann::json::parse(get(answers, "/json").body);
  EXPECT_EQ(json.at("schema"), "shstore-status/1");
  EXPECT_NE(get(answers, "/metrics").body.find("# TYPE shstore_"), std::string::npos);
  EXPECT_EQ(get(answers, "/healthz").body, "ok\n");
  EXPECT_EQ(get(answers, "/live.js").type, "text/javascript; charset=utf-8");
  EXPECT_EQ(get(answers, "/?x=1").status, 200u);
}

TEST_F(ServeAnswers, AnotherSitesNameIsRefusedBeforeAnythingIsRead) {
  int reads = 0;
  Answers counting([&] { return ++reads, StoredReading{}; }, {});
  EXPECT_EQ(counting.to({"GET", "/json", {"evil.example"}}).status, 421u);
  EXPECT_EQ(counting.to({"GET", "/json", {}}).status, 400u);
  EXPECT_EQ(counting.to({"GET", "/json", {"localhost", "evil.example"}}).status, 400u);
  EXPECT_EQ(reads, 0);
  EXPECT_EQ(answers.to({"GET", "/json", {"backup.example.org:9848"}}).status, 200u);
}

TEST_F(ServeAnswers, NothingButReadingIsDone) {
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get", ""}) {
    const auto answer = answers.to({method, "/", {"localhost"}});
    EXPECT_EQ(answer.status, 405u) << method;
    EXPECT_EQ(header(answer.headers, "Allow"), "GET, HEAD") << method;
  }
  EXPECT_EQ(answers.to({"GET", "/", {"localhost"}, true}).status, 400u);
  EXPECT_EQ(answers.to({"HEAD", "/", {"localhost"}}).status, 200u);
}

TEST_F(ServeAnswers, NoOtherFileCanBeHad) {
  for (const auto* target :
       {"/../../etc/passwd", "/etc/passwd", "//", "/json/", "http://localhost/", "*", "", "/%2e%2e/x"})
    EXPECT_EQ(get(answers, target).status, 404u) << target;
}

TEST_F(ServeAnswers, HealthTellsWhetherItCanSeeTheDaemons) {
  std::filesystem::remove(site.path("cibou-sd.shstore.json"));
  const auto health = get(answers, "/healthz");
  EXPECT_EQ(health.status, 503u);
  EXPECT_NE(health.body.find(site.folder()), std::string::npos);
  EXPECT_EQ(get(answers, "/").status, 200u) << "the page says so, too";
}

TEST(ServeReading, ManyWhoAskInOneSecondAreToldOfOneReading) {
  int reads = 0;
  Answers counting([&] { return ++reads, StoredReading{}; }, {});
  const auto second = [] { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); };
  const auto begun = second();
  for (int i = 0; i < 100; ++i) get(counting, "/healthz");
  EXPECT_LE(reads, (second() - begun).count() + 1);
  EXPECT_GE(reads, 1);
}

TEST(ServeReading, WhatGoesWrongInReadingIsAnAnswer) {
  Answers failing([]() -> StoredReading { throw std::runtime_error("no memory"); }, {});
  EXPECT_EQ(get(failing, "/json").status, 500u);
}

TEST(ServeReading, ABrowserIsToldToRunNothingElseAndToShowItNowhereElse) {
  const auto all = headers_of_all();
  EXPECT_NE(header(all, "Content-Security-Policy").find("default-src 'none'"), std::string::npos);
  EXPECT_NE(header(all, "Content-Security-Policy").find("frame-ancestors 'none'"), std::string::npos);
  EXPECT_EQ(header(all, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header(all, "Access-Control-Allow-Origin"), "");
}

}  // namespace
}  // namespace shstore::status::serve
