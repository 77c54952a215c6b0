// bare_try DEVICE TIMES PAUSE: what DeviceTryOpen has to send for a free drive, READ FULL STATUS, REGISTER, RESERVE, READ FULL STATUS, and for one
// that another host has, the first of them, with nothing around it but the opening of the device: an ioctl(SG_IO), or a frame to a socket
// of shstore-target (scsi/wire.h). Prints a line for each time: "granted" or "refused" and its microseconds, as try_open_time does. Gives
// the drive back in between, and waits PAUSE milliseconds as a daemon between two jobs does, neither of which is counted.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "bare_ioctl.h"

namespace {

constexpr unsigned kIn = 4096, kOut = 24;
uint8_t answer[kIn];

void put32(uint8_t* at, uint32_t value) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<uint8_t>(value >> (24 - 8 * i));
}
bool whole(int fd, uint8_t* to, size_t length) {
  for (size_t got = 0; got < length;) {
    const auto n = ::read(fd, to + got, length - got);
    if (n <= 0) return false;
    got += static_cast<size_t>(n);
  }
  return true;
}
bool by_socket(int fd, const uint8_t* cdb, const uint8_t* data, unsigned length) {
  const bool out = cdb[0] == 0x5f;
  uint8_t frame[4 + 9 + 10 + kOut];
  const uint32_t body = 9 + 10 + (out ? length : 0);
  put32(frame, body);
  put32(frame + 4, 5000);
  put32(frame + 8, out ? 0 : length);
  frame[12] = 10;
  std::memcpy(frame + 13, cdb, 10);
  if (out) std::memcpy(frame + 23, data, length);
  if (::write(fd, frame, 4 + body) != static_cast<ssize_t>(4 + body)) return false;
  uint8_t reply[4 + 2 + 252 + kIn];
  if (!whole(fd, reply, 4)) return false;
  const uint32_t size = uint32_t{reply[0]} << 24 | uint32_t{reply[1]} << 16 | uint32_t{reply[2]} << 8 | reply[3];
  if (size < 2 || size > sizeof reply - 4 || !whole(fd, reply + 4, size)) return false;
  const unsigned sense = reply[5];
  if (!out && size > 2 + sense) std::memcpy(answer, reply + 6 + sense, size - 2 - sense);
  return reply[4] == 0;
}

struct Device {
  bool socket = false;
  int fd = -1;
  bool open(const char* path) {
    struct stat what {};
    if (::stat(path, &what) != 0) return false;
    socket = S_ISSOCK(what.st_mode);
    if (!socket) return (fd = ::open(path, O_RDWR | O_NONBLOCK)) >= 0;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  void close() const { ::close(fd); }
  bool send(uint8_t opcode, uint8_t action, uint8_t* data, unsigned length) const {
    uint8_t cdb[10] = {opcode, action, 0, 0, 0, 0, 0, static_cast<uint8_t>(length >> 8), static_cast<uint8_t>(length),
                       0};
    if (opcode == 0x5f && action != 0) cdb[2] = 3;  // Exclusive Access
    return socket ? by_socket(fd, cdb, data, length) : bare_ioctl(fd, cdb, data, length);
  }
};

// READ FULL STATUS (SPC-4 6.15.5): has one of the registrants the reservation?
bool held() {
  const unsigned length = unsigned{answer[4]} << 24 | unsigned{answer[5]} << 16 | unsigned{answer[6]} << 8 | answer[7];
  for (unsigned at = 8; at + 24 <= 8 + length && at + 24 <= kIn;) {
    if (answer[at + 12] & 1) return true;
    at += 24 + (unsigned{answer[at + 20]} << 24 | unsigned{answer[at + 21]} << 16 | unsigned{answer[at + 22]} << 8 |
                answer[at + 23]);
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::chrono::milliseconds pause(std::atol(argv[3]));
  for (long left = std::atol(argv[2]); left > 0; --left) {
    uint8_t anew[kOut] = {}, key[kOut] = {0, 0, 0, 0, 0, 0xba, 0xc0, 0x01}, none[kOut] = {};
    std::memcpy(anew + 8, key, 8);
    std::memcpy(none, key, 8);
    Device device;
    const auto begin = std::chrono::steady_clock::now();
    if (!device.open(argv[1]) || !device.send(0x5e, 3, answer, kIn)) return 1;
    const bool granted = !held();
    if (granted && !(device.send(0x5f, 0, anew, kOut) && device.send(0x5f, 1, key, kOut) &&
                     device.send(0x5e, 3, answer, kIn) && held()))
      return 1;
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    std::printf("%s %.1f\n", granted ? "granted" : "refused", took.count());
    if (granted && !(device.send(0x5f, 2, key, kOut) && device.send(0x5f, 0, none, kOut))) return 1;
    device.close();
    std::this_thread::sleep_for(pause);
  }
}
