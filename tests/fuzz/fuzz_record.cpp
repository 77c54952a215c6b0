// What the plugins of others have written down: state and history, of any content, and every view of them. What is understood
// means the same when it is written and read again; no view lets a character through that may not be shown.
#include "fuzzing.h"
#include "reserve/record/history.h"
#include "reserve/record/state.h"
#include "sample_site.h"
#include "status/page/html.h"
#include "status/show/check.h"
#include "status/show/json.h"
#include "status/show/prometheus.h"
#include "status/show/text.h"

namespace {

using namespace shstore;
using fuzzing::must;
using fuzzing::must_be_printable;

void check_views(const status::SdSnapshot& snapshot, const record::History& history) {
  const std::vector<status::SdSnapshot> all{snapshot};
  must_be_printable("text", status::to_text(snapshot, true));
  must_be_printable("notes", status::notes_text(snapshot));
  must_be_printable("JSON", status::to_json(all, snapshot.taken));
  must_be_printable("metrics", status::to_prometheus(all, snapshot.taken, true));
  must_be_printable("check", status::check(all, {}, {}, {}).text);
  std::vector<status::PageSource> sources;
  sources.push_back({snapshot, history});
  must_be_printable("page", status::to_html(status::make_page(std::move(sources))));
}

void check_state(std::string_view text) {
  const auto state = record::parse_state(text);
  if (!state) {
    must(state.error().find("json.exception") == std::string::npos, "a library's words", state.error());
    return;
  }
  const auto json = record::to_json(*state);
  must_be_printable("a state", json);
  const auto again = record::parse_state(json);
  must(again.has_value(), "what was written is not understood", json);
  must(record::to_json(*again) == json, "written twice, and not the same", json);
  for (const bool alive : {true, false}) {
    status::KnownState known;
    known.state = *state;
    known.alive = alive;
    check_views(fuzzing::sample_snapshot(known), {});
  }
  record::SdState later = *state;
  later.updated += std::chrono::seconds(1);
  later.drives.clear();
  for (const auto& event : record::changes(&*state, later))
    must(record::parse_line(record::to_line(event)).has_value(), "a line that is none");
}

void check_history(std::string_view text) {
  const auto history = record::parse_history(text);
  for (const auto& event : history) {
    const auto line = record::to_line(event);
    must(line.ends_with('\n'), "a line without end");
    fuzzing::must_be_one_line("a line of the history", std::string_view(line).substr(0, line.size() - 1));
    const auto again = record::parse_line(std::string_view(line).substr(0, line.size() - 1));
    must(again && record::to_line(*again) == line, "a line that reads otherwise", line);
  }
  if (history.empty()) return;
  must(record::since(history, history.front().at).size() <= history.size() * 2 + 64, "more happened than was written");
  check_views(fuzzing::sample_snapshot({}), history);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string text(bytes, bytes + size);
  check_state(text);
  check_history(text);
  return 0;
}
