#include "plugin/proof_server.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <exception>

#include "plugin/thread_without_signals.h"
#include "scsi/unix_socket.h"

namespace shstore::plugin {
namespace {

constexpr std::chrono::milliseconds kQuestionDeadline{5000};
constexpr std::chrono::milliseconds kOutOfDescriptors{200};
constexpr int kQueue = 16;
constexpr int kMostAtOnce = 64;  // a library has that many drives at most

// Only the daemon's own programs and root have a say in which jobs are proven or failed.
bool may_ask(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == ::geteuid();
}

}  // namespace

struct ProofServer::Shared {
  explicit Shared(Answer a) : answer(std::move(a)) {}

  void serve(const base::Descriptor& socket) noexcept {
    try {
      const auto line = may_ask(socket.get()) ? config::read_line(socket.get(), kQuestionDeadline) : std::nullopt;
      if (const auto device = line ? config::read_proof_question(*line) : std::nullopt) {
        config::write_line(socket.get(), config::proof_answer(answer(*device)));
      }
    } catch (const std::exception&) {
      // No answer is a refusal.
    }
    --at_work;
  }

  const Answer answer;
  std::atomic<int> at_work{0};
};

ProofServer::ProofServer(Answer answer) : shared_(std::make_shared<Shared>(std::move(answer))) {}

ProofServer::~ProofServer() { stop(); }

std::string ProofServer::start(const std::string& path) {
  if (thread_.joinable()) return {};
  const auto failed = [&](const std::string& why) {
    stop();
    return "cannot listen at " + path + ": " + why;
  };
  const auto address = scsi::SocketAddress::of(path);
  if (!address) return failed(address.error().message);
  struct stat st {};
  if (::lstat(path.c_str(), &st) == 0 && S_ISSOCK(st.st_mode)) ::unlink(path.c_str());
  listener_ = base::Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  wake_ = base::Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!listener_ || !wake_ || ::bind(listener_.get(), address->get(), address->size()) != 0)
    return failed(scsi::errno_text(errno));
  path_ = path;
  if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 || ::listen(listener_.get(), kQueue) != 0)
    return failed(scsi::errno_text(errno));
  const auto none =
      try_to_start_without_signals(thread_, [shared = shared_, listener = listener_.get(), wake = wake_.get()] {
        std::array<pollfd, 2> waiting{{{listener, POLLIN, 0}, {wake, POLLIN, 0}}};
        for (;;) {
          if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
          if (waiting[1].revents != 0) return;
          base::Descriptor socket(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
          if (!socket) {
            if (errno != EAGAIN && errno != EINTR) std::this_thread::sleep_for(kOutOfDescriptors);
            continue;
          }
          if (++shared->at_work > kMostAtOnce) {
            --shared->at_work;
            continue;
          }
          try {
            start_without_signals([shared, socket = std::make_shared<const base::Descriptor>(std::move(socket))] {
              shared->serve(*socket);
            }).detach();
          } catch (const std::exception&) {  // no more threads
            --shared->at_work;
          }
        }
      });
  return none.empty() ? none : failed(none);
}

void ProofServer::stop() {
  if (thread_.joinable()) {
    ::eventfd_write(wake_.get(), 1);
    thread_.join();
  }
  listener_ = {};
  wake_ = {};
  if (!path_.empty()) ::unlink(path_.c_str());
  path_.clear();
}

}  // namespace shstore::plugin
