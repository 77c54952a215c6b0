#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

constexpr const Rule* table[] = {
    &shs001, &shs003, &shs005, &shs006, &shs007, &shs008, &shs009, &shs010, &shs011, &shs012,
    &shs018, &shs019, &shs026, &shs027, &shs031, &shs035, &shs036, &shs039, &shs040, &shs041,
    &shs042,
};

}  // namespace

std::span<const Rule* const> all_rules() {
  return table;
}

}  // namespace shstore::config::lint
