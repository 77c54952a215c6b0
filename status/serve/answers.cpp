#include "status/serve/answers.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <exception>

#include "scsi/base/printable.h"
#include "status/page/html.h"
#include "status/page/page.h"
#include "status/serve/address.h"
#include "status/serve/live_script.h"
#include "status/show/json.h"
#include "status/show/prometheus.h"

namespace shstore::status::serve {
namespace {

using std::chrono::seconds;

record::WallTime now() { return std::chrono::floor<seconds>(std::chrono::system_clock::now()); }

std::vector<SdSnapshot> snapshots_of(const StoredReading& reading) {
  std::vector<SdSnapshot> all;
  for (const auto& sd : reading.daemons) all.push_back(sd.snapshot);
  return all;
}

Answer page(const StoredReading& reading) {
  std::vector<PageSource> sources;
  for (const auto& sd : reading.daemons) sources.push_back({sd.snapshot, sd.history, sd.history_error});
  auto made = make_page(std::move(sources), reading.unreadable);
  if (reading.daemons.empty()) {
    made.taken = now();
    made.from = made.taken - std::chrono::hours(24);
  }
  return {200, "text/html; charset=utf-8", to_html(made, PageKind::live)};
}

Answer script(const StoredReading&) { return {200, "text/javascript; charset=utf-8", std::string(kLiveScript)}; }

Answer json(const StoredReading& reading) {
  return {200, "application/json", to_json(snapshots_of(reading), now(), reading.unreadable)};
}

Answer metrics(const StoredReading& reading) {
  return {200, "text/plain; version=0.0.4; charset=utf-8",
          to_prometheus(snapshots_of(reading), now(), reading.unreadable.empty(), reading.unreadable)};
}

// Whether this program does its work, not whether the drives are well.
Answer health(const StoredReading& reading) {
  if (reading.unreadable.empty()) return {200, "text/plain; charset=utf-8", "ok\n"};
  return {503, "text/plain; charset=utf-8", reading.unreadable.front().in_one_line() + '\n'};
}

struct Place {
  std::string_view path;
  Answer (*answer)(const StoredReading&);
};
constexpr std::array kPlaces = {Place{"/", page}, Place{"/live.js", script}, Place{"/json", json},
                                Place{"/metrics", metrics}, Place{"/healthz", health}};

}  // namespace

std::vector<std::pair<std::string, std::string>> headers_of_all() {
  return {
      {"Cache-Control", "no-store"},
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; "
       "form-action 'none'; frame-ancestors 'none'"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Referrer-Policy", "no-referrer"},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
  };
}

Answer refusal(unsigned status, const std::string& why) { return {status, "text/plain; charset=utf-8", why + '\n'}; }

Answers::Answers(std::function<StoredReading()> read, std::vector<std::string> names)
    : read_(std::move(read)), names_(std::move(names)) {}

const StoredReading& Answers::reading() {
  if (const auto moment = now(); moment != read_at_) {
    reading_ = read_();
    read_at_ = moment;
  }
  return reading_;
}

Answer Answers::to(const Asked& asked) {
  if (asked.hosts.size() != 1) return refusal(400, "A request has one Host header.");
  if (!host_is_ours(asked.hosts.front(), names_)) {
    return refusal(421, fmt::format("This is not \"{}\". Ask by the IP address or as localhost, or name that host with "
                                    "shstore-status --serve-name.",
                                    base::printable(asked.hosts.front())));
  }
  if (asked.method != "GET" && asked.method != "HEAD") {
    auto answer = refusal(405, "This only shows: GET and HEAD.");
    answer.headers = {{"Allow", "GET, HEAD"}};
    return answer;
  }
  if (asked.has_body) return refusal(400, "A request that only reads has no body.");
  const auto path = asked.target.substr(0, asked.target.find('?'));
  for (const auto& place : kPlaces) {
    if (path != place.path) continue;
    try {
      return place.answer(reading());
    } catch (const std::exception& e) {
      return refusal(500, std::string("This could not be read: ") + base::printable(e.what()) + '.');
    }
  }
  return refusal(404, "There is nothing here: / is the page, /json, /metrics and /healthz are for programs.");
}

}  // namespace shstore::status::serve
