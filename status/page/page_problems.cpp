// The problems as a page shows them: what is of one kind stands together.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "status/page/page.h"
#include "status/problems.h"

namespace shstore::status {

namespace {

constexpr size_t kToldInFull = 3;  // drives of one daemon with the same trouble

std::string sentence(const std::string& text) { return text.ends_with('.') || text.ends_with('?') ? text : text + '.'; }

bool has(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

/// Puts together what is of one kind: a daemon's own problems, and the drives of one daemon with the same trouble.
class Grouping {
 public:
  explicit Grouping(const std::vector<Problem>& problems) : problems_(problems) {}

  std::vector<PageProblem> group() {
    for (const auto& problem : problems_) {
      if (!is_told_of_its_key(problem)) add(problem);
    }
    for (auto& [key, group] : groups_) finish(group);
    return std::move(page_);
  }

 private:
  struct Group {
    size_t at = 0;  ///< in page_
    std::vector<const Problem*> members{};
  };
  using Key = std::tuple<std::string, std::string, Severity>;

  // All daemons with that key are told of in one problem.
  bool is_told_of_its_key(const Problem& problem) const {
    if (!problem.device || problem.code != word(Condition::duplicate_key)) return false;
    return std::any_of(problems_.begin(), problems_.end(), [&](const Problem& other) {
      return other.code == problem.code &&
             std::count(other.daemons.begin(), other.daemons.end(), problem.daemons.front()) > 0 && !other.device;
    });
  }

  void add(const Problem& problem) {
    const bool alone = problem.daemons.size() != 1 || problem.code == "plugin-error";
    const bool of_a_drive = problem.device && problem.code != "unit-attention";
    const auto sd = problem.daemons.empty() ? std::string{} : std::to_string(problem.daemons.front());
    auto key = of_a_drive ? Key{sd, problem.code, problem.severity} : Key{sd, "", Severity::ok};
    if (alone) key = {fmt::format("alone {}", page_.size()), "", Severity::ok};
    const auto [group, is_new] = groups_.try_emplace(std::move(key), Group{page_.size()});
    if (is_new) {
      const auto* what = problem.daemons.empty() ? "A daemon is not on this page" : problem.what.c_str();
      page_.push_back({problem.severity, what, problem.where});
    }
    group->second.members.push_back(&problem);
  }

  void finish(const Group& group) {
    auto& problem = page_[group.at];
    const bool drives = group.members.front()->device && group.members.front()->code != "unit-attention";
    const auto told = drives ? std::min(group.members.size(), kToldInFull) : group.members.size();
    for (size_t i = 0; i < group.members.size(); ++i) {
      const auto& where = group.members[i]->where;
      if (drives && i > 0) problem.where += where.substr(where.find(", "));
      for (const auto& remark : group.members[i]->in_full) {
        if (auto text = sentence(remark); i < told && !has(problem.text, text)) problem.text.push_back(std::move(text));
      }
    }
    if (group.members.size() > told)
      problem.text.push_back(fmt::format("The other {} likewise.", group.members.size() - told));
  }

  const std::vector<Problem>& problems_;
  std::vector<PageProblem> page_;
  std::map<Key, Group> groups_;
};

}  // namespace

std::vector<PageProblem> page_problems(const std::vector<PageSource>& sources,
                                       const std::vector<Unreadable>& unreadable) {
  std::vector<SdSnapshot> snapshots;
  for (const auto& source : sources) snapshots.push_back(source.snapshot);
  const auto problems = problems_of(snapshots, unreadable);
  return Grouping(problems).group();
}

}  // namespace shstore::status
