// bare_cycle DEVICE CYCLES: the four commands of lock_cycle by ioctl(SG_IO), with nothing around them.
#include <fcntl.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

bool send(int fd, uint8_t opcode, uint8_t action, uint8_t* data, unsigned length) {
  uint8_t cdb[10] = {opcode, action, 0, 0, 0, 0, 0, 0, static_cast<uint8_t>(length), 0};
  if (opcode == 0x5f) cdb[2] = 3;  // Exclusive Access
  uint8_t sense[64] = {};
  sg_io_hdr_t io;
  std::memset(&io, 0, sizeof io);
  io.interface_id = 'S';
  io.dxfer_direction = opcode == 0x5f ? SG_DXFER_TO_DEV : SG_DXFER_FROM_DEV;
  io.cmd_len = sizeof cdb;
  io.mx_sb_len = sizeof sense;
  io.dxfer_len = length;
  io.dxferp = data;
  io.cmdp = cdb;
  io.sbp = sense;
  io.timeout = 5000;
  return ::ioctl(fd, SG_IO, &io) == 0 && io.status == 0;
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
