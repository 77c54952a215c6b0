// shstore-target's outer shell: one thread that serves a Target to every client of every socket.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scsi/bytes.h"
#include "scsi/target/library_files.h"
#include "scsi/target/listener.h"
#include "scsi/target/reservation_files.h"
#include "scsi/target/target.h"

namespace shstore::scsi::target {

/// Frames of scsi/wire.h over Unix sockets. A command is executed as soon as it is complete; a client has one command
/// at a time in the works. A client that sends anything but frames, or goes away, is dropped and logged (spdlog); the
/// others do not notice. A robot that takes its time makes one move after the other, and only who asked for them
/// waits; what was begun is done even if that client has gone. Not thread-safe.
class Server {
 public:
  /// Listens on FOLDER/<initiator>/<device> for every endpoint, and lets the libraries begin where LibraryFiles left
  /// them, and reservations where ReservationFiles did. `target` must outlive the server. Errors are of kind device (the folder is served already, cannot be
  /// written, ...) or config (such a file does not fit).
  static Result<Server> open(Target& target, const std::string& folder);

  Server(Server&&) noexcept;
  Server& operator=(Server&&) = delete;
  ~Server();  ///< removes the sockets

  /// Serves until `stop_fd` becomes readable. An error means that the system refuses to go on.
  Result<void> run(int stop_fd);

  /// The paths that are served, in the order of Target::endpoints().
  std::vector<std::string> paths() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Client;
  struct Motion;
  enum class Connection { keep, close };

  Server(Target& target, Descriptor folder, LibraryFiles files, ReservationFiles reservations);
  int poll_timeout() const;
  void finish_motions();
  void drop(std::unique_ptr<Client>& client);
  void begin_motion(Client& client, Command command, std::chrono::milliseconds takes);
  Reply shown(const Endpoint& endpoint, const Command& command, Reply reply);
  void accept_from(size_t endpoint);
  void make_room_for(const Endpoint& endpoint);
  Connection serve(Client& client, short events);
  Connection receive(Client& client);
  Connection answer(Client& client);
  static Connection send(Client& client);

  Target& target_;
  Descriptor folder_;
  LibraryFiles files_;
  ReservationFiles reservations_;
  std::vector<Listener> listeners_;  // as Target::endpoints()
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<Motion> motions_;  // in the order in which they were begun
  bool accepting_ = true;        // false for a moment after the process ran out of descriptors
};

}  // namespace shstore::scsi::target
