// A tape drive as far as the lock and the robot need one: there is a tape or not, it has filemarks and a position, and the drive
// has log pages. Data is not simulated.
#include <algorithm>

#include "scsi/read_position.h"
#include "scsi/target/device_model.h"
#include "scsi/target/replies.h"

namespace shstore::scsi::target {
namespace {

enum : uint8_t { kRewind = 0x01, kWriteFilemarks6 = 0x10, kSpace6 = 0x11, kLocate10 = 0x2b };

uint32_t be24(ByteView b, size_t at) { return uint32_t{b[at]} << 16 | be16(b, at + 1); }

class TapeDrive final : public DeviceModel {
 public:
  TapeDrive(Library* library, size_t drive, DriveTraits traits)
      : library_(library), drive_(drive), traits_(std::move(traits)), alerts_(traits_.alerts) {
    wants_cleaning_[alert::cleaning_required] = alerts_[alert::cleaning_required];
    wants_cleaning_[alert::cleaning_requested] = alerts_[alert::cleaning_requested];
  }

  uint8_t type() const override { return kTape; }
  std::optional<CommandRule> find_command(ByteView cdb) const override { return find_tape_command(cdb); }

  Reply execute(ByteView cdb, Handling handling) override {
    notice_load();
    switch (handling) {
      case Handling::test_unit_ready: return not_ready().value_or(good());
      case Handling::load_unload: return load_unload((cdb[4] & 0x01) != 0);
      case Handling::log_sense: return log_sense(cdb);
      case Handling::positions: {
        if (cdb[0] == kReadPosition && !traits_.has_read_position) return illegal(asc::invalid_operation_code);
        auto refusal = not_ready();
        return refusal ? std::move(*refusal) : on_tape(cdb);
      }
      case Handling::needs_medium: return not_ready().value_or(illegal(asc::invalid_operation_code));
      default: return illegal(asc::invalid_operation_code);
    }
  }

 private:
  static Reply empty() { return check_condition(SenseKey::not_ready, asc::medium_not_present); }
  DriveMedium medium() const { return library_ ? library_->medium(drive_) : DriveMedium::none; }
  bool is_loaded() const { return medium() == DriveMedium::loaded; }
  bool is_calibrating() const { return library_ && library_->is_calibrating(drive_); }
  bool has_cleaning_cartridge() const { return is_loaded() && library_->loaded_barcode(drive_).starts_with("CLN"); }

  std::optional<Reply> not_ready() const {
    if (!is_loaded()) return empty();
    if (is_calibrating()) return check_condition(SenseKey::not_ready, asc::becoming_ready);
    if (has_cleaning_cartridge()) return check_condition(SenseKey::not_ready, asc::cleaning_cartridge_installed);
    return std::nullopt;
  }

  void notice_load() {
    const auto loads = library_ ? library_->loads(drive_) : 0;
    if (loads == seen_loads_) return;
    seen_loads_ = loads;
    position_ = 0;
    alerts_ |= traits_.alerts;
    if (!has_cleaning_cartridge()) return;
    wants_cleaning_.reset();
    for (const auto flag : {alert::cleaning_required, alert::cleaning_requested}) {
      traits_.alerts.reset(flag);
      alerts_.reset(flag);
    }
  }

  // A tape that waits in the drive's mouth can be loaded again; to everything else the drive is empty.
  Reply load_unload(bool load) {
    if (medium() == DriveMedium::none) return empty();
    if (load) {
      library_->load(drive_);
      position_ = 0;
      return good();
    }
    if (!is_loaded()) return empty();
    library_->unload(drive_);
    return good();
  }

  // All that is on the tape is filemarks, so objects and filemarks are counted alike.
  Reply on_tape(ByteView cdb) {
    auto& end = library_->filemarks(drive_);
    switch (cdb[0]) {
      case kRewind: position_ = 0; return good();
      case kWriteFilemarks6: end = position_ += be24(cdb, 2); return good();
      case kSpace6: return space(cdb[1] & 0x0f, static_cast<int32_t>(be24(cdb, 2) << 8) >> 8, end);
      case kLocate10: return locate(0, be32(cdb, 3), end);
      case kReadPosition: return read_position(cdb);
      default: return locate(cdb[1] >> 3 & 0x07, be64(cdb, 4), end);  // LOCATE(16)
    }
  }

