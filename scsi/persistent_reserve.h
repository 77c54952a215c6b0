// PERSISTENT RESERVE IN and OUT: bytes to structs and back (SPC-4 6.15, 6.16). No I/O.
//
// Decoders never invent data: input that ends early is an Error of kind protocol. Where the device says that its
// answer is longer than the buffer it was given, `Listed::truncated` is true and the caller asks again with room
// for `declared_length` bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scsi/bytes.h"
#include "scsi/error.h"
#include "scsi/reservation_key.h"
#include "scsi/transport_id.h"

namespace shstore::scsi {

inline constexpr uint8_t kPersistentReserveIn = 0x5e;
inline constexpr uint8_t kPersistentReserveOut = 0x5f;
inline constexpr size_t kPrInHeader = 8;        ///< PRGENERATION and ADDITIONAL LENGTH
inline constexpr size_t kPrOutParameters = 24;  ///< without SPEC_I_PT's TransportIDs

enum class PrIn : uint8_t { read_keys = 0, read_reservation = 1, report_capabilities = 2, read_full_status = 3 };

enum class PrOut : uint8_t {
  register_key = 0,
  reserve = 1,
  release = 2,
  clear = 3,
  preempt = 4,
  preempt_and_abort = 5,
  register_and_ignore_existing_key = 6,
  register_and_move = 7,
};

/// Reservation types (SPC-4 table 171). Ours is exclusive_access.
enum class PrType : uint8_t {
  write_exclusive = 1,
  exclusive_access = 3,
  write_exclusive_registrants_only = 5,
  exclusive_access_registrants_only = 6,
  write_exclusive_all_registrants = 7,
  exclusive_access_all_registrants = 8,
};

bool is_registrants_only(PrType type);
bool is_all_registrants(PrType type);
/// "Exclusive Access"; sg_persist's words. A number SPC-4 does not define gives "0x4".
std::string describe(PrType type);

struct PrOutParameters {
  ReservationKey key{};                 ///< RESERVATION KEY
  ReservationKey service_action_key{};  ///< SERVICE ACTION RESERVATION KEY
  bool specify_initiator_ports = false;
  bool all_target_ports = false;
  bool activate_persist_through_power_loss = false;
};

/// A PERSISTENT RESERVE OUT command as a whole: what the CDB and the parameter list say together.
struct PrOutCommand {
  PrOut service_action{};
  uint8_t scope = 0;
  uint8_t type = 0;  ///< a PrType, or what a careless initiator sent
  uint32_t parameter_list_length = kPrOutParameters;
};

Bytes cdb_pr_in(PrIn service_action, uint16_t allocation_length);
Bytes cdb_pr_out(PrOut service_action, PrType type);  ///< scope LU_SCOPE, parameter list of 24 bytes
Bytes encode_pr_out_parameters(const PrOutParameters& parameters);

/// For the device server. `cdb` has at least 10 bytes.
PrOutCommand decode_cdb_pr_out(ByteView cdb);
/// `data` has at least 24 bytes.
PrOutParameters decode_pr_out_parameters(ByteView data);

/// What every PR IN answer but REPORT CAPABILITIES begins with.
struct Listed {
  uint32_t generation = 0;       ///< PRGENERATION
  uint32_t declared_length = 0;  ///< bytes after the header that the device would have sent
  bool truncated = false;
};

struct RegisteredKeys : Listed {
  std::vector<ReservationKey> keys;  ///< one entry per I_T nexus: the same key may be there twice
};

struct Reservation {
  ReservationKey key;  ///< 0 for the all-registrants types
  uint8_t scope = 0;
  PrType type = PrType::exclusive_access;
  friend bool operator==(const Reservation&, const Reservation&) = default;
};

struct ReadReservation : Listed {
  std::optional<Reservation> reservation;
};

struct Capabilities {
  bool compatible_reservation_handling = false;     // CRH
  bool specify_initiator_ports_capable = false;     // SIP_C
  bool all_target_ports_capable = false;            // ATP_C
  bool persist_through_power_loss_capable = false;  // PTPL_C
  bool persist_through_power_loss_active = false;   // PTPL_A
  std::optional<uint16_t> types;     ///< bit mask of bytes 4-5 as a big-endian number; nothing unless TMV is set
  bool supports(PrType type) const;  ///< true when the device does not tell (no TMV)
};

struct RegistrantStatus {
  ReservationKey key;
  bool reservation_holder = false;
  bool all_target_ports = false;
  uint8_t scope = 0;                  ///< valid if reservation_holder
  std::optional<PrType> type;         ///< given if reservation_holder
  uint16_t relative_target_port = 0;  ///< valid unless all_target_ports
  TransportId initiator;
};

/// Descriptors whose TransportID is short, cut or of an unknown kind are there like the others: TransportId::unreadable. A list that
/// ends before the TransportID of its last descriptor, and was not cut by our buffer, is an error.
struct FullStatus : Listed {
  std::vector<RegistrantStatus> registrants;
};

Result<RegisteredKeys> decode_read_keys(ByteView data);
Result<ReadReservation> decode_read_reservation(ByteView data);
Result<Capabilities> decode_report_capabilities(ByteView data);
Result<FullStatus> decode_read_full_status(ByteView data);

Bytes encode_read_keys(uint32_t generation, const std::vector<ReservationKey>& keys);
Bytes encode_read_reservation(uint32_t generation, const std::optional<Reservation>& reservation);
Bytes encode_report_capabilities(const Capabilities& capabilities);
Bytes encode_read_full_status(uint32_t generation, const std::vector<RegistrantStatus>& registrants);

}  // namespace shstore::scsi
