// The device server of one tape drive: commands in, replies out (SPC-4 clause 6, SAM-5 5.14). No I/O.
#pragma once

#include <deque>
#include <vector>

#include "scsi/inquiry.h"
#include "scsi/target/command_table.h"
#include "scsi/target/reservations.h"
#include "scsi/transport.h"

namespace shstore::scsi::target {

/// What the drive says about itself.
struct DriveIdentity {
  std::string vendor, product, revision;
  std::string serial;
  uint32_t first_generation = 0;  ///< PRGENERATION at power on; SPC-4 says 0, a simulated past says otherwise
};

/// One initiator port as it sees the drive through one target port.
struct Nexus {
  TransportId initiator;
  uint16_t relative_target_port = 1;
};

/// Not thread-safe. There is no medium: TEST UNIT READY and the commands of the tape say so.
class LogicalUnitServer {
 public:
  /// The drive has just been powered on, and every nexus has that unit attention waiting. NexusId counts `nexuses`.
  LogicalUnitServer(DriveIdentity identity, std::vector<Nexus> nexuses);

  /// Executes one command, whatever its bytes are. `from` is one of the nexuses. Data is cut to the CDB's ALLOCATION
  /// LENGTH and to what the initiator has room for; the lengths inside the data stay those of the whole.
  Reply execute(NexusId from, const Command& command);

  const ReservationState& reservations() const { return reservations_; }

 private:
  Reply dispatch(NexusId from, const Command& command, Handling handling);
  Reply inquiry(NexusId from, ByteView cdb) const;
  Reply vital_product_data(NexusId from, uint8_t page) const;
  Reply request_sense(NexusId from, ByteView cdb);
  Reply report_luns(ByteView cdb) const;
  Reply persistent_reserve_in(ByteView cdb) const;
  Reply persistent_reserve_out(NexusId from, const Command& command);
  FullStatus full_status() const;
  void establish(const Attention& attention);
  std::optional<Sense> take_attention(NexusId nexus);

  DriveIdentity identity_;
  std::vector<Nexus> nexuses_;
  std::vector<std::deque<uint16_t>> attentions_;  // per nexus, oldest first
  ReservationState reservations_;
};

}  // namespace shstore::scsi::target
