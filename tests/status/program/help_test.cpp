// Whatever shstore-status can do is in its man page and its completion.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "status/program/command.h"
#include "status/look/condition.h"

namespace shstore::status {
namespace {

std::string file(const std::string& name) {
  std::ifstream in(std::string(SHSTORE_ROOT) + '/' + name);
  EXPECT_TRUE(in) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

// As a man page writes it.
std::string escaped(const std::string& name) {
  std::string out;
  for (const char c : name) out += c == '-' ? "\\-" : std::string(1, c);
  return out;
}

TEST(Help, EveryOptionIsDocumented) {
  CLI::App app;
  Request request;
  add_options(app, request);
  for (const auto& add : commands()) add(app);
  const auto man = file("docs/shstore-status.8");
  auto completion = file("docs/shstore-status.bash");
  std::replace(completion.begin(), completion.end(), '\n', ' ');
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) {
      if (name == "help") continue;
      EXPECT_NE(man.find(escaped("--" + name)), std::string::npos) << "man page: --" << name;
      EXPECT_NE(completion.find("--" + name + ' '), std::string::npos) << "completion: --" << name;
    }
  }
}

TEST(Help, EveryStateIsInTheManPage) {
  const auto man = file("docs/shstore-status.8");
  for (const auto condition : all_conditions())
    EXPECT_NE(man.find(escaped(word(condition))), std::string::npos) << word(condition);
}

TEST(Commands, OnlyTheLastIsChosenByNothing) {
  CLI::App app;
  Request request;
  add_options(app, request);
  const auto all = commands();
  for (size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i](app).chosen == nullptr, i + 1 == all.size()) << i;
}

}  // namespace
}  // namespace shstore::status
