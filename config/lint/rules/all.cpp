#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

constexpr const Rule* table[] = {
    &shs001,
};

}  // namespace

std::span<const Rule* const> all_rules() {
  return table;
}

}  // namespace shstore::config::lint
