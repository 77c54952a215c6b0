// One logical unit and the commands we send to it, each with its reply decoded.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "scsi/inquiry.h"
#include "scsi/persistent_reserve.h"
#include "scsi/sense.h"
#include "scsi/transport.h"

namespace shstore::scsi {

/// What a PERSISTENT RESERVE OUT did. A reservation conflict is an answer, not an error.
enum class PrOutcome { done, conflict };

/// What TEST UNIT READY said.
struct Readiness {
  bool ready = false;
  bool conflict = false;  ///< RESERVATION CONFLICT: SPC-2/3 devices answer so to all but the holder
  Sense sense;            ///< why it is not ready
};

/// Adds to a Transport what every command needs: unit attentions are noted and the command repeated (SPC-4 5.14:
/// the command was not executed), BUSY and TASK SET FULL are retried for a while, everything else that is not GOOD
/// becomes an Error that names the command and the device. No command is repeated for longer than its own deadline, and an
/// answer that is not whole is an error. Not thread-safe.
class LogicalUnit {
 public:
  using Pause = std::function<void(std::chrono::milliseconds)>;

  /// `transport` must outlive this. `pause` is how to wait before a retry; the default sleeps. `stop`, set by a signal's
  /// handler: from then on nothing is sent any more (kind interrupted), except while a ToTheEnd lives.
  explicit LogicalUnit(Transport& transport, Pause pause = {}, const std::atomic<bool>* stop = nullptr);

  /// For what must be done although we were asked to end: giving back. Retries are short then.
  class ToTheEnd {
   public:
    explicit ToTheEnd(LogicalUnit& unit) : unit_(unit) { ++unit_.to_the_end_; }
    ~ToTheEnd() { --unit_.to_the_end_; }
    ToTheEnd(const ToTheEnd&) = delete;
    ToTheEnd& operator=(const ToTheEnd&) = delete;

   private:
    LogicalUnit& unit_;
  };

  Result<StandardInquiry> inquiry();
  Result<std::string> unit_serial_number();
  Result<std::vector<Designator>> device_identification();
  Result<Readiness> test_unit_ready();

  Result<RegisteredKeys> read_keys();
  Result<ReadReservation> read_reservation();
  Result<Capabilities> report_capabilities();
  Result<FullStatus> read_full_status();
  /// `deadline`: PREEMPT AND ABORT returns only when the victim's commands have ended, and needs more.
  Result<PrOutcome> pr_out(PrOut service_action, const PrOutParameters& parameters,
                           PrType type = PrType::exclusive_access,
                           std::chrono::milliseconds deadline = kCommandDeadline);

  /// The three below are for commands that this class does not know (scsi/changer_unit.h, scsi/tape_unit.h).
  /// What the device answered, after unit attentions and BUSY; `name` is the command's, for messages.
  Result<Reply> execute(const Command& command, const char* name);
  /// The data of a command that only reads.
  Result<Bytes> data_in(Bytes cdb, uint32_t length, const char* name,
                        std::chrono::milliseconds deadline = kCommandDeadline);
  /// For a status that the caller has no use for; a reservation conflict is of kind refused.
  tl::unexpected<Error> unexpected_reply(const Reply& reply, const char* name) const;

  const std::string& path() const { return transport_.path(); }

  /// Every unit attention that a command of ours consumed, oldest first: the drive will not repeat them to the
  /// tape driver, so whoever cares (position lost, registration preempted) must be told.
  const std::vector<Sense>& unit_attentions() const { return unit_attentions_; }

 private:
  template <class Decode>
  auto pr_in(PrIn service_action, const char* name, Decode decode) -> decltype(decode(ByteView{}));

  bool stopped() const { return stop_ != nullptr && *stop_; }

  Transport& transport_;
  Pause pause_;
  const std::atomic<bool>* stop_;
  int to_the_end_ = 0;
  std::vector<Sense> unit_attentions_;
};

}  // namespace shstore::scsi
