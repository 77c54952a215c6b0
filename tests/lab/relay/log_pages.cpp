#include "log_pages.h"

#include "answer.h"

namespace relay {
namespace {

constexpr size_t kPageHeader = 4, kAlertBytes = 5;  // one TapeAlert parameter

void parameter(std::vector<uint8_t>& page, uint16_t code, unsigned bytes, uint64_t value) {
  const size_t at = page.size();
  page.resize(at + 4 + bytes);
  put_number(&page[at], 2, code);
  page[at + 2] = 0x03;  // a list in binary
  page[at + 3] = static_cast<uint8_t>(bytes);
  put_number(&page[at + 4], bytes, value);
}

// ADC-3, very high frequency data.
uint32_t device_status(const LogState& state) {
  enum : uint32_t {
    kInitialized = 0x01000000,
    kInTransition = 0x00800000,
    kRobotMayAccess = 0x00200000,
    kPresent = 0x00100000,
    kStaged = 0x00040000,
    kThreaded = 0x00020000,
    kMounted = 0x00010000,
    kBeingLoaded = 0x00000200,
    kAlert = 0x00000001
  };
  uint32_t value = kInitialized;
  if (state.has_medium) value |= kPresent | kStaged;
  if (state.is_calibrating) {
    value |= kInTransition | kThreaded | kBeingLoaded;
  } else {
    value |= state.is_mounted ? kThreaded | kMounted : kRobotMayAccess;
  }
  if (state.alerts.any()) value |= kAlert;
  return value;
}

}  // namespace

std::optional<std::vector<uint8_t>> log_page(uint8_t code, const LogState& state) {
  std::vector<uint8_t> page(kPageHeader);
  page[0] = code;
  switch (code) {
    case 0x00: page.insert(page.end(), {0x00, 0x0c, 0x11, 0x2e}); break;
    case 0x0c:
      parameter(page, 0x0000, 8, state.bytes_written);
      parameter(page, 0x0001, 8, state.bytes_written);
      parameter(page, 0x0002, 8, state.bytes_read);
      parameter(page, 0x0003, 8, state.bytes_read);
      break;
    case 0x11:
      parameter(page, 0x0000, 4, device_status(state));
      parameter(page, 0x0001, 2, 1000);  // ms between two looks
      break;
    case 0x2e:
      for (uint16_t flag = 1; flag <= 64; flag++) parameter(page, flag, 1, state.alerts[flag]);
      break;
    default: return std::nullopt;
  }
  put_number(&page[2], 2, page.size() - kPageHeader);
  return page;
}

void clear_alerts_read(LogState& state, size_t bytes) {
  for (size_t flag = 1; flag <= 64; flag++)
    if (kPageHeader + flag * kAlertBytes <= bytes) state.alerts.reset(flag);
}

}  // namespace relay
