// shstore-status --watch: the drives in a table that is drawn again in place.
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "status/program/command.h"
#include "status/watch/reader.h"
#include "status/watch/signals.h"
#include "status/watch/terminal.h"

namespace shstore::status {
namespace {

using namespace watch;
using std::chrono::floor;
using std::chrono::seconds;

struct Asked {
  seconds interval{5};
};

Reading read_all(const Question& question) {
  Reading reading;
  for (auto& facts : gather(question)) {
    if (facts) {
      reading.daemons.push_back(std::move(facts->snapshot));
    } else {
      reading.unreadable.push_back(std::move(facts.error()));
    }
  }
  return reading;
}

class Session {
 public:
  Session(const Request& request, seconds interval)
      : interval_(interval), reader_([question = request.question] { return read_all(question); }, interval) {}

  /// Until somebody leaves: 0, or the signal that ended it.
  int run() {
    while (!view_.quit && ended_by_ == 0) {
      const Shown now = shown();
      if (!terminal_.write(frame(draw(now, view_, terminal_.size()), colour_))) break;
      if (!wait(now)) break;
    }
    return ended_by_;
  }

 private:
  Shown shown() {
    const auto latest = reader_.latest();
    const auto now = Reader::Clock::now();
    if (latest.reading && latest.reading != drawn_) {
      drawn_ = latest.reading;
      table_ = table_of(*drawn_);
    }
    Shown shown{table_, {}, {}, interval_};
    if (latest.reading) shown.age = floor<seconds>(now - latest.read);
    if (latest.asking) shown.asking = floor<seconds>(now - *latest.asking);
    return shown;
  }

  // For a key, a signal, news, or the next second, as the ages go on; false: there is no keyboard any more.
  bool wait(const Shown& now) {
    constexpr int kTick = 1000;
    std::array<pollfd, 3> wanted{pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{signals_.fd(), POLLIN, 0},
                                 pollfd{reader_.fd(), POLLIN, 0}};
    if (::poll(wanted.data(), wanted.size(), kTick) < 0 && errno != EINTR) return false;
    for (const int signal : signals_.take()) obey(signal);
    return wanted[0].revents == 0 || press(now);
  }

  void obey(int signal) {
    switch (signal) {
      case SIGWINCH: break;  // the next frame has the new size
      case SIGINT: view_.quit = true; break;
      case SIGTSTP:
        terminal_.leave();
        ::raise(SIGSTOP);
        terminal_.enter();
        break;
      default: ended_by_ = signal;
    }
  }

  bool press(const Shown& now) {
    std::array<char, 256> buffer{};
    const auto n = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) return true;
    if (n <= 0) return false;
    typed_.append(buffer.data(), static_cast<size_t>(n));
    for (const auto key : take_keys(typed_)) {
      view_ = after(view_, key, now, terminal_.size());
      if (view_.refresh) reader_.refresh();
    }
    return true;
  }

  // Destroyed in the opposite order: the terminal is given back while the signals still arrive here.
  Signals signals_{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH};
  Terminal terminal_;
  seconds interval_;
  Reader reader_;
  View view_;
  std::string typed_;
  std::shared_ptr<const Reading> drawn_;  ///< what table_ was made of
  std::optional<Table> table_;
  const bool colour_ = std::getenv("NO_COLOR") == nullptr || *std::getenv("NO_COLOR") == '\0';  // no-color.org
  int ended_by_ = 0;
};

int run_watch(const Request& request, const Asked& asked) {
  if (const auto possible = can_be_drawn_on(); !possible) {
    std::cerr << "shstore-status: " << possible.error() << '\n';
    return kUsage;
  }
  const int signal = Session(request, asked.interval).run();
  // Whoever sent it sees that it was obeyed.
  if (signal != 0) ::raise(signal);
  return kDone;
}

}  // namespace

Command add_watch_command(CLI::App& app) {
  const auto asked = std::make_shared<Asked>();
  auto* option = app.add_option_function<unsigned>(
      "--watch", [asked](unsigned s) { asked->interval = seconds(s); },
      "show a table of the drives and read them again every so many SECONDS (default 5); h shows the keys");
  // CLI11 calls the function with this text when the option has no value.
  option->expected(0, 1)->default_str("5")->check(CLI::Range(1U, 86400U))->type_name("SECONDS");
  option->excludes(app.get_option("--json"))->excludes(app.get_option("--bacula-status"));
  return {option, [asked](const Request& request) { return run_watch(request, *asked); }};
}

}  // namespace shstore::status
