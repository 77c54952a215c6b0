// A library's robot and the commands we send to it, each with its reply decoded.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "scsi/logical_unit.h"
#include "scsi/medium_changer.h"
#include "scsi/robot_sense.h"

namespace shstore::scsi {

/// Reading what the library knows anyway, as a whole. One that was just opened may look through its slots first.
inline constexpr std::chrono::milliseconds kElementStatusDeadline{120'000};
/// One move, through a large library at its slowest.
inline constexpr std::chrono::milliseconds kMoveDeadline{300'000};
/// INITIALIZE ELEMENT STATUS reads every barcode anew.
inline constexpr std::chrono::milliseconds kInitializeDeadline{1'800'000};

/// What a whole library holds. Each list is sorted by address.
struct LibraryStatus {
  std::vector<Element> medium_transport, storage, import_export, data_transfer;
  bool volume_tags = true;  ///< false: the library refused to tell barcodes
  bool device_ids = true;   ///< false: it refused to tell which device a data transfer element is
  /// What of the library could not be read, or only in part, each a sentence. Types of element that are missing for it:
  std::vector<std::string> flaws{};
  std::vector<ElementType> unread{};
  friend bool operator==(const LibraryStatus&, const LibraryStatus&) = default;
};

struct MoveOutcome {
  MoveResult result = MoveResult::done;
  Sense sense;  ///< as the library said it; of no meaning for `done` and `reservation_conflict`
};

/// What happened and what to do about it: "element 1024 to element 256: another host has reserved the robot..."
/// Empty for `done`.
std::string explain(const MoveOutcome& outcome, const MoveMedium& move);

/// Beside a LogicalUnit, which has the unit attentions, INQUIRY, TEST UNIT READY and the reservations of the
/// same device. Not thread-safe.
class MediumChanger {
 public:
  /// `unit` must outlive this.
  explicit MediumChanger(LogicalUnit& unit) : unit_(unit) {}

  /// Errors of kind unsupported: the library has no Element Address Assignment page; refused: another host
  /// has reserved the robot, and with it this page.
  Result<ElementAddresses> element_addresses();

  /// The whole library, asked type by type and in pieces, so that thousands of slots come whole. Nothing
  /// moves for it where the library knows CURDATA. What a library refuses to tell (5/24/00) is left out and
  /// LibraryStatus says so; a type of element whose status cannot be read does not cost the others, unless there is
  /// none. `deadline`: for all of it, about; past it the error is of kind timeout. An error of kind refused: another host
  /// has reserved the robot, and the library knows no CURDATA.
  ///
  /// `identities`: a library that did not tell which devices its drives are is asked a second time, for that alone
  /// (IBM's give DVCID only without VOLTAG).
  Result<LibraryStatus> read_element_status(std::chrono::milliseconds deadline = kElementStatusDeadline,
                                            bool identities = true);

  /// Moves one medium and returns when it is there. Sent once: after an Error of kind timeout or device it
  /// may have been moved or not, and the caller reads the element status before it does anything else.
  Result<MoveOutcome> move_medium(const MoveMedium& move, std::chrono::milliseconds deadline = kMoveDeadline);

  /// Lets the library look into every element again; minutes.
  Result<MoveOutcome> initialize_element_status(std::chrono::milliseconds deadline = kInitializeDeadline);

  LogicalUnit& unit() { return unit_; }
  const std::string& path() const { return unit_.path(); }

 private:
  struct Reading;
  Result<std::vector<Element>> read_type(ElementType type, ElementRange range, Reading& reading);
  Result<ElementStatus> read_piece(ElementStatusRequest wanted, Reading& reading);
  void read_identities(std::vector<Element>& drives, Reading& reading);
  Result<MoveOutcome> motion(Bytes cdb, const char* name, std::chrono::milliseconds deadline);

  LogicalUnit& unit_;
};

}  // namespace shstore::scsi
