// What the plugin and the programs hear beside the drives: questions and answers of the proof channel, the kernel's messages
// about devices, what /proc tells of a thread, a journal of unit attentions, and what an administrator has confirmed.
#include <sys/stat.h>

#include "config/shared/proof_channel.h"
#include "fuzzing.h"
#include "plugin/thread_state.h"
#include "reserve/record/attentions.h"
#include "reserve/record/confirmed.h"
#include "scsi/device_events.h"
#include "temporary_folder.h"

namespace {

using namespace shstore;
using fuzzing::must;

void check_proof(std::string_view text) {
  if (const auto device = config::read_proof_question(text)) {
    const auto question = config::proof_question(*device);
    must(question.find('\n') == std::string::npos && question.size() <= config::kLongestProofLine,
         "a question of two lines", question);
    must(config::read_proof_question(question).has_value(), "a question that is none", question);
  }
  if (const auto answer = config::read_proof_answer(text)) {
    const auto line = config::proof_answer(*answer);
    const auto again = config::read_proof_answer(line);
    must(again && again->kind == answer->kind, "an answer that means another", line);
    must(line.find('\n') == std::string::npos && line.size() <= config::kLongestProofLine, "an answer of two lines",
         line);
  }
}

void check_device_events(std::string_view message) {
  for (const auto& event : scsi::parse_device_event(message)) {
    must(event.device.starts_with('/') && message.find(event.device) != std::string_view::npos, "an invented device",
         event.device);
  }
}

void check_thread_state(std::string_view text) {
  const auto half = text.find('\n');
  static_cast<void>(
      plugin::says_nanosleep(text.substr(0, half), half == std::string_view::npos ? "" : text.substr(half + 1)));
}

// What the plugin acts on is a code that was written for its drive, each once.
void check_attentions(std::string_view text) {
  static const fuzzing::TemporaryFolder folder;
  const auto path = folder.path("sd.shstore-attentions");
  fuzzing::write_file(path, "");
  record::AttentionReader reader(path, "/dev/sg0");
  fuzzing::write_file(path, text);
  const auto codes = reader.fresh();
  for (const auto& code : codes)
    must(text.find(" " + code + " /dev/sg0\n") != std::string_view::npos, "an invented code", code);
  must(reader.fresh().empty(), "told twice");
  must(record::record_attentions(path, "/dev/sg0", {"29/00"}).has_value(), "cannot be written to");
  const auto more = reader.fresh();
  must(!more.empty() && more.back() == "29/00", "what was written last is not heard", text);
  struct stat st {};
  must(::stat(path.c_str(), &st) == 0 && st.st_size <= (128 << 10), "a journal without end");
}

void check_confirmed(std::string_view text) {
  const auto all = record::parse_confirmed(text);
  must(record::parse_confirmed(record::to_text(all)) == all, "a confirmation that reads otherwise", text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string text(bytes, bytes + size);
  check_proof(text);
  check_device_events(text);
  check_thread_state(text);
  check_attentions(text);
  check_confirmed(text);
  return 0;
}
