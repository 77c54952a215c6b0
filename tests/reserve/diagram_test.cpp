// The picture of the engine's states in docs/engine-states.md is what the engine does: every change between them in every order
// of events on one host, with a fault at any step. UPDATE_GOLDEN=1 writes the picture anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <unordered_set>

#include "world.h"

namespace shstore::reserve {
namespace {

struct Named {
  const char* id;
  const char* text;
};
constexpr Named kStates[] = {
    {"Away", "not ours"},
    {"Waiting", "not ours, our key registered"},
    {"InUse", "ours, jobs use it"},
    {"Ahead", "ours, taken ahead for a job"},
    {"Unused", "ours, to be given back"},
    {"Vanished", "vanished, being taken back"},
    {"OursDamaged", "ours, and nobody may go on"},
    {"AwayDamaged", "not ours, and nobody may go on"},
};

const char* name(const DriveState& s) {
  if (std::holds_alternative<Vanished>(s.lock)) return "Vanished";
  if (const auto* lock = std::get_if<Away>(&s.lock))
    return s.damage ? "AwayDamaged" : lock->registered ? "Waiting" : "Away";
  if (s.damage) return "OursDamaged";
  return !s.queue.claims.empty() ? "InUse" : s.queue.promise ? "Ahead" : "Unused";
}

std::string result_text(Action action, const Outcome& outcome) {
  static constexpr const char* kActions[] = {"",     "recover", "look",       "join",
                                             "take", "release", "unregister", "see closed"};
  const std::string text = kActions[static_cast<int>(action)];
  switch (outcome.kind) {
    case Outcome::Kind::blocked: return text + " refused";
    case Outcome::Kind::still_open: return text + " - still open";
    case Outcome::Kind::failed: return text + " failed";
    case Outcome::Kind::done: break;
  }
  if (action != Action::look) return text;
  return text + (outcome.reading->ours ? " - ours" : outcome.reading->holder.empty() ? " - nobody's" : " - another's");
}

using Changes = std::map<std::pair<std::string, std::string>, std::set<std::string>>;

void explore(const Site& site, Changes& changes) {
  struct Hash {
    size_t operator()(const Digest::Value& v) const { return v.first; }
  };
  std::vector<World> level{World(site)};
  std::unordered_set<Digest::Value, Hash> seen{level.front().digest()};
  while (!level.empty()) {
    std::vector<World> next;
    for (const auto& world : level) {
      for (const auto& step : world.possible()) {
        World after = world;
        after.apply(step);
        const auto *a = world.engine(0), *b = after.engine(0);
        if (a && b && name(a->state()) != name(b->state())) {
          const auto* result = world.result(0);
          const bool finishes = step.kind == Step::Kind::finish;
          const bool acts =
              step.kind == Step::Kind::act || step.kind == Step::Kind::mute || step.kind == Step::Kind::deaf;
          auto text = finishes ? result_text(result->first, result->second) : acts ? "next action" : to_text(step);
          if (!finishes && !acts) text.resize(text.find(' '));
          changes[{name(a->state()), name(b->state())}].insert(text);
        }
        if (seen.insert(after.digest()).second) next.push_back(std::move(after));
      }
    }
    level = std::move(next);
  }
}

std::string picture(const Changes& changes) {
  std::string text = "```mermaid\nstateDiagram-v2\n";
  for (const auto& state : kStates) text += std::string("  ") + state.id + " : " + state.text + '\n';
  text += "  [*] --> Away\n";
  for (const auto& from : kStates) {
    for (const auto& to : kStates) {
      const auto found = changes.find({from.id, to.id});
      if (found == changes.end()) continue;
      std::string by;
      for (const auto& each : found->second) by += (by.empty() ? "" : ", ") + each;
      text += std::string("  ") + from.id + " --> " + to.id + " : " + by + '\n';
    }
  }
  return text + "```\n";
}

TEST(EngineStates, ArePicturedInTheDocumentation) {
  Changes changes;
  Site two_jobs{1, 2, 1}, all_inputs{1, 1, 1}, open{1, 1, 1};
  // What see_device() tells decides when the lock is proven, and is no change here: tests/reserve/model_test.cpp has it.
  all_inputs.impatient = all_inputs.other_drives = true;
  open.stays_open = true;
  for (const auto& site : {two_jobs, all_inputs, open}) explore(site, changes);
  const auto drawn = picture(changes);

  const std::string path = std::string(SHSTORE_ROOT) + "/docs/engine-states.md";
  std::ifstream file(path);
  std::string page{std::istreambuf_iterator<char>(file), {}};
  const auto begin = page.find("```mermaid"), end = page.find("```\n", begin + 1);
  ASSERT_NE(end, page.npos) << path << " has no picture";
  const auto shown = page.substr(begin, end + 4 - begin);
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << page.replace(begin, shown.size(), drawn);
    return;
  }
  EXPECT_EQ(shown, drawn);
  for (const auto& state : kStates) EXPECT_NE(page.find('`' + std::string(state.id) + '`'), page.npos) << state.id;
}

}  // namespace
}  // namespace shstore::reserve
