#include "scsi/logical_unit.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace shstore::scsi {
namespace {

// A drive can have several unit attentions queued for a nexus (power on, then preempted, then cleared, ...).
constexpr int kUnitAttentionRetries = 8;
constexpr int kBusyRetries = 10;
constexpr std::chrono::milliseconds kBusyPause{100};
constexpr std::chrono::milliseconds kPatienceWhenStopped{1000};  // with retries, once we were asked to end

constexpr uint16_t kFirstAllocation = 1024;
constexpr uint32_t kLargestAllocation = 0xffff;  // ALLOCATION LENGTH has two bytes (SPC-4 6.15)
constexpr int kReadAttempts = 4;                 // two are enough, unless the list grows between them

const char* name_of(PrOut service_action) {
  switch (service_action) {
    case PrOut::register_key: return "REGISTER";
    case PrOut::reserve: return "RESERVE";
    case PrOut::release: return "RELEASE";
    case PrOut::clear: return "CLEAR";
    case PrOut::preempt: return "PREEMPT";
    case PrOut::preempt_and_abort: return "PREEMPT AND ABORT";
    case PrOut::register_and_ignore_existing_key: return "REGISTER AND IGNORE EXISTING KEY";
    case PrOut::register_and_move: return "REGISTER AND MOVE";
  }
  return "PERSISTENT RESERVE OUT";
}

// LIO answers so where SPC-4 demands RESERVATION CONFLICT: RESERVE or RELEASE by a nexus that is not registered.
bool is_lio_not_registered(const Sense& sense) { return sense.key == SenseKey::not_ready && asc_ascq(sense) == 0x0800; }

bool is_unit_attention(const Reply& reply, const std::optional<Sense>& sense) {
  return reply.status == Status::check_condition && sense && sense->key == SenseKey::unit_attention;
}

bool says_unsupported(const Sense& sense) {
  const auto code = asc_ascq(sense);
  return sense.key == SenseKey::illegal_request &&
         (code == asc::invalid_operation_code || code == asc::invalid_field_in_cdb);
}

}  // namespace

LogicalUnit::LogicalUnit(Transport& transport, Pause pause, const std::atomic<bool>* stop)
    : transport_(transport),
      pause_(pause ? std::move(pause) : [](std::chrono::milliseconds t) { std::this_thread::sleep_for(t); }),
      stop_(stop) {}

Result<Reply> LogicalUnit::execute(const Command& command, const char* name) {
  int attentions = 0;
  int busy = 0;
  for (const auto begun = std::chrono::steady_clock::now();;) {
    if (stopped() && to_the_end_ == 0) {
      return fail(Error::Kind::interrupted, fmt::format("{}: interrupted by a signal; {} was not sent", path(), name));
    }
    auto reply = transport_.execute(command);
    if (!reply) {
      auto error = reply.error();
      if (error.kind == Error::Kind::timeout) {
        error.message += fmt::format(" ({} was not answered within {} s)", name,
                                     std::chrono::ceil<std::chrono::seconds>(command.deadline).count());
      }
      return tl::make_unexpected(error);
    }
    const auto sense = decode_sense(reply->sense);
    // A drive that answers, but slowly, must not keep us for the sum of all retries.
    const auto patience = stopped() ? std::min(kPatienceWhenStopped, command.deadline) : command.deadline;
    const bool in_time = std::chrono::steady_clock::now() - begun < patience;
    if (is_unit_attention(*reply, sense)) {
      unit_attentions_.push_back(*sense);
      if (in_time && attentions++ < kUnitAttentionRetries) continue;
    }
    const bool try_later = reply->status == Status::busy || reply->status == Status::task_set_full;
    if (try_later && in_time && busy++ < kBusyRetries) {
      pause_(kBusyPause);
      continue;
    }
    return reply;
  }
}

tl::unexpected<Error> LogicalUnit::unexpected_reply(const Reply& reply, const char* name) const {
  if (reply.status == Status::reservation_conflict) {
    return fail(Error::Kind::refused,
                fmt::format("{}: {} was refused: another host has reserved the device", path(), name));
  }
  if (reply.status != Status::check_condition) {
    return fail(Error::Kind::device,
                fmt::format("{}: {} ended with SCSI status {}", path(), name, describe(reply.status)));
  }
  const auto sense = decode_sense(reply.sense);
  if (!sense) return fail(Error::Kind::device, fmt::format("{}: {} failed without sense data", path(), name));
  const auto kind = says_unsupported(*sense) ? Error::Kind::unsupported : Error::Kind::device;
  return fail(kind, fmt::format("{}: {} failed: {}", path(), name, describe(*sense)));
}

Result<Bytes> LogicalUnit::data_in(Bytes cdb, uint32_t length, const char* name, std::chrono::milliseconds deadline) {
  auto reply = execute({std::move(cdb), {}, length, deadline}, name);
  if (!reply) return tl::make_unexpected(reply.error());
  if (reply->status != Status::good) return unexpected_reply(*reply, name);
  return std::move(reply->data_in);
}

