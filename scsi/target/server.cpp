#include "scsi/target/server.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

#include "scsi/target/replies.h"
#include "scsi/wire.h"

namespace shstore::scsi::target {
namespace {

constexpr size_t kMostClients = 512;
constexpr size_t kMostOfInitiator = 128;
constexpr int kAcceptPauseMs = 100;
constexpr size_t kChunk = 64 * 1024;
constexpr uint16_t kInternalTargetFailure = 0x4400;

}  // namespace

struct Server::Client {
  Descriptor socket;
  const Endpoint& endpoint;
  Bytes in;                                 // received, not yet executed
  Bytes out;                                // the reply being sent; nothing is read meanwhile
  size_t sent = 0;                          // of `out`
  bool waits = false;                       // for a robot; nothing is read meanwhile
  Clock::time_point active = Clock::now();  // when it last sent or took something

  std::string name() const { return fmt::format("{}/{}", endpoint.initiator, endpoint.device); }
};

// What a robot is doing, or will do when it has done the ones before.
struct Server::Motion {
  Clock::time_point due;
  const Endpoint* endpoint;
  Command command;
  Client* client;  // nullptr: it has gone
};

Server::Server(Target& target, Descriptor folder, LibraryFiles files, ReservationFiles reservations)
    : target_(target), folder_(std::move(folder)), files_(std::move(files)), reservations_(std::move(reservations)) {}
Server::Server(Server&&) noexcept = default;
Server::~Server() = default;

Result<Server> Server::open(Target& target, const std::string& folder) {
  auto claim = claim_folder(folder);
  if (!claim) return tl::make_unexpected(claim.error());
  auto files = LibraryFiles::open(target, folder);
  if (!files) return tl::make_unexpected(files.error());
  auto reservations = ReservationFiles::open(target, folder);
  if (!reservations) return tl::make_unexpected(reservations.error());
  Server server(target, std::move(*claim), std::move(*files), std::move(*reservations));
  for (const auto& endpoint : target.endpoints()) {
    const auto of_initiator = std::filesystem::path(folder) / endpoint.initiator;
    std::error_code error;
    std::filesystem::create_directories(of_initiator, error);
    if (error) {
      return fail(Error::Kind::device, fmt::format("cannot create {}: {}", of_initiator.string(), error.message()));
    }
    auto listener = Listener::open((of_initiator / endpoint.device).string());
    if (!listener) return tl::make_unexpected(listener.error());
    server.listeners_.push_back(std::move(*listener));
  }
  return server;
}

std::vector<std::string> Server::paths() const {
  std::vector<std::string> all;
  for (const auto& listener : listeners_) all.push_back(listener.path());
  return all;
}

Result<void> Server::run(int stop_fd) {
  std::vector<pollfd> polled;
  for (;;) {
    polled.assign(1, {stop_fd, POLLIN, 0});
    for (const auto& l : listeners_) polled.push_back({accepting_ ? l.fd() : -1, POLLIN, 0});
    for (const auto& c : clients_) {
      const short wanted = c->waits ? 0 : c->out.empty() ? POLLIN : POLLOUT;
      polled.push_back({c->socket.get(), wanted, 0});
    }
    const int ready = ::poll(polled.data(), polled.size(), poll_timeout());
    if (ready < 0 && errno != EINTR) return fail(Error::Kind::device, fmt::format("poll: {}", errno_text(errno)));
    if (ready < 0) continue;
    accepting_ = true;
    if (polled[0].revents != 0) return {};

    const auto first_client = 1 + listeners_.size();
    for (size_t i = 0; i < clients_.size(); ++i) {
      const auto events = polled[first_client + i].revents;
      if (events != 0 && serve(*clients_[i], events) == Connection::close) drop(clients_[i]);
    }
    finish_motions();
    std::erase(clients_, nullptr);
    for (size_t i = 0; i < listeners_.size(); ++i) {
      if (polled[1 + i].revents != 0) accept_from(i);
    }
  }
}

int Server::poll_timeout() const {
  int timeout = accepting_ ? -1 : kAcceptPauseMs;
  for (const auto& m : motions_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(m.due - Clock::now()).count();
    const int wait = static_cast<int>(std::max<decltype(left)>(left, 0));
    timeout = timeout < 0 ? wait : std::min(timeout, wait);
  }
  return timeout;
}

void Server::drop(std::unique_ptr<Client>& client) {
  for (auto& m : motions_) {
    if (m.client == client.get()) m.client = nullptr;
  }
  client.reset();
}

void Server::begin_motion(Client& client, Command command, std::chrono::milliseconds takes) {
  auto start = Clock::now();
  for (const auto& m : motions_) {
    if (m.endpoint->unit == client.endpoint.unit) start = std::max(start, m.due);
  }
  client.waits = true;
  motions_.push_back({start + takes, &client.endpoint, std::move(command), &client});
}

void Server::finish_motions() {
  const auto now = Clock::now();
  for (;;) {
    const auto due = std::find_if(motions_.begin(), motions_.end(), [&](const Motion& m) { return m.due <= now; });
    if (due == motions_.end()) return;
    const auto motion = std::move(*due);
    motions_.erase(due);
    const auto reply = shown(*motion.endpoint, motion.command, target_.end(*motion.endpoint, motion.command));
    if (motion.client == nullptr) continue;
    motion.client->waits = false;
    motion.client->out = wire::frame(reply);
    const auto client =
        std::find_if(clients_.begin(), clients_.end(), [&](const auto& c) { return c.get() == motion.client; });
    const bool stays = send(**client) == Connection::keep && answer(**client) == Connection::keep;
    if (!stays) drop(*client);
    std::erase(clients_, nullptr);
  }
}

// The file system follows before the initiator is told: a tape whose file cannot be shown is not loaded for
// anybody, and what is to outlive a loss of power is kept before it is promised.
Reply Server::shown(const Endpoint& endpoint, const Command& command, Reply reply) {
  const auto name = fmt::format("{}/{}", endpoint.initiator, endpoint.device);
  if (const auto updated = files_.update(); !updated) {
    spdlog::error("{}: {}", name, updated.error().message);
    reply = check_condition(SenseKey::hardware_error, kInternalTargetFailure);
  }
  if (const auto kept = reservations_.update(); !kept) {
    spdlog::error("{}: {}", name, kept.error().message);
    reply = check_condition(SenseKey::hardware_error, kInternalTargetFailure);
  }
  spdlog::debug("{}: cdb {:02x} out {:02x}: {} sense {:02x} in {:02x}", name, fmt::join(command.cdb, " "),
                fmt::join(command.data_out, " "), describe(reply.status), fmt::join(reply.sense, " "),
                fmt::join(reply.data_in, " "));
  return reply;
}

// One that has nothing in the works and was idle for longest makes room; nothing if there is none. Initiators connect anew.
void Server::make_room_for(const Endpoint& endpoint) {
  const auto of_initiator = [&](const auto& c) { return c->endpoint.initiator == endpoint.initiator; };
  const bool its_own =
      static_cast<size_t>(std::count_if(clients_.begin(), clients_.end(), of_initiator)) >= kMostOfInitiator;
  if (!its_own && clients_.size() < kMostClients) return;
  auto idle = clients_.end();
  for (auto c = clients_.begin(); c != clients_.end(); ++c) {
    const bool busy = (*c)->waits || !(*c)->out.empty();
    if (busy || (its_own && !of_initiator(*c))) continue;
    if (idle == clients_.end() || (*c)->active < (*idle)->active) idle = c;
  }
  if (idle == clients_.end()) return;
  spdlog::debug("{}: dropped: idle for longest, and another wants to connect", (*idle)->name());
  drop(*idle);
  std::erase(clients_, nullptr);
}

void Server::accept_from(size_t endpoint) {
  make_room_for(target_.endpoints()[endpoint]);
  Descriptor fd(::accept4(listeners_[endpoint].fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (fd.get() >= 0) {
    clients_.push_back(std::make_unique<Client>(Client{std::move(fd), target_.endpoints()[endpoint], {}, {}}));
    spdlog::debug("{}: connected", clients_.back()->name());
    return;
  }
  const bool out_of_resources = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
  if (!out_of_resources) return;  // the client has gone again
  spdlog::warn("cannot accept a connection: {}", errno_text(errno));
  accepting_ = false;
}

Server::Connection Server::serve(Client& client, short events) {
  client.active = Clock::now();
  if ((events & POLLOUT) != 0) {
    if (send(client) == Connection::close) return Connection::close;
    return client.out.empty() ? answer(client) : Connection::keep;  // it may have sent the next command already
  }
  if (!client.waits && (events & POLLIN) != 0) return receive(client);
  spdlog::debug("{}: disconnected", client.name());
  return Connection::close;
}

Server::Connection Server::receive(Client& client) {
  std::array<uint8_t, kChunk> chunk;
  const ssize_t n = ::recv(client.socket.get(), chunk.data(), chunk.size(), 0);
  if (n < 0) return errno == EAGAIN || errno == EINTR ? Connection::keep : Connection::close;
  if (n == 0) {
    spdlog::debug("{}: disconnected{}", client.name(), client.in.empty() ? "" : " in the middle of a command");
    return Connection::close;
  }
  append(client.in, ByteView(chunk.data(), static_cast<size_t>(n)));
  return answer(client);
}

// Executes what is complete, as long as the replies can be sent at once.
Server::Connection Server::answer(Client& client) {
  while (client.out.empty() && !client.waits) {
    const auto length = wire::frame_length(client.in);
    if (!length) {
      spdlog::warn("{}: dropped: {}", client.name(), length.error().message);
      return Connection::close;
    }
    if (!*length || client.in.size() < **length) return Connection::keep;
    const auto body = ByteView(client.in).subspan(wire::kLengthField, **length - wire::kLengthField);
    const auto command = wire::decode_command(body);
    if (!command) {
      spdlog::warn("{}: dropped: {}", client.name(), command.error().message);
      return Connection::close;
    }
    client.in.erase(client.in.begin(), client.in.begin() + static_cast<ptrdiff_t>(**length));
    auto begun = target_.begin(client.endpoint, *command);
    if (begun.motion.count() != 0) {
      begin_motion(client, *command, begun.motion);
      return Connection::keep;
    }
    client.out = wire::frame(shown(client.endpoint, *command, std::move(begun.reply)));
    if (send(client) == Connection::close) return Connection::close;
  }
  return Connection::keep;
}

Server::Connection Server::send(Client& client) {
  while (client.sent < client.out.size()) {
    const ssize_t n =
        ::send(client.socket.get(), client.out.data() + client.sent, client.out.size() - client.sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return Connection::keep;
    if (n < 0) return Connection::close;
    client.sent += static_cast<size_t>(n);
  }
  client.out.clear();
  client.sent = 0;
  return Connection::keep;
}

}  // namespace shstore::scsi::target
