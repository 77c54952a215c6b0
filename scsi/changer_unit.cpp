#include "scsi/changer_unit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace shstore::scsi {
namespace {

constexpr const char* kReadElementStatusName = "READ ELEMENT STATUS";
// Elements asked for with one command, and room for each: tag, designator and some vendor bytes. Together
// below the 64 KiB that every host adapter transfers at once.
constexpr uint16_t kPiece = 400;
constexpr uint32_t kRoomForElement = 144;
constexpr uint32_t kHeaders = 16;
constexpr uint32_t kLargestRoom = 4u << 20;

bool is_refused_field(const Reply& reply) {
  const auto sense = decode_sense(reply.sense);
  return reply.status == Status::check_condition && sense && sense->key == SenseKey::illegal_request &&
         asc_ascq(*sense) == asc::invalid_field_in_cdb;
}

bool by_address(const Element& a, const Element& b) {
  return a.address < b.address;
}

struct Refusal {
  SenseKey key;
  uint16_t code;
  MoveResult result;
};

constexpr std::array kRefusals = {
    Refusal{SenseKey::illegal_request, asc::medium_destination_full, MoveResult::destination_full},
    Refusal{SenseKey::illegal_request, asc::medium_source_empty, MoveResult::source_empty},
    Refusal{SenseKey::illegal_request, asc::invalid_element_address, MoveResult::invalid_address},
    Refusal{SenseKey::illegal_request, asc::medium_removal_prevented, MoveResult::removal_prevented},
    Refusal{SenseKey::illegal_request, asc::drive_not_unloaded, MoveResult::drive_not_unloaded},
    Refusal{SenseKey::illegal_request, asc::medium_magazine_not_accessible, MoveResult::magazine_missing},
    Refusal{SenseKey::illegal_request, asc::medium_magazine_removed, MoveResult::magazine_missing},
    Refusal{SenseKey::illegal_request, asc::element_disabled, MoveResult::element_disabled},
};

std::optional<MoveResult> find_refusal(const Sense& sense) {
  if (sense.key == SenseKey::not_ready) return MoveResult::not_ready;
  for (const auto& row : kRefusals) {
    if (row.key == sense.key && row.code == asc_ascq(sense)) return row.result;
  }
  return std::nullopt;
}

// What a library may not know is given up one after the other, dear last.
std::vector<ElementStatusRequest> from_rich_to_poor(const ElementStatusRequest& wanted) {
  std::vector<ElementStatusRequest> all;
  for (const unsigned given_up : {0u, 1u, 2u, 3u, 4u, 5u, 6u, 7u}) {
    auto r = wanted;
    r.current_data = wanted.current_data && (given_up & 1) == 0;
    r.device_ids = wanted.device_ids && (given_up & 2) == 0;
    r.volume_tags = wanted.volume_tags && (given_up & 4) == 0;
    if (std::find(all.begin(), all.end(), r) == all.end()) all.push_back(r);
  }
  return all;
}

}  // namespace

// What is known about the library while it is read.
struct MediumChanger::Reading {
  std::chrono::milliseconds deadline;
  bool volume_tags = true, device_ids = true, current_data = true;
};

Result<ElementAddresses> MediumChanger::element_addresses() {
  constexpr uint8_t kRoom = 252;
  const char* name = "MODE SENSE (element address assignment)";
  const auto placed = [&](Error e) {
    if (e.kind == Error::Kind::protocol) e.message = fmt::format("{}: {}", path(), e.message);
    return e;
  };
  const auto six = unit_.data_in(cdb_mode_sense6(kElementAddressAssignment, kRoom), kRoom, name);
  if (six) return decode_element_addresses6(*six).map_error(placed);
  if (six.error().kind != Error::Kind::unsupported) return tl::make_unexpected(six.error());
  return unit_.data_in(cdb_mode_sense10(kElementAddressAssignment, kRoom), kRoom, name)
      .and_then([](const Bytes& b) { return decode_element_addresses10(b); })
      .map_error(placed);
}

