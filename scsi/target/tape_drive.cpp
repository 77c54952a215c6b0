// A tape drive as far as the lock and the robot need one: there is a tape or not. Data is not simulated.
#include "scsi/target/device_model.h"
#include "scsi/target/replies.h"

namespace shstore::scsi::target {
namespace {

class TapeDrive final : public DeviceModel {
 public:
  TapeDrive(Library* library, size_t drive) : library_(library), drive_(drive) {}

  uint8_t type() const override { return kTape; }
  std::optional<CommandRule> find_command(ByteView cdb) const override { return find_tape_command(cdb); }

  Reply execute(ByteView cdb, Handling handling) override {
    switch (handling) {
      case Handling::test_unit_ready:
        return is_loaded() ? good() : empty();
      case Handling::load_unload:
        return load_unload((cdb[4] & 0x01) != 0);
      case Handling::needs_medium:
        return is_loaded() ? illegal(asc::invalid_operation_code) : empty();
      default:
        return illegal(asc::invalid_operation_code);
    }
  }

 private:
  static Reply empty() { return check_condition(SenseKey::not_ready, asc::medium_not_present); }
  DriveMedium medium() const { return library_ ? library_->medium(drive_) : DriveMedium::none; }
  bool is_loaded() const { return medium() == DriveMedium::loaded; }

  // A tape that waits in the drive's mouth can be loaded again; to everything else the drive is empty.
  Reply load_unload(bool load) {
    if (medium() == DriveMedium::none) return empty();
    if (load) {
      library_->load(drive_);
      return good();
    }
    if (!is_loaded()) return empty();
    library_->unload(drive_);
    return good();
  }

  Library* library_;
  size_t drive_;
};

}  // namespace

std::unique_ptr<DeviceModel> make_tape_drive(Library* library, size_t drive) {
  return std::make_unique<TapeDrive>(library, drive);
}

}  // namespace shstore::scsi::target
