// A robot whose answers a test writes down.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "scsi/changer_unit.h"
#include "support.h"

namespace shstore::scsi {

inline constexpr const char* kModeSense = "1a 08 1d 00 fc 00";
inline constexpr const char* kModeSenseTen = "5a 08 1d 00 00 00 00 00 fc 00";
inline constexpr const char* kMove = "a5 00 00 01 04 00 01 00 00 00 00 00";
inline constexpr MoveMedium kSlotToDrive{1, 0x400, 0x100, false};

inline Element slot(uint16_t address) {
  return {.type = ElementType::storage, .address = address, .full = true, .volume_tag = fmt::format("A{:05}", address)};
}
inline Element drive(uint16_t address) {
  return {.type = ElementType::data_transfer, .address = address, .device = Designator{2, 0, 0, {'S', '1'}}};
}

class Changer : public testing::Test {
 protected:
  ScriptedTransport device;
  LogicalUnit unit{device, [](auto) {}};
  MediumChanger changer{unit};

  void expect_addresses(const ElementAddresses& addresses) {
    device.expect(kModeSense, Reply{Status::good, {}, encode_element_addresses6(addresses)});
  }
  void expect_status(const ElementStatusRequest& request, const std::vector<Element>& answer) {
    device.expect(to_hex(cdb_read_element_status(request)),
                  Reply{Status::good, {}, encode_element_status(answer, request)});
  }
  void refuse_status(const ElementStatusRequest& request, uint16_t code = asc::invalid_field_in_cdb) {
    device.expect(to_hex(cdb_read_element_status(request)), sense_reply(SenseKey::illegal_request, code));
  }
  static ElementStatusRequest asks(ElementType type, uint16_t first, uint16_t count) {
    return {.type = type,
            .first = first,
            .count = count,
            .device_ids = type == ElementType::data_transfer,
            .allocation_length = 16 + count * 144u};
  }
  // The second question, for the identifiers alone.
  static ElementStatusRequest alone(ElementStatusRequest r) {
    r.volume_tags = false;
    r.device_ids = true;
    return r;
  }
  static ElementStatusRequest without_ids(ElementStatusRequest r) {
    r.device_ids = false;
    return r;
  }
};

}  // namespace shstore::scsi
