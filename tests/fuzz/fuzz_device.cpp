// A drive and a robot that answer anything: the input is their answers, one after the other, and then the last one for ever.
// Everything comes to an end after a bounded number of commands, what is said of it may be shown, and a lock is only reported
// where the device has said so.
//
// An answer: u8 kind (0 to 3: status and sense follow, 4 upwards: data only), be16 length, bytes.
#include <functional>
#include <sstream>

#include "changer/library.h"
#include "fuzzing.h"
#include "scsi/changer_unit.h"
#include "scsi/ctl/json.h"
#include "scsi/diagnosis.h"
#include "scsi/drive_lock.h"
#include "scsi/read_position.h"
#include "scsi/report.h"
#include "scsi/tape_unit.h"

namespace {

using namespace shstore;
using namespace shstore::scsi;
using fuzzing::must;

constexpr int kMostCommands =
    20000;  // of one question; a library is asked up to 1,000 times in four ways and for 9 busy answers each

class AnyDevice final : public Transport {
 public:
  explicit AnyDevice(ByteView answers) : answers_(answers), rest_(answers) {}

  Result<Reply> execute(const Command& command) override {
    must(++commands_ <= kMostCommands, "no end of commands");
    if (rest_.size() < 3) rest_ = last_;
    if (rest_.size() < 3) return Reply{};
    last_ = rest_;
    const uint8_t kind = rest_[0];
    const size_t length = std::min<size_t>(be16(rest_, 1), rest_.size() - 3);
    const auto bytes = rest_.subspan(3, length);
    rest_ = rest_.subspan(3 + length);
    Reply reply;
    if (kind == 0) return fail(Error::Kind::device, "any: gone");
    if (kind < 4) {
      constexpr Status kStatus[] = {Status::good, Status::check_condition, Status::reservation_conflict, Status::busy};
      reply.status = kStatus[kind];
      reply.sense.assign(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(std::min<size_t>(bytes.size(), 252)));
      return reply;
    }
    const auto room = std::min<size_t>(bytes.size(), command.data_in_length);
    reply.data_in.assign(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(room));
    said_.insert(said_.end(), reply.data_in.begin(), reply.data_in.end());
    return reply;
  }
  const std::string& path() const override { return path_; }

  void again() {
    commands_ = 0;
    rest_ = answers_;
    last_ = {};
  }
  bool has_said(ReservationKey key) const {
    Bytes wanted(8, 0);
    put_be64(wanted, 0, key.value);
    return std::search(said_.begin(), said_.end(), wanted.begin(), wanted.end()) != said_.end();
  }

 private:
  std::string path_ = "/dev/any";
  ByteView answers_, rest_, last_{};
  Bytes said_;
  int commands_ = 0;
};

template <class T>
void check_error(const Result<T>& result) {
  if (!result) fuzzing::must_be_one_line("an error", result.error().message);
}

void check_reading(LogicalUnit& unit) {
  const auto inquiry = unit.inquiry();
  check_error(inquiry);
  check_error(unit.unit_serial_number());
  check_error(unit.device_identification());
  check_error(unit.report_capabilities());
  check_error(unit.test_unit_ready());
  const auto keys = unit.read_keys();
  check_error(keys);
  must(!keys || !keys->truncated, "a cut list of keys is taken for the whole");
  const auto status = unit.read_full_status();
  check_error(status);
  must(!status || !status->truncated, "a cut full status is taken for the whole");
  if (inquiry && status) {
    fuzzing::must_be_printable("query", query_text(*inquiry, *status));
    fuzzing::must_be_printable("query as JSON", ctl::query_json("/dev/any", *inquiry, *status));
  }
}

void check_lock(AnyDevice& device, LogicalUnit& unit) {
  constexpr ReservationKey kOwn{0xbac001};
  DriveLock lock(unit, kOwn);
  const auto state = lock.read();
  check_error(state);
  if (state) {
    fuzzing::must_be_one_line("a diagnosis", diagnose("/dev/any", *state, std::nullopt, kOwn, {}).text);
    if (const auto status = unit.read_full_status()) {
      fuzzing::must_be_one_line("a diagnosis", diagnose("/dev/any", *state, *status, kOwn, {}).text);
    }
  }
  device.again();
  const auto attempt = lock.try_lock();
  check_error(attempt);
  must(!attempt || !attempt->held || device.has_said(kOwn), "a lock that the drive has never told of");
  check_error(lock.unlock());
  check_error(lock.unregister());
}

void check_robot(LogicalUnit& unit) {
  MediumChanger robot(unit);
  check_error(robot.element_addresses());
  const auto status = robot.read_element_status();
  check_error(status);
  if (!status) return;
  auto library = changer::to_library(*status);
  changer::assign_homes(library, std::vector<std::optional<uint16_t>>(library.drives.size()));
  for (const auto& flaw : library.flaws) fuzzing::must_be_one_line("a flaw", flaw);
  for (const auto& slot : library.slots) fuzzing::must_be_one_line("a barcode", changer::barcode(slot));
  check_error(robot.move_medium({1, 2, 3, false}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  AnyDevice device(ByteView(bytes, size));
  LogicalUnit unit(device, [](std::chrono::milliseconds) {});
  check_reading(unit);
  device.again();
  check_lock(device, unit);
  device.again();
  check_robot(unit);
  device.again();
  check_error(unload_tape(unit));
  check_error(read_position(unit));
  for (const auto& sense : unit.unit_attentions()) fuzzing::must_be_one_line("a unit attention", describe(sense));
  return 0;
}
