#include "scsi/log_sense.h"

#include <fmt/format.h>

#include <algorithm>

namespace shstore::scsi {
namespace {

constexpr size_t kLogPageHeader = 4, kParameterHeader = 4;
constexpr uint8_t kCumulativeValues = 0x40, kBinaryList = 0x03;

Result<ByteView> body(uint8_t page, ByteView data) {
  if (data.size() < kLogPageHeader) {
    return fail(Error::Kind::protocol, fmt::format("LOG SENSE page {:02x}h: {} bytes are no page", page, data.size()));
  }
  if ((data[0] & 0x3f) != page) {
    return fail(Error::Kind::protocol,
                fmt::format("LOG SENSE page {:02x}h: the device sent page {:02x}h", page, data[0] & 0x3f));
  }
  return data.subspan(kLogPageHeader, std::min<size_t>(data.size() - kLogPageHeader, be16(data, 2)));
}

void put_length(Bytes& page) { put_be16(page, 2, static_cast<uint16_t>(page.size() - kLogPageHeader)); }

uint8_t bits(std::initializer_list<std::pair<bool, unsigned>> all) {
  unsigned byte = 0;
  for (const auto& [set, bit] : all) byte |= unsigned{set} << bit;
  return static_cast<uint8_t>(byte);
}

}  // namespace

uint64_t LogParameter::number() const {
  uint64_t n = 0;
  for (const auto byte : value) n = n << 8 | byte;
  return n;
}

const LogParameter* LogPage::find(uint16_t parameter) const {
  const auto found =
      std::find_if(parameters.begin(), parameters.end(), [&](const LogParameter& p) { return p.code == parameter; });
  return found == parameters.end() ? nullptr : &*found;
}

Bytes cdb_log_sense(uint8_t page, uint16_t allocation_length) {
  Bytes cdb(10, 0);
  cdb[0] = kLogSense;
  cdb[2] = static_cast<uint8_t>(kCumulativeValues | page);
  put_be16(cdb, 7, allocation_length);
  return cdb;
}

Result<LogPage> decode_log_page(uint8_t page, ByteView data) {
  const auto rest = body(page, data);
  if (!rest) return tl::make_unexpected(rest.error());
  LogPage decoded{page, {}, be16(data, 2) > rest->size()};
  for (size_t at = 0; at + kParameterHeader <= rest->size();) {
    const size_t length = (*rest)[at + 3];
    if (at + kParameterHeader + length > rest->size()) break;
    const auto value = rest->subspan(at + kParameterHeader, length);
    decoded.parameters.push_back({be16(*rest, at), Bytes(value.begin(), value.end())});
    at += kParameterHeader + length;
  }
  return decoded;
}

Bytes encode_log_page(const LogPage& page) {
  Bytes data{page.code, 0, 0, 0};
  for (const auto& p : page.parameters) {
    const uint8_t header[] = {static_cast<uint8_t>(p.code >> 8), static_cast<uint8_t>(p.code), kBinaryList,
                              static_cast<uint8_t>(p.value.size())};
    append(data, header);
    append(data, p.value);
  }
  put_length(data);
  return data;
}

Result<std::vector<uint8_t>> decode_supported_log_pages(ByteView data) {
  return body(log_page::supported, data).map([](ByteView codes) {
    return std::vector<uint8_t>(codes.begin(), codes.end());
  });
}

Bytes encode_supported_log_pages(const std::vector<uint8_t>& pages) {
  Bytes data{log_page::supported, 0, 0, 0};
  append(data, pages);
  put_length(data);
  return data;
}

Result<DtDeviceStatus> decode_dt_device_status(ByteView value) {
  if (value.size() < 4) {
    return fail(Error::Kind::protocol,
                fmt::format("LOG SENSE page 11h: {} bytes of very high frequency data, not 4", value.size()));
  }
  const auto bit = [&](size_t byte, unsigned number) { return (value[byte] >> number & 1) != 0; };
  return DtDeviceStatus{.cleaning_requested = bit(0, 2),
                        .cleaning_required = bit(0, 1),
                        .initialized = bit(0, 0),
                        .in_transition = bit(1, 7),
                        .robot_may_access = bit(1, 5),
                        .medium_present = bit(1, 4),
                        .staged = bit(1, 2),
                        .threaded = bit(1, 1),
                        .mounted = bit(1, 0),
                        .activity = value[2],
                        .recovery_requested = bit(3, 2),
                        .tape_alert = bit(3, 0)};
}

Bytes encode_dt_device_status(const DtDeviceStatus& s) {
  return {bits({{s.cleaning_requested, 2}, {s.cleaning_required, 1}, {s.initialized, 0}}),
          bits({{s.in_transition, 7},
                {s.robot_may_access, 5},
                {s.medium_present, 4},
                {s.staged, 2},
                {s.threaded, 1},
                {s.mounted, 0}}),
          s.activity, bits({{s.recovery_requested, 2}, {s.tape_alert, 0}})};
}

TapeAlerts tape_alerts(const LogPage& page) {
  TapeAlerts alerts;
  for (const auto& p : page.parameters) {
    if (p.code >= 1 && p.code < alerts.size() && !p.value.empty()) alerts[p.code] = (p.value.back() & 1) != 0;
  }
  return alerts;
}

LogPage tape_alert_page(const TapeAlerts& alerts) {
  LogPage page{log_page::tape_alert, {}};
  for (uint16_t flag = 1; flag < alerts.size(); ++flag) page.parameters.push_back({flag, {uint8_t{alerts[flag]}}});
  return page;
}

}  // namespace shstore::scsi
