// What shstore-status --serve answers to a request: pure, but for what `read` does.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "status/look/stored.h"

namespace shstore::status::serve {

/// A request, as far as an answer depends on it.
struct Asked {
  std::string method, target;
  std::vector<std::string> hosts;  ///< every Host header that there is
  bool has_body = false;
};

struct Answer {
  unsigned status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};  ///< besides Content-Type and Content-Length
};

/// The headers that each answer has, also one to what is no request: what a browser must not do with it.
std::vector<std::pair<std::string, std::string>> headers_of_all();

/// A refusal in words: what is wrong, with a full stop.
Answer refusal(unsigned status, const std::string& why);

/// Who is asked, and what he knows. Not for several threads at once.
class Answers {
 public:
  /// `names`: see host_is_ours(). `read` is called at most once a second, however many ask.
  Answers(std::function<StoredReading()> read, std::vector<std::string> names);

  /// GET (or HEAD) of / (the page), /live.js, /json, /metrics, /healthz. The answer to HEAD has the body of GET: who sends it
  /// leaves the body out. Never throws: what goes wrong in reading is an answer 500.
  Answer to(const Asked& asked);

 private:
  const StoredReading& reading();

  std::function<StoredReading()> read_;
  std::vector<std::string> names_;
  StoredReading reading_;
  record::WallTime read_at_{};
};

}  // namespace shstore::status::serve
