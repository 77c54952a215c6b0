// bare_cycle DEVICE CYCLES: the four commands of lock_cycle by ioctl(SG_IO), with nothing around them.
#include <fcntl.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "bare_ioctl.h"

namespace {

bool send(int fd, uint8_t opcode, uint8_t action, uint8_t* data, unsigned length) {
  uint8_t cdb[10] = {opcode, action, 0, 0, 0, 0, 0, 0, static_cast<uint8_t>(length), 0};
  if (opcode == 0x5f) cdb[2] = 3;  // Exclusive Access
  return bare_ioctl(fd, cdb, data, length);
}

bool cycle(int fd) {
  uint8_t key[24] = {0, 0, 0, 0, 0, 0xba, 0xc0, 0x01}, sark[24] = {};
  std::memcpy(sark + 8, key, 8);
  uint8_t in[24] = {};
  return send(fd, 0x5f, 6, sark, 24) && send(fd, 0x5f, 1, key, 24) && send(fd, 0x5e, 1, in, 24) && in[15] == 0x01 &&
         send(fd, 0x5f, 2, key, 24);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 1;
  const int fd = ::open(argv[1], O_RDWR | O_NONBLOCK);
  if (fd < 0) return 1;
  for (long left = std::atol(argv[2]); left > 0; --left) {
    const auto start = std::chrono::steady_clock::now();
    if (!cycle(fd)) return 1;
    const auto took = std::chrono::steady_clock::now() - start;
    std::printf("%.1f\n", std::chrono::duration<double, std::micro>(took).count());
  }
}
