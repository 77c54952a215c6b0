// Commands to tgt's devices, by SG_IO.
#include <fcntl.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>

#include <cstring>
#include <stdexcept>

#include "unit.h"

namespace relay {
namespace {

constexpr unsigned kTimeoutMs = 600000;

// SPC-4: the group code tells the length; this lab's devices know no variable ones.
uint8_t cdb_length(uint8_t opcode) {
  static const uint8_t length[8] = {6, 10, 10, 16, 16, 12, 10, 10};
  return length[opcode >> 5];
}

// The ring does not carry the direction of the data. These opcodes send data to the device.
bool sends_data(uint8_t opcode) { return opcode && std::strchr("\x0a\x15\x1d\x3b\x4c\x55\x8d\xa4\xaa", opcode); }

Answer send(int file, sg_io_hdr_t& header) {
  Answer answer;
  header.interface_id = 'S';
  header.timeout = kTimeoutMs;
  header.sbp = answer.sense.data();
  header.mx_sb_len = RING_SENSE_BYTES;
  if (ioctl(file, SG_IO, &header) < 0 || header.host_status) return check(kAbortedCommand, 0, 0);
  answer.status = header.status;
  const auto left = static_cast<unsigned>(header.resid > 0 ? header.resid : 0);
  if (header.dxfer_direction == SG_DXFER_FROM_DEV && left < header.dxfer_len) answer.got = header.dxfer_len - left;
  return answer;
}

}  // namespace

Device::Device(const char* node) : file_(open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC)) {
  if (file_ < 0) throw std::runtime_error(std::string("cannot open ") + node);
}

Answer Device::pass_on(const ring_command& command) const {
  uint8_t cdb[16];
  std::memcpy(cdb, command.cdb, cdb_length(command.cdb[0]));
  static_assert(sizeof(ring_piece) == sizeof(sg_iovec_t));
  sg_io_hdr_t header{};
  header.cmdp = cdb;
  header.cmd_len = cdb_length(cdb[0]);
  header.dxferp = const_cast<ring_piece*>(command.piece);
  header.iovec_count = static_cast<unsigned short>(command.pieces);
  header.dxfer_len = command.length;
  header.dxfer_direction = !command.length ? SG_DXFER_NONE : sends_data(cdb[0]) ? SG_DXFER_TO_DEV : SG_DXFER_FROM_DEV;
  return send(file_, header);
}

Answer Device::ask(std::vector<uint8_t> cdb, std::vector<uint8_t>& data) const {
  sg_io_hdr_t header{};
  header.cmdp = cdb.data();
  header.cmd_len = static_cast<unsigned char>(cdb.size());
  header.dxferp = data.data();
  header.dxfer_len = static_cast<unsigned>(data.size());
  header.dxfer_direction = data.empty() ? SG_DXFER_NONE : SG_DXFER_FROM_DEV;
  return send(file_, header);
}

}  // namespace relay
