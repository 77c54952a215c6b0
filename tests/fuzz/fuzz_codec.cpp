// Every decoder on any bytes: no crash, and nothing that the bytes do not say.
#include <cstdlib>

#include "scsi/inquiry.h"
#include "scsi/log_sense.h"
#include "scsi/medium_changer.h"
#include "scsi/persistent_reserve.h"
#include "scsi/sense.h"
#include "scsi/wire.h"

namespace {

using namespace shstore::scsi;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_keys(ByteView data) {
  const auto keys = decode_read_keys(data);
  if (!keys) return;
  require(keys->keys.size() * 8 + kPrInHeader <= data.size());
  require(keys->truncated == (keys->declared_length > data.size() - kPrInHeader));
  if (!keys->truncated) {
    const auto again = encode_read_keys(keys->generation, keys->keys);
    require(again.size() <= data.size() && std::equal(again.begin(), again.end(), data.begin()));
  }
}

// A cut answer never reads as "nobody holds it".
void check_reservation(ByteView data) {
  const auto read = decode_read_reservation(data);
  if (read) require(read->reservation.has_value() == (read->declared_length != 0));
}

void check_full_status(ByteView data) {
  const auto status = decode_read_full_status(data);
  if (!status) return;
  // The TransportID of the last descriptor may be cut. What is there is never taken for nobody.
  constexpr size_t kDescriptor = 24;
  require(status->registrants.size() * kDescriptor + kPrInHeader <= data.size());
  require(status->truncated || !status->registrants.empty() || status->declared_length == 0);
}

// Every element was there, and what the decoder understood it writes again.
void check_element_status(ByteView data, bool device_ids, bool room_left) {
  const auto status = decode_element_status(data, device_ids, room_left);
  if (!status) return;
  require(status->elements.size() * 12 + 8 <= data.size());
  auto elements = status->elements;
  for (auto& e : elements) {
    (void)(e.device ? device_serial(*e.device) : describe(e.type));
    e.alternate_volume_tag.clear();  // not written
    require(!e.device_cut || !e.device);
    e.device_cut = false;  // nor is a name of which only the beginning came
  }
  constexpr uint32_t kRoom = 0xffffff;
  const auto again = encode_element_status(elements, {.device_ids = device_ids, .allocation_length = kRoom});
  const auto decoded = decode_element_status(again, device_ids);
  require(decoded.has_value() && !decoded->truncated && decoded->elements == elements);
}

void check_element_addresses(ByteView data) {
  if (const auto a = decode_element_addresses6(data)) {
    require(decode_element_addresses6(encode_element_addresses6(*a)).value() == *a);
  }
  if (const auto a = decode_element_addresses10(data)) {
    require(decode_element_addresses10(encode_element_addresses10(*a)).value() == *a);
  }
}

// A parameter is taken whole or not at all, and what was taken is written again.
void check_log_pages(ByteView data) {
  for (const uint8_t code : {log_page::tape_alert, log_page::dt_device_status, log_page::sequential_access_device}) {
    const auto page = decode_log_page(code, data);
    if (!page) continue;
    size_t bytes = 4;
    for (const auto& p : page->parameters) {
      bytes += 4 + p.value.size();
      (void)p.number();
      (void)decode_dt_device_status(p.value);
    }
    require(bytes <= data.size());
    const auto again = decode_log_page(code, encode_log_page(*page));
    require(again.has_value() && again->parameters == page->parameters && !again->truncated);
    const auto alerts = tape_alerts(*page);
    require(tape_alerts(tape_alert_page(alerts)) == alerts);
  }
  if (const auto pages = decode_supported_log_pages(data)) require(pages->size() + 4 <= data.size());
  if (const auto status = decode_dt_device_status(data)) {
    require(decode_dt_device_status(encode_dt_device_status(*status)).value() == *status);
  }
}

void check_wire(ByteView data) {
  if (const auto command = wire::decode_command(data)) {
    const auto frame = wire::frame(*command);
    require(frame.size() == data.size() + wire::kLengthField);
    require(std::equal(data.begin(), data.end(), frame.begin() + wire::kLengthField));
  }
  if (const auto reply = wire::decode_reply(data)) {
    const auto frame = wire::frame(*reply);
    require(std::equal(data.begin(), data.end(), frame.begin() + wire::kLengthField, frame.end()));
  }
  (void)wire::frame_length(data);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const ByteView data(bytes, size);
  check_keys(data);
  check_reservation(data);
  check_full_status(data);
  for (const bool device_ids : {false, true}) {
    for (const bool room_left : {false, true}) check_element_status(data, device_ids, room_left);
  }
  check_element_addresses(data);
  check_log_pages(data);
  check_wire(data);
  (void)decode_report_capabilities(data);
  (void)decode_inquiry(data);
  (void)decode_unit_serial_number(data);
  (void)decode_device_identification(data);
  if (const auto sense = decode_sense(data)) (void)describe(*sense);
  if (const auto id = decode_transport_id(data)) (void)id->text();
  return 0;
}