Result<StandardInquiry> LogicalUnit::inquiry() {
  return data_in(cdb_inquiry(96), 96, "INQUIRY").and_then([](const Bytes& b) { return decode_inquiry(b); });
}

Result<std::string> LogicalUnit::unit_serial_number() {
  return data_in(cdb_inquiry(VpdPage::unit_serial_number, 252), 252, "INQUIRY (unit serial number)")
      .and_then([](const Bytes& b) { return decode_unit_serial_number(b); });
}

Result<std::vector<Designator>> LogicalUnit::device_identification() {
  return data_in(cdb_inquiry(VpdPage::device_identification, 2048), 2048, "INQUIRY (device identification)")
      .and_then([](const Bytes& b) { return decode_device_identification(b); });
}

Result<Readiness> LogicalUnit::test_unit_ready() {
  const auto reply = execute({cdb_test_unit_ready(), {}, 0, kCommandDeadline}, "TEST UNIT READY");
  if (!reply) return tl::make_unexpected(reply.error());
  if (reply->status == Status::good) return Readiness{true, false, {}};
  if (reply->status == Status::reservation_conflict) return Readiness{false, true, {}};
  const auto sense = decode_sense(reply->sense);
  if (sense && sense->key == SenseKey::not_ready) return Readiness{false, false, *sense};
  return unexpected_reply(*reply, "TEST UNIT READY");
}

template <class Decode>
auto LogicalUnit::pr_in(PrIn service_action, const char* name, Decode decode) -> decltype(decode(ByteView{})) {
  uint32_t room = kFirstAllocation;
  for (int attempt = 1;; ++attempt) {
    const auto reply =
        execute({cdb_pr_in(service_action, static_cast<uint16_t>(room)), {}, room, kCommandDeadline}, name);
    if (!reply) return tl::make_unexpected(reply.error());
    if (reply->status == Status::reservation_conflict) {
      return fail(Error::Kind::spc2_reserve,
                  fmt::format("{}: {} was refused with a reservation conflict: another host holds the drive by the old "
                              "SPC-2 RESERVE command, which its tape driver or backup software sends",
                              path(), name));
    }
    if (reply->status != Status::good) return unexpected_reply(*reply, name);
    auto decoded = decode(reply->data_in);
    if (!decoded) {
      auto error = decoded.error();
      error.message = fmt::format("{}: {}", path(), error.message);
      return tl::make_unexpected(error);
    }
    if constexpr (std::is_base_of_v<Listed, std::remove_cvref_t<decltype(*decoded)>>) {
      if (decoded->truncated) {
        const auto whole = uint64_t{decoded->declared_length} + kPrInHeader;
        if (room < kLargestAllocation && whole > room && attempt < kReadAttempts) {
          room = static_cast<uint32_t>(std::min<uint64_t>(whole, kLargestAllocation));
          continue;
        }
        // Whoever is in the part that did not come may hold the drive.
        return fail(Error::Kind::protocol,
                    fmt::format("{}: the answer to {} is not whole: the device says that it has {} "
                                "bytes, and sent {} where there was room for {}",
                                path(), name, whole, reply->data_in.size(), room));
      }
    }
    return decoded;
  }
}

Result<RegisteredKeys> LogicalUnit::read_keys() { return pr_in(PrIn::read_keys, "READ KEYS", decode_read_keys); }

Result<ReadReservation> LogicalUnit::read_reservation() {
  return pr_in(PrIn::read_reservation, "READ RESERVATION", decode_read_reservation);
}

Result<Capabilities> LogicalUnit::report_capabilities() {
  return pr_in(PrIn::report_capabilities, "REPORT CAPABILITIES", decode_report_capabilities);
}

Result<FullStatus> LogicalUnit::read_full_status() {
  return pr_in(PrIn::read_full_status, "READ FULL STATUS", decode_read_full_status);
}

Result<PrOutcome> LogicalUnit::pr_out(PrOut service_action, const PrOutParameters& parameters, PrType type,
                                      std::chrono::milliseconds deadline) {
  const char* name = name_of(service_action);
  const auto reply =
      execute({cdb_pr_out(service_action, type), encode_pr_out_parameters(parameters), 0, deadline}, name);
  if (!reply) return tl::make_unexpected(reply.error());
  if (reply->status == Status::good) return PrOutcome::done;
  if (reply->status == Status::reservation_conflict) return PrOutcome::conflict;
  const auto sense = decode_sense(reply->sense);
  if (sense && is_lio_not_registered(*sense)) return PrOutcome::conflict;
  if (sense && asc_ascq(*sense) == asc::insufficient_registration_resources) {
    return fail(Error::Kind::device,
                fmt::format("{}: {} failed: the drive's table of registrations is full. \"storage-ctl {} query\" shows "
                            "whose they are",
                            path(), name, path()));
  }
  return unexpected_reply(*reply, name);
}

}  // namespace shstore::scsi