  Reply space(unsigned code, int64_t count, uint64_t end) {
    constexpr unsigned kBlocks = 0, kFilemarks = 1, kEndOfData = 3;
    if (code == kEndOfData) {
      position_ = end;
      return good();
    }
    if (code != kFilemarks && code != kBlocks) return illegal(asc::invalid_field_in_cdb);
    const auto wanted = static_cast<int64_t>(position_) + count;
    const auto reached = std::clamp<int64_t>(wanted, 0, static_cast<int64_t>(end));
    const bool stopped_by_a_mark = code == kBlocks && reached != static_cast<int64_t>(position_);
    position_ = stopped_by_a_mark ? (count > 0 ? position_ + 1 : position_ - 1) : static_cast<uint64_t>(reached);
    if (stopped_by_a_mark) return check_condition(SenseKey::no_sense, asc::filemark_detected);
    if (wanted < 0) return check_condition(SenseKey::no_sense, asc::beginning_of_partition);
    return reached == wanted ? good() : check_condition(SenseKey::blank_check, asc::end_of_data);
  }

  Reply locate(unsigned destination, uint64_t target, uint64_t end) {
    constexpr unsigned kObject = 0, kFile = 1, kEndOfData = 3;
    if (destination != kObject && destination != kFile && destination != kEndOfData)
      return illegal(asc::invalid_field_in_cdb);
    position_ = destination == kEndOfData ? end : std::min(target, end);
    return destination == kEndOfData || target <= end ? good()
                                                      : check_condition(SenseKey::blank_check, asc::end_of_data);
  }

  Reply read_position(ByteView cdb) const {
    const auto form = decode_cdb_read_position(cdb);
    if (!form) return illegal(asc::invalid_field_in_cdb);
    return good(encode_read_position(*form, {.beginning = position_ == 0, .object = position_, .file = position_}));
  }

  Reply log_sense(ByteView cdb) {
    const uint8_t code = cdb[2] & 0x3f, subpage = cdb[3];
    const auto& pages = traits_.log_pages;
    const bool is_known = code == log_page::supported || std::find(pages.begin(), pages.end(), code) != pages.end();
    if (!is_known || subpage != 0) return illegal(asc::invalid_field_in_cdb);
    const size_t room = be16(cdb, 7);
    switch (code) {
      case log_page::supported: {
        std::vector<uint8_t> all(1 + pages.size(), log_page::supported);  // it is one of them
        std::copy(pages.begin(), pages.end(), all.begin() + 1);
        return good(encode_supported_log_pages(all), room);
      }
      case log_page::dt_device_status:
        return good(
            encode_log_page({code, {{0x0000, encode_dt_device_status(device_status())}, {0x0001, {0x03, 0xe8}}}}),
            room);
      case log_page::tape_alert: return tape_alert(room);
      default: return good(encode_log_page({code, {{0x0000, Bytes(8, 0)}, {0x0001, Bytes(8, 0)}}}), room);
    }
  }

  // Flags that came whole are cleared by reading (SSC-4 8.2.3).
  Reply tape_alert(size_t room) {
    constexpr size_t kHeader = 4, kFlag = 5;
    auto reply = good(encode_log_page(tape_alert_page(alerts_)), room);
    for (size_t flag = 1; flag < alerts_.size() && kHeader + flag * kFlag <= room; ++flag) alerts_.reset(flag);
    return reply;
  }

  DtDeviceStatus device_status() const {
    constexpr uint8_t kNothing = 0, kLoading = 2;
    const bool calibrates = is_calibrating();
    return {.cleaning_requested = wants_cleaning_[alert::cleaning_requested],
            .cleaning_required = wants_cleaning_[alert::cleaning_required],
            .initialized = true,
            .in_transition = calibrates,
            .robot_may_access = !is_loaded(),
            .medium_present = medium() != DriveMedium::none,
            .staged = medium() != DriveMedium::none,
            .threaded = is_loaded(),
            .mounted = is_loaded() && !calibrates,
            .activity = calibrates ? kLoading : kNothing,
            .tape_alert = alerts_.any()};
  }

  Library* library_;
  size_t drive_;
  DriveTraits traits_;
  TapeAlerts alerts_, wants_cleaning_;
  uint64_t seen_loads_ = 0, position_ = 0;
};

}  // namespace

std::unique_ptr<DeviceModel> make_tape_drive(Library* library, size_t drive, DriveTraits traits) {
  return std::make_unique<TapeDrive>(library, drive, std::move(traits));
}

}  // namespace shstore::scsi::target
