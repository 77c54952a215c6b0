// The edge of shstore-status --serve: sockets, by Boost.Beast. One thread; connections, bytes and time of each are bounded.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "status/serve/address.h"
#include "status/serve/answers.h"

namespace shstore::status::serve {

struct HttpLimits {
  size_t connections = 32;  ///< at a time; the oldest of them gives way to one more
  uint32_t header_bytes = 8192;
  std::chrono::milliseconds deadline{10'000};  ///< of a connection, from its first byte to its last
};

class HttpServer {
 public:
  /// Binds and listens: who connects from now on is answered by run(). The error names the address and the reason.
  static tl::expected<std::unique_ptr<HttpServer>, std::string> listen(const Address& address,
                                                                       std::function<Answer(const Asked&)> answer,
                                                                       HttpLimits limits = {});
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  Address address() const;  ///< with the port that it got
  /// Answers one request of each connection until stop(), or one of these signals. Calls `answer` on this thread.
  void run(const std::vector<int>& until = {});
  void stop();  ///< from any thread

 private:
  class Listener;
  explicit HttpServer(std::unique_ptr<Listener> listener);
  std::unique_ptr<Listener> listener_;
};

}  // namespace shstore::status::serve
