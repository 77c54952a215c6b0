// Over a real socket of the loopback, at a port that is free.
#include "status/serve/http_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

#include "scsi/base/descriptor.h"

namespace shstore::status::serve {
namespace {

/// A server on a thread of its own.
class Running {
 public:
  explicit Running(HttpLimits limits = {}) {
    auto made = HttpServer::listen(
        {"127.0.0.1", 0}, [this](const Asked& asked) { return ++asked_, answer(asked); }, limits);
    if (!made) throw std::runtime_error(made.error());
    server_ = std::move(*made);
    thread_ = std::thread([this] { server_->run(); });
  }
  ~Running() {
    server_->stop();
    thread_.join();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  uint16_t port() const { return server_->address().port; }
  int asked() const { return asked_; }

 private:
  static Answer answer(const Asked& asked) {
    if (asked.target == "/large") return {200, "text/plain", std::string(size_t{4} << 20, 'x')};
    return {200, "text/plain", asked.method + ' ' + asked.target + ' ' + (asked.hosts.empty() ? "-" : asked.hosts[0])};
  }
  std::atomic<int> asked_ = 0;
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

/// Somebody who asks.
class Client {
 public:
  explicit Client(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("cannot connect");
  }
  /// False: the other side has closed.
  bool say(std::string_view text) {
    while (!text.empty()) {
      const auto n = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      text.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }
  /// Everything until the other side closes.
  std::string hear() {
    std::string all;
    std::array<char, 65536> piece{};
    for (;;) {
      const auto n = ::recv(socket_.get(), piece.data(), piece.size(), 0);
      if (n <= 0) return all;
      all.append(piece.data(), static_cast<size_t>(n));
    }
  }
  std::string ask(std::string_view request) {
    say(request);
    return hear();
  }

 private:
  base::Descriptor socket_;
};

constexpr std::string_view kGet = "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n";

std::string body_of(const std::string& answer) {
  const auto end = answer.find("\r\n\r\n");
  return end == std::string::npos ? std::string("no end of the header") : answer.substr(end + 4);
}

TEST(HttpServer, AnswersARequestAndCloses) {
  const Running server;
  const auto answer = Client(server.port()).ask(kGet);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_EQ(body_of(answer), "GET /x localhost");
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos) << answer;
  EXPECT_NE(answer.find("X-Content-Type-Options: nosniff\r\n"), std::string::npos) << answer;
  EXPECT_EQ(answer.find("Server:"), std::string::npos) << answer;
}

TEST(HttpServer, TheAnswerToHeadIsItsHeader) {
  const Running server;
  const auto answer = Client(server.port()).ask("HEAD /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_NE(answer.find("Content-Length: 17\r\n"), std::string::npos) << answer;
  EXPECT_EQ(body_of(answer), "");
}

TEST(HttpServer, ALargeAnswerArrivesWhole) {
  const Running server;
  EXPECT_EQ(body_of(Client(server.port()).ask("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")).size(),
            size_t{4} << 20);
}

TEST(HttpServer, ARequestInPiecesIsOne) {
  const Running server;
  Client client(server.port());
  for (const char c : kGet) ASSERT_TRUE(client.say({&c, 1}));
  EXPECT_EQ(body_of(client.hear()), "GET /x localhost");
}

TEST(HttpServer, WhatIsNoRequestIsRefusedAndNotPassedOn) {
  const Running server;
  for (const auto* wrong :
       {"\r\n\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        "GET / HTTP/1.1\r\nBroken header\r\n\r\n", "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n"}) {
    const auto answer = Client(server.port()).ask(wrong);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request\r\n")) << wrong << answer;
  }
  EXPECT_EQ(server.asked(), 0);
  EXPECT_EQ(body_of(Client(server.port()).ask(kGet)), "GET /x localhost") << "it still answers";
}

TEST(HttpServer, AHeaderHasABound) {
  const Running server;
  const auto large = "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(1 << 20, 'x');
  EXPECT_TRUE(Client(server.port()).ask(large).starts_with("HTTP/1.1 431 ")) << "one long field";
  std::string many = "GET / HTTP/1.1\r\nHost: localhost\r\n";
  for (int i = 0; i < 20000; ++i) many += "A: b\r\n";
  EXPECT_TRUE(Client(server.port()).ask(many).starts_with("HTTP/1.1 431 ")) << "many short fields";
  EXPECT_TRUE(Client(server.port()).ask("GET /" + std::string(100000, 'y')).starts_with("HTTP/1.1 431 "))
      << "a long target";
  EXPECT_EQ(server.asked(), 0);
}

TEST(HttpServer, ABodyIsNotReadAndTheAnswerArrivesAllTheSame) {
  const Running server;
  const auto answer =
      Client(server.port())
          .ask("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n" + std::string(100000, 'z'));
  EXPECT_EQ(body_of(answer), "POST / localhost");
}

TEST(HttpServer, ASecondRequestOfAConnectionIsNotAnswered) {
  const Running server;
  const auto answer = Client(server.port()).ask(std::string(kGet) + std::string(kGet));
  EXPECT_EQ(body_of(answer), "GET /x localhost");
  EXPECT_EQ(server.asked(), 1);
}

TEST(HttpServer, WhoSaysNothingKeepsNobodyOut) {
  HttpLimits limits;
  limits.connections = 4;
  limits.deadline = std::chrono::hours(1);
  const Running server(limits);
  std::vector<std::unique_ptr<Client>> silent;
  for (int i = 0; i < 40; ++i) {
    silent.push_back(std::make_unique<Client>(server.port()));
    silent.back()->say("GET / HT");
  }
  EXPECT_EQ(body_of(Client(server.port()).ask(kGet)), "GET /x localhost");
  EXPECT_EQ(silent.front()->hear(), "") << "the oldest has been closed, and did not wait for its deadline";
}

TEST(HttpServer, AConnectionEndsAtItsDeadline) {
  HttpLimits limits;
  limits.deadline = std::chrono::milliseconds(50);
  const Running server(limits);
  Client client(server.port());
  client.say("GET / HT");
  EXPECT_EQ(client.hear(), "");
  EXPECT_EQ(server.asked(), 0);
}

TEST(HttpServer, AnAddressThatIsTakenIsNamed) {
  const Running server;
  const Address address{"127.0.0.1", server.port()};
  const auto second = HttpServer::listen(address, [](const Asked&) { return Answer{}; });
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), "cannot listen at " + address.text() + ": Address already in use");
}

TEST(HttpServer, StopsWhileSomebodyIsConnected) {
  auto server = std::make_unique<Running>();
  Client client(server->port());
  client.say("GET");
  server.reset();
  EXPECT_EQ(client.hear(), "");
}

}  // namespace
}  // namespace shstore::status::serve