Result<LibraryStatus> MediumChanger::read_element_status(std::chrono::milliseconds deadline) {
  const auto addresses = element_addresses();
  if (!addresses) {
    // An exclusive reservation of another host refuses this page, but not the current data itself.
    // And a library without the page, or with a broken one, can be asked for every address that there could
    // be.
    const auto kind = addresses.error().kind;
    const bool can_do_without =
        kind == Error::Kind::unsupported || kind == Error::Kind::refused || kind == Error::Kind::protocol;
    if (!can_do_without) return tl::make_unexpected(addresses.error());
  }
  Reading reading{deadline};
  LibraryStatus status;
  for (const auto& [type, list] : {std::pair{ElementType::medium_transport, &status.medium_transport},
                                   {ElementType::storage, &status.storage},
                                   {ElementType::import_export, &status.import_export},
                                   {ElementType::data_transfer, &status.data_transfer}}) {
    const auto range = addresses ? addresses->of(type) : ElementRange{0, 0xffff};
    auto elements = read_type(type, range, reading);
    if (!elements) return tl::make_unexpected(elements.error());
    *list = std::move(*elements);
  }
  status.volume_tags = reading.volume_tags;
  status.device_ids = reading.device_ids;
  return status;
}

Result<std::vector<Element>> MediumChanger::read_type(ElementType type, ElementRange range,
                                                      Reading& reading) {
  std::vector<Element> all;
  uint32_t room = 0;
  for (uint32_t next = range.first, left = range.count; left > 0;) {
    const auto asked = std::min<uint32_t>(left, kPiece);
    room = std::max(room, kHeaders + asked * kRoomForElement);
    const auto status = read_piece({.type = type,
                                    .first = static_cast<uint16_t>(next),
                                    .count = static_cast<uint16_t>(asked),
                                    .volume_tags = reading.volume_tags,
                                    .current_data = reading.current_data,
                                    .device_ids = reading.device_ids && type == ElementType::data_transfer,
                                    .allocation_length = room},
                                   reading);
    if (!status) return tl::make_unexpected(status.error());
    const auto before = all.size();
    std::copy_if(status->elements.begin(), status->elements.end(), std::back_inserter(all),
                 [&](const Element& e) { return e.type == type && e.address >= next; });
    const auto got = all.size() - before;
    if (got == 0 && status->truncated && status->declared_length + kHeaders > room && room < kLargestRoom) {
      room = std::min(status->declared_length + kHeaders, kLargestRoom);  // not one fits
      continue;
    }
    if (got == 0 && (status->truncated || !status->elements.empty())) {
      return fail(Error::Kind::protocol,
                  fmt::format("{}: {}: asked for the {}s from {} on, the library sends others", path(),
                              kReadElementStatusName, describe(type), next));
    }
    if (got == 0 || (got < asked && !status->truncated)) break;
    const auto last = std::max_element(all.begin(), all.end(), by_address)->address;
    left -= std::min<uint32_t>(left, last + 1u - next);
    next = last + 1u;
    if (next > 0xffff) break;
  }
  std::sort(all.begin(), all.end(), by_address);
  const auto same = [](const Element& a, const Element& b) { return a.address == b.address; };
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  return all;
}

