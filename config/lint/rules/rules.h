// The rules, one file each.
#pragma once

#include "config/lint/rule.h"

namespace shstore::config::lint {

extern const Rule shs001;
extern const Rule shs002;
extern const Rule shs003;
extern const Rule shs004;
extern const Rule shs005;
extern const Rule shs006;
extern const Rule shs007;
extern const Rule shs008;
extern const Rule shs009;
extern const Rule shs010;
extern const Rule shs011;
extern const Rule shs012;
extern const Rule shs013;
extern const Rule shs014;
extern const Rule shs015;
extern const Rule shs016;
extern const Rule shs017;
extern const Rule shs018;
extern const Rule shs019;
extern const Rule shs021;
extern const Rule shs022;
extern const Rule shs023;
extern const Rule shs024;
extern const Rule shs025;
extern const Rule shs026;
extern const Rule shs027;
extern const Rule shs028;
extern const Rule shs029;
extern const Rule shs030;
extern const Rule shs031;
extern const Rule shs032;
extern const Rule shs033;
extern const Rule shs035;
extern const Rule shs036;
extern const Rule shs039;
extern const Rule shs040;
extern const Rule shs041;
extern const Rule shs042;
extern const Rule shs043;
extern const Rule shs044;
extern const Rule shs045;
extern const Rule shs046;
extern const Rule shs047;
extern const Rule shs048;
extern const Rule shs049;
extern const Rule shs050;
extern const Rule shs051;
extern const Rule shs052;
extern const Rule shs053;
extern const Rule shs054;
extern const Rule shs055;
extern const Rule shs056;
extern const Rule shs057;
extern const Rule shs058;
extern const Rule shs059;
extern const Rule shs060;
extern const Rule shs061;
extern const Rule shs062;
extern const Rule shs063;
extern const Rule shs064;
extern const Rule shs065;
extern const Rule shs066;
extern const Rule shs067;
extern const Rule shs101, shs102, shs103, shs104, shs105, shs106, shs107, shs108, shs109, shs110, shs111, shs112,
    shs113, shs114, shs115, shs116, shs117;

}  // namespace shstore::config::lint
