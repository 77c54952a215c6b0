#include "status/serve/http_server.h"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <list>
#include <optional>

namespace shstore::status::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using Error = boost::system::error_code;

Asked asked_by(const http::request<http::empty_body>& request) {
  Asked asked;
  asked.method = std::string(request.method_string());
  asked.target = std::string(request.target());
  const auto [first, last] = request.equal_range(http::field::host);
  for (auto field = first; field != last; ++field) asked.hosts.emplace_back(field->value());
  const auto length = request[http::field::content_length];
  asked.has_body = request.count(http::field::transfer_encoding) > 0 || (!length.empty() && length != "0");
  return asked;
}

Answer answer_to_no_request(const Error& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return refusal(431, "The request's header is too large.");
  return refusal(400, "This is no request of HTTP: " + error.message() + '.');
}

// It has gone, or was too slow, or had to give way.
bool nobody_is_there(const Error& error) {
  return error && (error == http::error::end_of_stream || error == beast::error::timeout ||
                   error.category() == asio::error::get_system_category());
}

/// One connection: a request, its answer, the end.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const HttpLimits& limits, const std::function<Answer(const Asked&)>& answer)
      : stream_(std::move(socket)), buffer_(limits.header_bytes + rest_.size()), answer_(answer) {
    parser_.header_limit(limits.header_bytes);
    stream_.expires_after(limits.deadline);  // of all that follows together
  }

  void begin() {
    http::async_read_header(stream_, buffer_, parser_,
                            [self = shared_from_this()](const Error& error, size_t) { self->read(error); });
  }
  void give_way() { stream_.close(); }

 private:
  void read(const Error& error) {
    if (nobody_is_there(error)) return;
    head_ = !error && parser_.get().method() == http::verb::head;
    write(error ? answer_to_no_request(error) : answer_(asked_by(parser_.get())));
  }

  void write(Answer answer) {
    response_.result(answer.status);
    response_.set(http::field::content_type, answer.type);
    for (const auto& [name, value] : headers_of_all()) response_.set(name, value);
    for (const auto& [name, value] : answer.headers) response_.set(name, value);
    response_.body() = std::move(answer.body);
    response_.prepare_payload();
    response_.keep_alive(false);
    serializer_.emplace(response_);
    const auto done = [self = shared_from_this()](const Error& error, size_t) { self->end(error); };
    if (head_) {
      serializer_->split(true);
      http::async_write_header(stream_, *serializer_, done);
    } else {
      http::async_write(stream_, *serializer_, done);
    }
  }

  // What the other side still sends is read away: closing over it would take the answer from it (RFC 9112, 9.6).
  void end(const Error& error) {
    Error ignored;
    if (!error) stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    if (error || ignored) return;
    read_away();
  }
  void read_away() {
    stream_.async_read_some(asio::buffer(rest_), [self = shared_from_this()](const Error& error, size_t bytes) {
      self->read_away_ += bytes;
      if (!error && self->read_away_ < kMostReadAway) self->read_away();
    });
  }

  static constexpr size_t kMostReadAway = size_t{256} << 10;
  std::array<char, 4096> rest_{};
  size_t read_away_ = 0;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  http::request_parser<http::empty_body> parser_;
  http::response<http::string_body> response_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
  const std::function<Answer(const Asked&)>& answer_;
  bool head_ = false;
};

}  // namespace

class HttpServer::Listener {
 public:
  Listener(std::function<Answer(const Asked&)> answer, HttpLimits limits)
      : answer_(std::move(answer)), limits_(limits) {}

  Error open(const Address& address) {
    Error error;
    const tcp::endpoint endpoint(asio::ip::make_address(address.ip, error), address.port);
    if (!error) acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    return error;
  }
  Address address() const {
    const auto endpoint = acceptor_.local_endpoint();
    return {endpoint.address().to_string(), endpoint.port()};
  }
  void run(const std::vector<int>& until) {
    Error ignored;
    for (const int signal : until) signals_.add(signal, ignored);
    if (!until.empty())
      signals_.async_wait([this](const Error& error, int) {
        if (!error) io_.stop();
      });
    accept();
    io_.run();
  }
  void stop() {
    asio::post(io_, [this] { io_.stop(); });
  }

 private:
  void accept() {
    acceptor_.async_accept([this](const Error& error, tcp::socket socket) {
      if (error) return wait_and_accept();
      connected(std::move(socket));
      accept();
    });
  }
  // There is no descriptor left, most likely.
  void wait_and_accept() {
    pause_.expires_after(std::chrono::milliseconds(200));
    pause_.async_wait([this](const Error& error) {
      if (!error) accept();
    });
  }
  void connected(tcp::socket socket) {
    sessions_.remove_if([](const auto& session) { return session.expired(); });
    if (sessions_.size() >= limits_.connections) {
      if (const auto oldest = sessions_.front().lock()) oldest->give_way();
      sessions_.pop_front();
    }
    const auto session = std::make_shared<Session>(std::move(socket), limits_, answer_);
    sessions_.push_back(session);
    session->begin();
  }

  std::function<Answer(const Asked&)> answer_;
  HttpLimits limits_;
  asio::io_context io_{1};
  tcp::acceptor acceptor_{io_};
  asio::signal_set signals_{io_};
  asio::steady_timer pause_{io_};
  std::list<std::weak_ptr<Session>> sessions_;  ///< the oldest first
};

HttpServer::HttpServer(std::unique_ptr<Listener> listener) : listener_(std::move(listener)) {}
HttpServer::~HttpServer() = default;

tl::expected<std::unique_ptr<HttpServer>, std::string> HttpServer::listen(const Address& address,
                                                                          std::function<Answer(const Asked&)> answer,
                                                                          HttpLimits limits) {
  auto listener = std::make_unique<Listener>(std::move(answer), limits);
  if (const auto error = listener->open(address)) {
    return tl::make_unexpected("cannot listen at " + address.text() + ": " + error.message());
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(listener)));
}

Address HttpServer::address() const { return listener_->address(); }
void HttpServer::run(const std::vector<int>& until) { listener_->run(until); }
void HttpServer::stop() { listener_->stop(); }

}  // namespace shstore::status::serve