Result<ElementStatus> MediumChanger::read_piece(ElementStatusRequest wanted, Reading& reading) {
  for (const auto& request : from_rich_to_poor(wanted)) {
    auto cdb = cdb_read_element_status(request);
    const auto reply = unit_.execute({std::move(cdb), {}, request.allocation_length, reading.deadline},
                                     kReadElementStatusName);
    if (!reply) return tl::make_unexpected(reply.error());
    if (is_refused_field(*reply)) continue;
    if (reply->status != Status::good) return unit_.unexpected_reply(*reply, kReadElementStatusName);
    reading.volume_tags = request.volume_tags;
    reading.current_data = request.current_data;
    if (request.type == ElementType::data_transfer) reading.device_ids = request.device_ids;
    const bool room_left = reply->data_in.size() < request.allocation_length;
    auto status = decode_element_status(reply->data_in, request.device_ids);
    const bool no_progress = status && status->truncated && status->elements.empty();
    if (no_progress && room_left) status = decode_element_status(reply->data_in, request.device_ids, room_left);
    return status.map_error([&](Error e) {
      e.message = fmt::format("{}: {}", path(), e.message);
      return e;
    });
  }
  return fail(Error::Kind::unsupported,
              fmt::format("{}: {} is refused in every form ({}). Is this the library's robot?", path(),
                          kReadElementStatusName, "Illegal Request, 24/00 (invalid field in CDB)"));
}

Result<MoveOutcome> MediumChanger::motion(Bytes cdb, const char* name, std::chrono::milliseconds deadline) {
  const auto reply = unit_.execute({std::move(cdb), {}, 0, deadline}, name);
  if (!reply) {
    auto error = reply.error();
    if (error.kind == Error::Kind::interrupted) return tl::make_unexpected(error);
    error.message += ". The robot may still be moving: read its element status before anything else";
    return tl::make_unexpected(error);
  }
  if (reply->status == Status::good) return MoveOutcome{};
  if (reply->status == Status::reservation_conflict) return MoveOutcome{MoveResult::reservation_conflict, {}};
  const auto sense = decode_sense(reply->sense);
  const auto refusal = sense ? find_refusal(*sense) : std::nullopt;
  if (!refusal) return unit_.unexpected_reply(*reply, name);
  return MoveOutcome{*refusal, *sense};
}

Result<MoveOutcome> MediumChanger::move_medium(const MoveMedium& move, std::chrono::milliseconds deadline) {
  return motion(cdb_move_medium(move), "MOVE MEDIUM", deadline);
}

Result<MoveOutcome> MediumChanger::initialize_element_status(std::chrono::milliseconds deadline) {
  return motion(cdb_initialize_element_status(), "INITIALIZE ELEMENT STATUS", deadline);
}

std::string explain(const MoveOutcome& outcome, const MoveMedium& move) {
  const auto from_to = fmt::format("element {} to element {}", move.source, move.destination);
  switch (outcome.result) {
    case MoveResult::done:
      return {};
    case MoveResult::reservation_conflict:
      return fmt::format("{}: another host has reserved the robot; wait until its move is done", from_to);
    case MoveResult::destination_full:
      return fmt::format(
          "{}: there is a medium in element {} already; somebody has moved one since the library's "
          "contents were read (\"update slots\" in bconsole reads them again)",
          from_to, move.destination);
    case MoveResult::source_empty:
      return fmt::format(
          "{}: there is no medium in element {}; somebody has moved it since the library's contents "
          "were read (\"update slots\" in bconsole reads them again)",
          from_to, move.source);
    case MoveResult::invalid_address:
      return fmt::format("{}: the library has no such element; it numbers them in its own way", from_to);
    case MoveResult::not_ready:
      return fmt::format("{}: the library is not ready: {}. Is its door open, or is it taking stock?",
                         from_to, describe(outcome.sense));
    case MoveResult::removal_prevented:
      return fmt::format("{}: a host has locked the medium into the drive, which is in use there", from_to);
    case MoveResult::drive_not_unloaded:
      return fmt::format(
          "{}: this library takes a medium only from a drive that was unloaded first "
          "(mt -f <archive device> offline, on the host that uses the drive)",
          from_to);
    case MoveResult::magazine_missing:
      return fmt::format("{}: the element's magazine is not in the library or cannot be reached ({})",
                         from_to, describe(outcome.sense));
    case MoveResult::element_disabled:
      return fmt::format("{}: the library has disabled one of the two; its operator panel says why", from_to);
  }
  return {};
}

}  // namespace shstore::scsi
