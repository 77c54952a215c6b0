// relay drive0|drive1|robot DEVICE FOLDER   serves that backstore of LIO's target_core_user (TCMU): DEVICE is tgt's SCSI generic
//                                     device for it, FOLDER has the tapes
// relay tell UNIT WORD...             an order of the test to the relay of UNIT (drive.cpp has them); prints its answer
//
// What arrives here has passed LIO: PERSISTENT RESERVE IN/OUT and REPORT LUNS are answered by the kernel, and the commands of a
// nexus that a reservation excludes are refused by it. Stopping this process (SIGSTOP) therefore makes a drive that keeps
// commands in flight and still answers persistent reservations. Commands and orders are served one at a time.
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <sstream>

#include "unit.h"

namespace relay {
namespace {

sockaddr_un address_of(const char* unit) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "/run/relay/%s", unit);
  return address;
}

int listen_for_orders(const char* unit) {
  const sockaddr_un address = address_of(unit);
  unlink(address.sun_path);
  const int file = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (bind(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) || listen(file, 4))
    throw std::runtime_error(std::string("cannot listen at ") + address.sun_path);
  return file;
}

// The answer's first letter tells how it went: + or -.
void take_order(int orders, Unit& unit) {
  char text[500];
  const int from = accept4(orders, nullptr, nullptr, SOCK_CLOEXEC);
  const ssize_t size = from < 0 ? -1 : recv(from, text, sizeof text, 0);
  if (size > 0) {
    std::istringstream line(std::string(text, static_cast<size_t>(size)));
    std::vector<std::string> words;
    for (std::string word; line >> word;) words.push_back(word);
    std::string answer;
    try {
      answer = "+" + unit.order(words);
    } catch (const std::logic_error& error) {  // also what std::stoul and at() throw
      answer = std::string("-") + error.what();
    }
    if (send(from, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) std::perror("relay: send");
  }
  if (from >= 0) close(from);
}

int tell(int words, char** word) {
  const sockaddr_un address = address_of(word[0]);
  std::string order;
  for (int i = 1; i < words; i++) order += std::string(i > 1 ? " " : "") + word[i];
  char answer[500];
  const int file = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  ssize_t size = -1;
  if (!connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) &&
      send(file, order.data(), order.size(), 0) >= 0)
    size = recv(file, answer, sizeof answer, 0);
  if (size < 1) return std::perror("relay"), 1;
  const std::string text(answer + 1, static_cast<size_t>(size - 1));
  if (!text.empty()) std::fprintf(*answer == '+' ? stdout : stderr, "%s\n", text.c_str());
  return *answer == '+' ? 0 : 1;
}

void serve(const char* name, Unit& unit) {
  ring ring;
  ring_open(&ring, name);
  const int orders = listen_for_orders(name);
  for (bool is_there = true; is_there;) {
    ring_command command;
    switch (ring_look(&ring, &command)) {
      case RING_COMMAND: {
        const Answer answer = unit.execute(command);
        is_there = ring_answer(&ring, answer.status, answer.sense.data(), answer.got);
        continue;
      }
      case RING_RESET:
        unit.reset();
        is_there = ring_pass(&ring);
        continue;
      case RING_EMPTY: break;
    }
    pollfd ready[] = {{ring.file, POLLIN, 0}, {orders, POLLIN, 0}};
    if (poll(ready, 2, -1) < 0) return;
    if (ready[1].revents) take_order(orders, unit);
    if (ready[0].revents) is_there = ring_woken(&ring);
  }
}

}  // namespace
}  // namespace relay

int main(int argc, char** argv) {
  mkdir("/run/relay", 0755);
  if (argc > 3 && !std::strcmp(argv[1], "tell")) return relay::tell(argc - 2, argv + 2);
  if (argc != 4) return std::fputs("usage: relay UNIT DEVICE FOLDER, relay tell UNIT WORD...\n", stderr), 2;
  try {
    const bool is_robot = !std::strcmp(argv[1], "robot");
    const auto unit = is_robot ? relay::make_robot(argv[2]) : relay::make_drive(argv[2], argv[1][5] == '1', argv[3]);
    relay::serve(argv[1], *unit);
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "relay: %s\n", error.what()), 1;
  }
  return 0;
}
