#include "scsi/inquiry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "scsi/base/printable.h"
#include "scsi/base/trimmed.h"

namespace shstore::scsi {
namespace {

constexpr size_t kStandardInquiryLength = 36;
constexpr size_t kVpdHeader = 4;

std::string text_of(ByteView field) {
  std::string text;
  for (const uint8_t c : field) text.push_back(c >= 0x20 && c < 0x7f ? static_cast<char>(c) : ' ');
  return base::printable(base::trimmed(text, " "));
}

void put_padded(std::span<uint8_t> field, std::string_view text) {
  std::fill(field.begin(), field.end(), uint8_t{' '});
  std::copy_n(text.begin(), std::min(text.size(), field.size()), field.begin());
}

// The page's body, cut to what was declared and to what was received; a page that is not the one asked for is an
// error, because devices that ignore EVPD answer with standard INQUIRY data.
Result<ByteView> vpd_body(ByteView data, VpdPage page) {
  if (data.size() < kVpdHeader) {
    return fail(Error::Kind::protocol, fmt::format("vital product data page {:02x}h: only {} bytes",
                                                   static_cast<unsigned>(page), data.size()));
  }
  if (data[1] != static_cast<uint8_t>(page)) {
    return fail(Error::Kind::protocol, fmt::format("asked for vital product data page {:02x}h, got page {:02x}h",
                                                   static_cast<unsigned>(page), data[1]));
  }
  const size_t declared = be16(data, 2);
  if (declared > data.size() - kVpdHeader) {
    return fail(Error::Kind::protocol, fmt::format("vital product data page {:02x}h: {} bytes declared, {} received",
                                                   static_cast<unsigned>(page), declared, data.size() - kVpdHeader));
  }
  return data.subspan(kVpdHeader, declared);
}

Bytes vpd_page(uint8_t device_type, VpdPage page, ByteView body) {
  Bytes data(kVpdHeader, 0);
  data[0] = device_type;
  data[1] = static_cast<uint8_t>(page);
  put_be16(data, 2, static_cast<uint16_t>(body.size()));
  append(data, body);
  return data;
}

std::string hex(ByteView bytes) {
  std::string text;
  for (const uint8_t b : bytes) text += fmt::format("{:02x}", b);
  return text;
}

}  // namespace

Bytes cdb_test_unit_ready() { return Bytes(6, 0); }

Bytes cdb_inquiry(uint16_t allocation_length) {
  Bytes cdb = {kInquiry, 0, 0, 0, 0, 0};
  put_be16(cdb, 3, allocation_length);
  return cdb;
}

Bytes cdb_inquiry(VpdPage page, uint16_t allocation_length) {
  Bytes cdb = cdb_inquiry(allocation_length);
  cdb[1] = 0x01;  // EVPD
  cdb[2] = static_cast<uint8_t>(page);
  return cdb;
}

Result<StandardInquiry> decode_inquiry(ByteView data) {
  if (data.size() < kStandardInquiryLength) {
    return fail(Error::Kind::protocol,
                fmt::format("standard INQUIRY data: {} bytes, SPC-4 requires {}", data.size(), kStandardInquiryLength));
  }
  StandardInquiry inquiry;
  inquiry.peripheral_qualifier = data[0] >> 5;
  inquiry.device_type = data[0] & 0x1f;
  inquiry.removable = (data[1] & 0x80) != 0;
  inquiry.vendor = text_of(data.subspan(8, 8));
  inquiry.product = text_of(data.subspan(16, 16));
  inquiry.revision = text_of(data.subspan(32, 4));
  return inquiry;
}

Bytes encode_inquiry(const StandardInquiry& inquiry) {
  Bytes data(kStandardInquiryLength, 0);
  data[0] = static_cast<uint8_t>(inquiry.peripheral_qualifier << 5 | (inquiry.device_type & 0x1f));
  data[1] = inquiry.removable ? 0x80 : 0x00;
  data[2] = 0x06;  // VERSION: SPC-4
  data[3] = 0x02;  // RESPONSE DATA FORMAT
  data[4] = kStandardInquiryLength - 5;
  const std::span<uint8_t> bytes(data);
  put_padded(bytes.subspan(8, 8), inquiry.vendor);
  put_padded(bytes.subspan(16, 16), inquiry.product);
  put_padded(bytes.subspan(32, 4), inquiry.revision);
  return data;
}

Result<std::string> decode_unit_serial_number(ByteView data) {
  return vpd_body(data, VpdPage::unit_serial_number).map(text_of);
}

Bytes encode_unit_serial_number(uint8_t device_type, const std::string& serial) {
  const Bytes body(serial.begin(), serial.end());
  return vpd_page(device_type, VpdPage::unit_serial_number, body);
}

std::string Designator::text() const {
  switch (type) {
    case 1: return "t10." + text_of(identifier);
    case 2: return "eui." + hex(identifier);
    case 3: return "naa." + hex(identifier);
    case 8: return text_of(identifier);
    default: return hex(identifier);
  }
}

Result<std::vector<Designator>> decode_device_identification(ByteView data) {
  const auto body = vpd_body(data, VpdPage::device_identification);
  if (!body) return tl::make_unexpected(body.error());
  std::vector<Designator> designators;
  for (ByteView rest = *body; !rest.empty();) {
    if (rest.size() < 4 || rest.size() < 4u + rest[3]) {
      return fail(Error::Kind::protocol, "device identification page: the last descriptor is cut off");
    }
    Designator d;
    d.code_set = rest[0] & 0x0f;
    d.association = rest[1] >> 4 & 0x03;
    d.type = rest[1] & 0x0f;
    const auto identifier = rest.subspan(4, rest[3]);
    d.identifier.assign(identifier.begin(), identifier.end());
    rest = rest.subspan(4u + rest[3]);
    designators.push_back(std::move(d));
  }
  return designators;
}

Bytes encode_device_identification(uint8_t device_type, const std::vector<Designator>& designators) {
  Bytes body;
  for (const auto& d : designators) {
    body.push_back(d.code_set & 0x0f);
    body.push_back(static_cast<uint8_t>(d.association << 4 | (d.type & 0x0f)));
    body.push_back(0);
    body.push_back(static_cast<uint8_t>(d.identifier.size()));
    append(body, d.identifier);
  }
  return vpd_page(device_type, VpdPage::device_identification, body);
}

std::string device_type_text(uint8_t device_type) {
  static constexpr std::array<std::string_view, 9> kNames = {"disk",
                                                             "tape",
                                                             "printer",
                                                             "processor",
                                                             "write once optical disk",
                                                             "cd/dvd",
                                                             "scanner",
                                                             "optical memory device",
                                                             "medium changer"};
  if (device_type < kNames.size()) return std::string(kNames[device_type]);
  return fmt::format("0x{:x}", device_type);
}

}  // namespace shstore::scsi
