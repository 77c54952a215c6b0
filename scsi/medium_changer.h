// The commands of a medium changer (a library's robot), and LOAD UNLOAD of a tape drive: bytes to structs and
// back. No I/O. SMC-3; for LOAD UNLOAD SSC-4.
//
// Libraries differ in how much of this they fill in and how well they count, so the decoders take what is
// complete and never invent the rest: see each one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scsi/bytes.h"
#include "scsi/error.h"
#include "scsi/inquiry.h"

namespace shstore::scsi {

inline constexpr uint8_t kInitializeElementStatus = 0x07;
inline constexpr uint8_t kModeSense6 = 0x1a;
inline constexpr uint8_t kLoadUnload = 0x1b;
inline constexpr uint8_t kModeSense10 = 0x5a;
inline constexpr uint8_t kMoveMedium = 0xa5;
inline constexpr uint8_t kReadElementStatus = 0xb8;

/// ELEMENT TYPE CODE. Bacula and mtx call the four: robot arm, slot, mail slot, drive.
enum class ElementType : uint8_t {
  all = 0,  ///< only in a request
  medium_transport = 1,
  storage = 2,
  import_export = 3,
  data_transfer = 4,
};

/// "storage element"
std::string describe(ElementType type);

/// One element as READ ELEMENT STATUS describes it.
struct Element {
  ElementType type = ElementType::storage;
  uint16_t address = 0;
  bool full = false;
  bool imported = false;        ///< IMPEXP: an operator put the medium into this import/export element
  bool export_enabled = false;  ///< EXENAB: the robot may put a medium here for the operator
  bool import_enabled = false;  ///< INENAB
  bool accessible = false;      ///< ACCESS; not told for medium transport elements
  bool exception = false;       ///< EXCEPT: something is wrong with this element, `asc` and `ascq` say what
  bool disabled = false;        ///< ED
  uint8_t asc = 0, ascq = 0;
  uint8_t medium_type = 0;  ///< MEDIUM TYPE: 1 data, 2 cleaning, 3 diagnostic, 4 WORM, 5 microcode; 0: not told
  /// SOURCE STORAGE ELEMENT ADDRESS: where the medium came from; nothing unless SVALID.
  std::optional<uint16_t> source{};
  bool inverted = false;               ///< INVERT; valid with `source`
  std::string volume_tag{};            ///< the barcode without blanks around it; empty: none, unread, not asked for
  std::string alternate_volume_tag{};  ///< the other side's
  /// Which device this data transfer element is, if the library tells. See device_serial().
  std::optional<Designator> device{};
  /// It tells, but only the beginning came: IDENTIFIER LENGTH is more than the descriptor holds.
  bool device_cut = false;
  friend bool operator==(const Element&, const Element&) = default;
};

/// The serial number in a drive's designator, as the drive's own INQUIRY page 80h has it: libraries send
/// either just that, or vendor (8), product (16) and serial number in one ASCII string. Empty for a binary
/// designator, which can be compared with the drive's page 83h instead.
std::string device_serial(const Designator& device);

/// Is that the drive of this serial number? Also where vendor and product fill their fields, so that no blank parts the three.
bool names_serial(const Designator& device, const std::string& serial);

/// What READ ELEMENT STATUS asks for.
struct ElementStatusRequest {
  ElementType type = ElementType::all;
  uint16_t first = 0;       ///< STARTING ELEMENT ADDRESS
  uint16_t count = 0xffff;  ///< NUMBER OF ELEMENTS at most
  bool volume_tags = true;  ///< VOLTAG
  /// CURDATA: answer from what is known and move nothing. With it another host's reservation does not refuse
  /// the command.
  bool current_data = true;
  bool device_ids = false;         ///< DVCID; says something for data transfer elements only
  uint32_t allocation_length = 0;  ///< 24 bits
  friend bool operator==(const ElementStatusRequest&, const ElementStatusRequest&) = default;
};

Bytes cdb_read_element_status(const ElementStatusRequest& request);
/// For the device server. `cdb` has at least 12 bytes. A type code that SMC-3 does not define stays as it is.
ElementStatusRequest decode_cdb_read_element_status(ByteView cdb);

struct ElementStatus {
  uint16_t first = 0;             ///< FIRST ELEMENT ADDRESS REPORTED
  uint16_t available = 0;         ///< NUMBER OF ELEMENTS AVAILABLE, as the library counts them
  uint32_t declared_length = 0;   ///< bytes after the header that the library would have sent
  bool truncated = false;         ///< they were more than received: ask for the rest from the last address on
  std::vector<Element> elements;  ///< in the order received
  /// What contradicts SMC-3 in the answer, and what was not used for it; each a sentence for the administrator.
  std::vector<std::string> flaws{};
};

/// `device_ids`: DVCID was asked for; without it the bytes after the volume tags are the vendor's own.
/// Descriptors may be longer than SMC-3 has them (vendor bytes), pages of unknown type are passed over, counts are
/// not believed. What is complete is used, and ElementStatus::flaws says what was not: a page that is cut off, one
/// whose descriptors are too short to be any. Where a page's flags promise volume tags that its descriptors have no
/// room for, or where the identifier stands, the descriptors are believed. Only an answer without its header is
/// an error, of kind protocol. In a truncated answer the last page may be cut.
///
/// `room_left`: the library sent less than there was room for, so a cut-off end is its own doing (tgt's robot
/// leaves out the last 8 bytes) and asking again would not help. A last descriptor is then taken if its
/// barcode is whole.
Result<ElementStatus> decode_element_status(ByteView data, bool device_ids, bool room_left = false);

/// For the device server: the answer to `request` from `elements`, which are the requested ones, those of one
/// type side by side. Descriptors that do not fit the allocation length as a whole are left out
/// (SMC-3, READ ELEMENT STATUS).
Bytes encode_element_status(const std::vector<Element>& elements, const ElementStatusRequest& request);

struct MoveMedium {
  uint16_t transport = 0;  ///< MEDIUM TRANSPORT ELEMENT ADDRESS; 0: the library's default
  uint16_t source = 0;
  uint16_t destination = 0;
  bool invert = false;
  friend bool operator==(const MoveMedium&, const MoveMedium&) = default;
};

Bytes cdb_move_medium(const MoveMedium& move);
MoveMedium decode_cdb_move_medium(ByteView cdb);  ///< `cdb` has at least 12 bytes
Bytes cdb_initialize_element_status();

/// Elements of one type have consecutive addresses.
struct ElementRange {
  uint16_t first = 0;
  uint16_t count = 0;
  bool contains(uint16_t address) const { return address >= first && address - first < count; }
  friend bool operator==(const ElementRange&, const ElementRange&) = default;
};

/// The Element Address Assignment mode page: which elements the library has.
struct ElementAddresses {
  ElementRange medium_transport, storage, import_export, data_transfer;
  /// The range of one type; `type` is not `all`.
  const ElementRange& of(ElementType type) const;
  friend bool operator==(const ElementAddresses&, const ElementAddresses&) = default;
};

inline constexpr uint8_t kElementAddressAssignment = 0x1d;

/// Current values, no block descriptors.
Bytes cdb_mode_sense6(uint8_t page, uint8_t allocation_length);
Bytes cdb_mode_sense10(uint8_t page, uint16_t allocation_length);

/// From the parameter data of MODE SENSE(6) or (10); block descriptors and other pages before it are passed
/// over.
Result<ElementAddresses> decode_element_addresses6(ByteView data);
Result<ElementAddresses> decode_element_addresses10(ByteView data);
Bytes encode_element_addresses6(const ElementAddresses& addresses);
Bytes encode_element_addresses10(const ElementAddresses& addresses);

/// LOAD UNLOAD of a tape drive, waiting until it is done (IMMED is 0).
Bytes cdb_load_unload(bool load);

}  // namespace shstore::scsi
