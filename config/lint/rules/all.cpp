#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

constexpr const Rule* kTable[] = {
    &shs001, &shs002, &shs003, &shs004, &shs005, &shs006, &shs007, &shs008, &shs009, &shs010, &shs011, &shs012,
    &shs013, &shs014, &shs015, &shs016, &shs017, &shs018, &shs019, &shs021, &shs022, &shs023, &shs024, &shs025,
    &shs026, &shs027, &shs028, &shs029, &shs030, &shs031, &shs032, &shs033, &shs035, &shs036, &shs039, &shs040,
    &shs041, &shs042, &shs043, &shs044, &shs045, &shs046, &shs047, &shs048, &shs049, &shs050, &shs051, &shs052,
    &shs053, &shs054, &shs055, &shs056, &shs057, &shs058, &shs059, &shs060, &shs061, &shs062, &shs063, &shs064,
    &shs065, &shs066, &shs067, &shs101, &shs102, &shs103, &shs104, &shs105, &shs106, &shs107, &shs108, &shs109,
    &shs110, &shs111, &shs112, &shs113, &shs114, &shs115, &shs116, &shs117,
};

}  // namespace

std::span<const Rule* const> all_rules() { return kTable; }

}  // namespace shstore::config::lint
