// The robot of a library (SMC-3).
#include "scsi/target/device_model.h"
#include "scsi/target/replies.h"

namespace shstore::scsi::target {
namespace {

class Robot final : public DeviceModel {
 public:
  Robot(Library& library, std::chrono::milliseconds move_time) : library_(library), move_time_(move_time) {}

  uint8_t type() const override { return kMediumChanger; }
  std::optional<CommandRule> find_command(ByteView cdb) const override { return find_changer_command(cdb); }

  Reply execute(ByteView cdb, Handling handling) override {
    switch (handling) {
      case Handling::test_unit_ready: return good();
      case Handling::initialize_element_status: return good();  // it knows all its barcodes
      case Handling::mode_sense: return mode_sense(cdb);
      case Handling::read_element_status: return read_element_status(cdb);
      case Handling::move_medium: return move_medium(decode_cdb_move_medium(cdb));
      default: return illegal(asc::invalid_operation_code);
    }
  }

  // A refused move is refused at once.
  std::chrono::milliseconds motion(ByteView cdb, Handling handling) const override {
    const bool moves = handling == Handling::move_medium && !library_.refusal(decode_cdb_move_medium(cdb));
    return moves ? move_time_ : std::chrono::milliseconds{0};
  }

 private:
  Reply mode_sense(ByteView cdb) const {
    constexpr uint8_t kAllPages = 0x3f;
    const uint8_t page = cdb[2] & 0x3f;
    const uint8_t control = cdb[2] >> 6;
    constexpr uint8_t kCurrent = 0, kDefault = 2;
    const bool known = (page == kElementAddressAssignment || page == kAllPages) && cdb[3] == 0;
    if (!known || (control != kCurrent && control != kDefault)) return illegal(asc::invalid_field_in_cdb);
    if (cdb[0] == kModeSense6) return good(encode_element_addresses6(library_.addresses()), cdb[4]);
    return good(encode_element_addresses10(library_.addresses()), be16(cdb, 7));
  }

  Reply read_element_status(ByteView cdb) const {
    const auto request = decode_cdb_read_element_status(cdb);
    if (request.type > ElementType::data_transfer) return illegal(asc::invalid_field_in_cdb);
    return good(encode_element_status(library_.elements(request), request));
  }

  Reply move_medium(const MoveMedium& move) {
    if (const auto refused = library_.refusal(move)) return illegal(*refused);
    library_.move(move);
    return good();
  }

  Library& library_;
  std::chrono::milliseconds move_time_;
};

}  // namespace

std::unique_ptr<DeviceModel> make_robot(Library& library, std::chrono::milliseconds move_time) {
  return std::make_unique<Robot>(library, move_time);
}

}  // namespace shstore::scsi::target
