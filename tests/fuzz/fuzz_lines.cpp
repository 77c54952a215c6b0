// What the plugin and the programs hear beside the drives: questions and answers of the proof channel, the kernel's messages
// about devices, what /proc tells of a thread, and a journal of unit attentions.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "config/shared/proof_channel.h"
#include "fuzzing.h"
#include "plugin/thread_state.h"
#include "reserve/record/attentions.h"
#include "scsi/device_events.h"

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

struct Folder {
  Folder() {
    std::string name = "/dev/shm/fuzz-lines-XXXXXX";
    must(::mkdtemp(name.data()) != nullptr, "no folder");
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

void write_file(const std::string& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  must(file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()), "cannot write");
  ::close(file);
}

// What the plugin acts on is a code that was written for its drive, each once.
void check_attentions(std::string_view text) {
  static const Folder folder;
  const auto path = folder.path + "/sd.shstore-attentions";
  write_file(path, "");
  record::AttentionReader reader(path, "/dev/sg0");
  write_file(path, text);
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string text(bytes, bytes + size);
  check_proof(text);
  check_device_events(text);
  check_thread_state(text);
  check_attentions(text);
  return 0;
}
