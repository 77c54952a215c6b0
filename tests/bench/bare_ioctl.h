// One SCSI command of ten bytes by ioctl(SG_IO), for what is measured bare: nothing of the library's is in it.
#pragma once

#include <scsi/sg.h>
#include <sys/ioctl.h>

#include <cstdint>
#include <cstring>

/// PERSISTENT RESERVE OUT (5Fh) sends `data`, all others fill it. False: it did not end with GOOD.
inline bool bare_ioctl(int fd, uint8_t* cdb, uint8_t* data, unsigned length) {
  uint8_t sense[64] = {};
  sg_io_hdr_t io;
  std::memset(&io, 0, sizeof io);
  io.interface_id = 'S';
  io.dxfer_direction = cdb[0] == 0x5f ? SG_DXFER_TO_DEV : SG_DXFER_FROM_DEV;
  io.cmd_len = 10;
  io.mx_sb_len = sizeof sense;
  io.dxfer_len = length;
  io.dxferp = data;
  io.cmdp = cdb;
  io.sbp = sense;
  io.timeout = 5000;
  return ::ioctl(fd, SG_IO, &io) == 0 && io.status == 0;
}
