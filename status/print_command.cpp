// What shstore-status does when it is asked for nothing else: every daemon as Bacula's `status storage` shows one.
#include <algorithm>
#include <iostream>

#include "status/command.h"
#include "status/text.h"

namespace shstore::status {
namespace {

int print(const Request& request) {
  int worst = kDone;
  const auto all = gather_and_complain(request.question, worst);
  const bool several = request.question.sd_files.size() > 1;
  for (size_t i = 0; i < all.size(); ++i) {
    if (i > 0) std::cout << '\n';
    if (several) std::cout << all[i].snapshot.sd_name << ":\n";
    std::cout << to_text(all[i].snapshot);
    const auto& live = all[i].live;
    if (std::any_of(live.begin(), live.end(), [](const auto& l) { return !l.error.empty(); })) worst = std::max<int>(worst, kDevice);
  }
  return worst;
}

}  // namespace

Command add_print_command(CLI::App&) { return {nullptr, print}; }

}  // namespace shstore::status
