#include "config/shared/proof_channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "scsi/base/descriptor.h"
#include "scsi/base/foreign_file.h"
#include "scsi/unix_socket.h"

namespace shstore::config {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kProve = "prove ", kProven = "proven", kUnclaimed = "unclaimed", kFailed = "failed ",
                           kUnknown = "unknown";

std::string in_one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
  return text.substr(0, kLongestProofLine / 2);
}

// Where everybody may put a socket, only our own user's and root's word counts.
bool is_plugin(int socket, const std::string& path) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && !base::may_be_a_strangers(path, peer.uid);
}

std::string silent(const std::string& path, std::chrono::milliseconds deadline) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(deadline).count();
  return path + " has not answered within " + std::to_string(seconds) + " s";
}

}  // namespace

std::string proof_path(const std::string& working_directory, const std::string& sd_name) {
  return working_directory + '/' + sd_name + ".shstore-proof";
}

std::string proof_question(const std::string& control_device) {
  return std::string(kProve) + in_one_line(control_device);
}

std::optional<std::string> read_proof_question(std::string_view line) {
  if (!line.starts_with(kProve) || line.size() == kProve.size()) return std::nullopt;
  return std::string(line.substr(kProve.size()));
}

std::string proof_answer(const ProofAnswer& answer) {
  switch (answer.kind) {
    case ProofAnswer::Kind::unclaimed: return std::string(kUnclaimed);
    case ProofAnswer::Kind::proven: return std::string(kProven);
    case ProofAnswer::Kind::failed: return std::string(kFailed) + in_one_line(answer.why);
    case ProofAnswer::Kind::unknown: break;
  }
  return std::string(kUnknown);
}

std::optional<ProofAnswer> read_proof_answer(std::string_view line) {
  if (line == kProven) return ProofAnswer{ProofAnswer::Kind::proven};
  if (line == kUnclaimed) return ProofAnswer{ProofAnswer::Kind::unclaimed};
  if (line == kUnknown) return ProofAnswer{ProofAnswer::Kind::unknown};
  if (line.starts_with(kFailed))
    return ProofAnswer{ProofAnswer::Kind::failed, std::string(line.substr(kFailed.size()))};
  return std::nullopt;
}

std::optional<std::string> read_line(int socket, std::chrono::milliseconds deadline) {
  std::string line;
  for (const auto until = Clock::now() + deadline;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd waiting{socket, POLLIN, 0};
    const int ready = left <= 0 ? 0 : ::poll(&waiting, 1, static_cast<int>(left));
    if (ready == 0 || (ready < 0 && errno != EINTR)) return std::nullopt;
    if (ready < 0) continue;
    char chunk[512];
    const ssize_t n = ::recv(socket, chunk, sizeof chunk, MSG_DONTWAIT);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n <= 0) return std::nullopt;
    line.append(chunk, static_cast<size_t>(n));
    if (const auto end = line.find('\n'); end != std::string::npos) return line.substr(0, end);
    if (line.size() > kLongestProofLine) return std::nullopt;
  }
}

bool write_line(int socket, const std::string& line) {
  const auto text = line + '\n';
  ssize_t n = 0;
  do n = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return n == static_cast<ssize_t>(text.size());
}

tl::expected<ProofAnswer, std::string> ask_for_proof(const std::string& path, const std::string& control_device,
                                                     std::chrono::milliseconds deadline) {
  const auto address = scsi::SocketAddress::of(path);
  if (!address) return tl::make_unexpected(address.error().message);
  const auto until = Clock::now() + deadline;
  const base::Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return tl::make_unexpected("cannot create a socket: " + scsi::errno_text(errno));
  const int error = scsi::connect_within(deadline, socket.get(), *address);
  if (error == ETIMEDOUT) return tl::make_unexpected(silent(path, deadline));
  if (error != 0) return tl::make_unexpected("cannot connect to " + path + ": " + scsi::errno_text(error));
  if (!is_plugin(socket.get(), path))
    return tl::make_unexpected(path + " is another user's, in a folder that everybody may write to: it is not asked");
  if (!write_line(socket.get(), proof_question(control_device))) {
    return tl::make_unexpected(path + " does not take the question");
  }
  const auto line = read_line(socket.get(), std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()));
  const auto answer = line ? read_proof_answer(*line) : std::nullopt;
  if (answer) return *answer;
  if (line) return tl::make_unexpected(path + " does not answer as the plugin of this version does: \"" + *line + '"');
  if (Clock::now() < until) return tl::make_unexpected(path + " has given no answer: its daemon is ending, perhaps");
  return tl::make_unexpected(silent(path, deadline));
}

}  // namespace shstore::config
