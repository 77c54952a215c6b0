// What bconsole prints, of any content: understood, joined with what else is known, explained for each job in it, and our own
// lines put between its lines.
#include <algorithm>

#include "fuzzing.h"
#include "sample_site.h"
#include "status/explain/explain_job.h"
#include "status/look/bacula_status.h"
#include "status/show/annotate.h"
#include "status/show/json.h"
#include "status/show/text.h"

namespace {

using namespace shstore;
using fuzzing::must;
using fuzzing::must_be_printable;

void check_explanation(const status::SdSnapshot& snapshot, const std::optional<status::BaculaStatus>& bacula,
                       uint32_t job) {
  const status::SdKnowledge known{fuzzing::sample_config(), fuzzing::sample_shared(), snapshot, true, bacula};
  const auto explanation = status::explain_job(known, job, {});
  must_be_printable("an explanation", status::to_text(explanation));
  must_be_printable("an explanation as JSON", status::to_json(explanation));
}

void check_status(const std::string& text) {
  const auto bacula = status::parse_bacula_status(text);
  if (!bacula) return;
  const auto snapshot = fuzzing::sample_snapshot({}, &*bacula);
  must_be_printable("text", status::to_text(snapshot));
  must_be_printable("JSON", status::to_json({snapshot}, snapshot.taken));
  size_t most = 8;  // jobs are alike
  for (const auto& job : bacula->running) {
    if (most-- == 0) break;
    check_explanation(snapshot, bacula, job.job);
  }
  for (const auto& line : bacula->waiting) {
    if (most-- == 0) break;
    check_explanation(snapshot, bacula, line.job);
  }
  check_explanation(snapshot, bacula, 4000000000);
}

// Every byte passes, in its order, however the text comes in pieces; what is ours is added.
std::string annotated(std::string_view text, size_t piece, const status::SdSnapshot& snapshot) {
  std::string out;
  status::Annotator annotator(
      [&](const std::string& name) { return name == "cibou-sd" || name.empty() ? &snapshot : nullptr; },
      [&](std::string_view words) { out += words; }, false);
  for (size_t at = 0; at < text.size(); at += piece) annotator.feed(text.substr(at, piece));
  annotator.end();
  return out;
}

void check_annotator(std::string_view text) {
  static const status::SdSnapshot snapshot = fuzzing::sample_snapshot({});
  const auto whole = annotated(text, text.size() + 1, snapshot);
  must(whole == annotated(text, 1, snapshot), "the pieces count", text);
  size_t at = 0;  // of the text, in what came out
  for (const char c : whole) at += at < text.size() && c == text[at] ? 1 : 0;
  must(at == text.size(), "bytes are missing", text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string text(bytes, bytes + size);
  check_status(text);
  check_annotator(text);
  return 0;
}
