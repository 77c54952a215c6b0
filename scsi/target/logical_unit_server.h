// The device server of one logical unit, tape drive or robot: commands in, replies out (SPC-4 clause 6, SAM-5 5.14).
// No I/O.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <vector>

#include "scsi/inquiry.h"
#include "scsi/target/command_table.h"
#include "scsi/target/device_model.h"
#include "scsi/target/reservations.h"
#include "scsi/transport.h"

namespace shstore::scsi::target {

/// What the logical unit says about itself.
struct UnitIdentity {
  std::string vendor, product, revision;
  std::string serial;
  uint32_t first_generation = 0;  ///< PRGENERATION at power on; SPC-4 says 0, a simulated past says otherwise
  ReservationOptions reservation_options{};
};

/// As the logical unit's page 83h has it.
Designator t10_vendor_designator(const std::string& vendor, const std::string& product, const std::string& serial);

/// What begin() came to: a reply, or a motion that takes its time.
struct Begun {
  Reply reply;
  std::chrono::milliseconds motion{0};  ///< not 0: there is no reply yet; call end() after this time
};

/// Not thread-safe.
class LogicalUnitServer {
 public:
  /// It has just been powered on, and every nexus has that unit attention waiting. NexusId counts `nexuses`.
  LogicalUnitServer(UnitIdentity identity, std::vector<Nexus> nexuses, std::unique_ptr<DeviceModel> model);

  /// Executes one command, whatever its bytes are, and however long it takes a robot. `from` is one of the nexuses.
  /// Data is cut to the CDB's ALLOCATION LENGTH and to what the initiator has room for; the lengths inside the data
  /// stay those of the whole.
  Reply execute(NexusId from, const Command& command);

  /// The same in two steps, for who has a clock: unit attentions and reservations are looked at in begin(), and what
  /// a robot does is done in end(), with the same arguments.
  Begun begin(NexusId from, const Command& command);
  Reply end(NexusId from, const Command& command);

  /// A unit attention for every nexus but `except`.
  void establish(uint16_t asc_ascq, std::optional<NexusId> except = std::nullopt);

  const ReservationState& reservations() const { return reservations_; }
  const std::vector<Nexus>& nexuses() const { return unit_.nexuses; }
  /// What outlived the loss of power before this one was switched on; only before the first command. PRGENERATION does not.
  void restore(ReservationState reservations);

 private:
  Reply dispatch(NexusId from, const Command& command, Handling handling);
  Reply inquiry(NexusId from, ByteView cdb) const;
  Reply vital_product_data(NexusId from, uint8_t page) const;
  Reply request_sense(NexusId from, ByteView cdb);
  Reply report_luns(ByteView cdb) const;
  Reply persistent_reserve_in(ByteView cdb) const;
  Reply persistent_reserve_out(NexusId from, const Command& command);
  FullStatus full_status() const;
  bool stands_for_all_ports(const Registrant& registrant) const;
  void establish(const Attention& attention);
  std::optional<Sense> take_attention(NexusId nexus);

  UnitIdentity identity_;
  ReservationUnit unit_;
  std::unique_ptr<DeviceModel> model_;
  std::vector<std::deque<uint16_t>> attentions_;  // per nexus, oldest first
  ReservationState reservations_;
};

}  // namespace shstore::scsi::target
