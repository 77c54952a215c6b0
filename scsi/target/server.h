// shstore-target's outer shell: one thread that serves a Target to every client of every socket.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scsi/bytes.h"
#include "scsi/target/listener.h"
#include "scsi/target/target.h"

namespace shstore::scsi::target {

/// Frames of scsi/wire.h over Unix sockets. A command is executed as soon as it is complete; a client has one command
/// at a time in the works. A client that sends anything but frames, or goes away, is dropped and logged (spdlog); the
/// others do not notice. Not thread-safe.
class Server {
 public:
  /// Listens on FOLDER/<initiator>/<device> for every endpoint. `target` must outlive the server.
  /// Errors are of kind device: the folder is served already, cannot be written, ...
  static Result<Server> open(Target& target, const std::string& folder);

  Server(Server&&) noexcept;
  Server& operator=(Server&&) = delete;
  ~Server();  ///< removes the sockets

  /// Serves until `stop_fd` becomes readable. An error means that the system refuses to go on.
  Result<void> run(int stop_fd);

  /// The paths that are served, in the order of Target::endpoints().
  std::vector<std::string> paths() const;

 private:
  struct Client;
  enum class Fate { stays, goes };

  Server(Target& target, Descriptor folder);
  void accept_from(size_t endpoint);
  Fate serve(Client& client, short events);
  Fate receive(Client& client);
  Fate answer(Client& client);
  static Fate send(Client& client);

  Target& target_;
  Descriptor folder_;
  std::vector<Listener> listeners_;  // as Target::endpoints()
  std::vector<std::unique_ptr<Client>> clients_;
  bool accepting_ = true;  // false for a moment after the process ran out of descriptors
};

}  // namespace shstore::scsi::target
