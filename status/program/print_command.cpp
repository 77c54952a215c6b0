// What shstore-status does when it is asked for nothing else: every daemon as Bacula's `status storage` shows
// one, or as JSON.
#include <algorithm>
#include <iostream>

#include "status/show/annotate.h"
#include "status/program/command.h"
#include "status/show/json.h"
#include "status/printable.h"
#include "status/show/text.h"

namespace shstore::status {
namespace {

// Without what bconsole says of itself, before and behind.
std::string_view daemons_part(std::string_view text) {
  const auto greeting = text.find("\n1000 OK");
  const auto mark = text.find(" Version: ", greeting == std::string_view::npos ? 0 : text.find('\n', greeting + 1));
  if (mark != std::string_view::npos) text.remove_prefix(text.rfind('\n', mark) + 1);
  for (const std::string_view own : {"quit\n", "You have messages.\n"}) {
    if (text.ends_with(own)) text.remove_suffix(own.size());
  }
  return text;
}

void print_with_baculas(const SdFacts& facts, bool names) {
  std::cout << notes_text(facts.snapshot);
  std::string all;
  Annotator annotator(
      [&](const std::string& name) { return name == facts.snapshot.sd_name ? &facts.snapshot : nullptr; },
      [&](std::string_view bytes) { all += bytes; }, names);
  annotator.feed(daemons_part(facts.bacula_text));
  annotator.end();
  std::cout << printable_text(all);
}

void print(const SdFacts& facts, bool names) {
  if (facts.bacula) return print_with_baculas(facts, names);
  std::cout << to_text(facts.snapshot, names);
}

void print_json(const std::vector<SdFacts>& all, const std::vector<Unreadable>& unreadable) {
  std::vector<SdSnapshot> snapshots;
  for (const auto& facts : all) snapshots.push_back(facts.snapshot);
  std::cout << to_json(snapshots, std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()),
                       unreadable);
}

bool answers(const SdFacts& facts) {
  return std::all_of(facts.live.begin(), facts.live.end(), [](const auto& l) { return l.is_known(); });
}

int print_all(const Request& request) {
  const auto found = gather_and_complain(request.question);
  const auto& all = found.daemons;
  int worst = found.worst;
  if (!std::all_of(all.begin(), all.end(), answers)) worst = std::max<int>(worst, kDevice);
  if (request.json) {
    print_json(all, found.unreadable);
    return worst;
  }
  std::vector<SdSnapshot> snapshots;
  for (const auto& facts : all) snapshots.push_back(facts.snapshot);
  std::cout << common_text(snapshots);
  const bool several = request.question.sd_files.size() > 1;
  for (size_t i = 0; i < all.size(); ++i) {
    if (i > 0) std::cout << '\n';
    if (several) std::cout << printable(all[i].snapshot.sd_name) << ":\n";
    print(all[i], request.names);
  }
  return worst;
}

}  // namespace

Command add_print_command(CLI::App&) { return {nullptr, print_all}; }

}  // namespace shstore::status
