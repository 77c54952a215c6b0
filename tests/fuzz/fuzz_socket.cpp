// Whoever is at the other end of a socket says anything: to the transport instead of a reply, to shstore-changer instead of the
// plugin's answer, to the plugin instead of a question or the kernel's message. Nothing is understood that was not said, one command
// takes one reply, and what is said of it may be shown.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <thread>

#include "config/shared/proof_channel.h"
#include "fuzzing.h"
#include "scsi/device_events.h"
#include "scsi/transport.h"
#include "scsi/unix_socket.h"
#include "scsi/wire.h"
#include "temporary_folder.h"

namespace {

using namespace shstore;
using fuzzing::must;
using fuzzing::must_be_one_line;

constexpr std::chrono::milliseconds kDeadline{
    8000};  // below libFuzzer's; nothing here waits for it, as the other end closes

// Gives one answer to each connection, whatever was asked, and closes it.
class OtherEnd {
 public:
  OtherEnd() {
    const auto address = scsi::SocketAddress::of(path());
    must(address.has_value(), "no address");
    listener_ = base::Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    must(::bind(listener_.get(), address->get(), address->size()) == 0 && ::listen(listener_.get(), 8) == 0,
         "nobody can listen");
    std::thread([this] { serve(); }).detach();  // it is never destroyed
  }
  std::string path() const { return folder_.path("socket"); }
  void answer(std::string bytes) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(bytes);
  }

 private:
  void serve() {
    for (;;) {
      const base::Descriptor peer(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      char question[512];
      if (!peer || ::recv(peer.get(), question, sizeof question, 0) <= 0) continue;
      const std::lock_guard lock(mutex_);
      for (size_t sent = 0; sent < answer_.size();) {
        const auto n = ::send(peer.get(), answer_.data() + sent, answer_.size() - sent, MSG_NOSIGNAL);
        if (n <= 0) break;
        sent += static_cast<size_t>(n);
      }
    }
  }
  fuzzing::TemporaryFolder folder_;
  base::Descriptor listener_;
  std::mutex mutex_;
  std::string answer_;
};

void check_reply(const OtherEnd& end, scsi::ByteView said) {
  constexpr uint32_t kRoom = 64;
  const auto transport = scsi::open_socket_transport(end.path());
  must(transport.has_value(), "not connected");
  const auto reply = (*transport)->execute({scsi::Bytes(6, 0), {}, kRoom, kDeadline});
  const auto length = scsi::wire::frame_length(said);
  const bool whole = length && *length && **length == said.size();
  const auto meant =
      whole ? scsi::wire::decode_reply(said.subspan(scsi::wire::kLengthField)) : scsi::Result<scsi::Reply>({});
  must(reply.has_value() == (whole && meant && meant->data_in.size() <= kRoom), "what is no reply is taken for one");
  if (reply) {
    must(reply->status == meant->status && reply->sense == meant->sense && reply->data_in == meant->data_in,
         "another reply than was given");
  } else {
    must_be_one_line("an error", reply.error().message);
    must(reply.error().kind != scsi::Error::Kind::timeout, "waits for one who has closed");
  }
}

void check_proof(const OtherEnd& end, const std::string& said) {
  const auto answer = config::ask_for_proof(end.path(), "/dev/sg0", kDeadline);
  const auto line = said.substr(0, said.find('\n'));
  const bool whole = said.find('\n') != said.npos && line.size() <= config::kLongestProofLine;
  const auto meant = whole ? config::read_proof_answer(line) : std::nullopt;
  must(answer.has_value() == meant.has_value(), "what is no answer is taken for one", said);
  if (answer) must(answer->kind == meant->kind && answer->why == meant->why, "another answer than was given", said);
}

void check_kernel(std::string_view said) {
  int ends[2];
  must(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0, "no sockets");
  const base::Descriptor kernel(ends[0]);
  scsi::DeviceEvents events(ends[1]);
  for (std::string_view rest = said; !rest.empty();) {
    const auto piece = rest.substr(0, rest.find('\n'));
    if (!piece.empty()) static_cast<void>(::send(kernel.get(), piece.data(), piece.size(), MSG_NOSIGNAL));
    rest.remove_prefix(std::min(rest.size(), piece.size() + 1));
  }
  for (const auto& event : events.read().events)
    must(event.device.starts_with('/') && said.find(event.device) != said.npos, "an invented device", event.device);
  must(events.read().events.empty(), "told twice");
}

void check_question(std::string_view said) {
  int ends[2];
  must(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "no sockets");
  const base::Descriptor daemon(ends[1]);
  {
    const base::Descriptor asker(ends[0]);
    static_cast<void>(::send(asker.get(), said.data(), said.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
  }
  const auto line = config::read_line(daemon.get(), kDeadline);
  must(line.has_value() == (said.find('\n') != said.npos), "a line that is none", said);
  if (line) must(said.starts_with(*line + '\n'), "another line than was said", *line);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  static auto& end = *new OtherEnd;
  const std::string said(bytes, bytes + size);
  end.answer(said);
  check_reply(end, {bytes, size});
  check_proof(end, said);
  check_kernel(said);
  check_question(said);
  return 0;
}
