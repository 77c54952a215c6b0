#include "scsi/changer_unit.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

namespace shstore::scsi {
namespace {

constexpr const char* kReadElementStatusName = "READ ELEMENT STATUS";
// Elements asked for with one command, and room for each: tag, designator and some vendor bytes. Together
// below the 64 KiB that every host adapter transfers at once.
constexpr uint16_t kPiece = 400;
constexpr uint32_t kRoomForElement = 144;
constexpr uint32_t kHeaders = 16;
constexpr uint32_t kLargestRoom = 4u << 20;
// A library that answers one element at a time is not asked 65,535 times.
constexpr unsigned kMostCommands = 1000;

std::optional<Sense> refusal_of(const Reply& reply) {
  return reply.status == Status::check_condition ? decode_sense(reply.sense) : std::nullopt;
}

bool by_address(const Element& a, const Element& b) { return a.address < b.address; }

std::vector<ElementType> all_types() {
  return {ElementType::medium_transport, ElementType::storage, ElementType::import_export, ElementType::data_transfer};
}

std::vector<Element>& list_of(LibraryStatus& status, ElementType type) {
  switch (type) {
    case ElementType::medium_transport: return status.medium_transport;
    case ElementType::import_export: return status.import_export;
    case ElementType::data_transfer: return status.data_transfer;
    default: return status.storage;
  }
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

// Of the elements that were asked for; what it says of others it still says.
bool fails_one_page(SenseKey key) {
  return key == SenseKey::medium_error || key == SenseKey::hardware_error || key == SenseKey::aborted_command;
}

std::string sentence(const Sense& sense) {
  const auto row = find_robot_sense(sense);
  return row ? std::string(row->sentence) : describe(sense);
}

}  // namespace

// What is known about the library while it is read.
struct MediumChanger::Reading {
  explicit Reading(std::chrono::milliseconds most) : until(Clock::now() + most), deadline(most) {}

  void flaw(std::string text) {
    if (said.insert(text).second) flaws.push_back(std::move(text));
  }
  std::chrono::milliseconds left() const { return std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()); }

  using Clock = std::chrono::steady_clock;
  Clock::time_point until;
  std::chrono::milliseconds deadline;
  bool volume_tags = true, device_ids = true, current_data = true;
  bool no_robot = false;  // it does not know the command at all
  unsigned commands = 0;
  std::vector<std::string> flaws{};  // each once: pieces repeat them
  std::set<std::string> said{};
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

Result<LibraryStatus> MediumChanger::read_element_status(std::chrono::milliseconds deadline, bool identities) {
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
  std::optional<Error> first;
  bool anything = false;
  for (const auto type : all_types()) {
    const auto range = addresses ? addresses->of(type) : ElementRange{0, 0xffff};
    auto elements = read_type(type, range, reading);
    if (!elements) {
      const auto kind = elements.error().kind;
      const bool only_this = !reading.no_robot && (kind == Error::Kind::protocol || kind == Error::Kind::unsupported);
      if (!only_this) return tl::make_unexpected(elements.error());
      reading.flaw(fmt::format("the {}s could not be read: {}", describe(type), elements.error().message));
      status.unread.push_back(type);
      if (!first) first = elements.error();
      continue;
    }
    anything = anything || !elements->empty();
    const bool places = type == ElementType::storage || type == ElementType::data_transfer;
    if (addresses && places && elements->size() < range.count) {
      reading.flaw(fmt::format("the library has {} {}s by its mode page and told of {}", range.count, describe(type),
                               elements->size()));
    }
    list_of(status, type) = std::move(*elements);
  }
  if (first && !anything) return tl::make_unexpected(*first);
  if (identities) read_identities(status.data_transfer, reading);
  status.volume_tags = reading.volume_tags;
  status.device_ids = reading.device_ids;
  status.flaws = std::move(reading.flaws);
  return status;
}

Result<std::vector<Element>> MediumChanger::read_type(ElementType type, ElementRange range, Reading& reading) {
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
    if (got == 0 && all.empty() && type == ElementType::data_transfer && reading.device_ids) {
      reading.device_ids = false;  // with identifiers it tells nothing of use: read_identities() asks for them alone
      continue;
    }
    if (got == 0 && (status->truncated || !status->elements.empty())) {
      return fail(Error::Kind::protocol, fmt::format("{}: {}: asked for the {}s from {} on, the library sends others",
                                                     path(), kReadElementStatusName, describe(type), next));
    }
    if (got == 0 && all.empty() && !status->flaws.empty()) {
      return fail(Error::Kind::protocol,
                  fmt::format("{}: {}: {}", path(), kReadElementStatusName, status->flaws.front()));
    }
    for (const auto& flaw : status->flaws) reading.flaw(flaw);
    if (got == 0 || (got < asked && !status->truncated)) break;
    const auto last = std::max_element(all.begin(), all.end(), by_address)->address;
    left -= std::min<uint32_t>(left, last + 1u - next);
    next = last + 1u;
    if (next > 0xffff) break;
    if (left > 0 && reading.commands >= kMostCommands) {
      return fail(
          Error::Kind::protocol,
          fmt::format("{}: {}: the library answers in such small pieces that {} commands brought {} of {} {}s", path(),
                      kReadElementStatusName, reading.commands, all.size(), range.count, describe(type)));
    }
  }
  // Of an element that is there twice the full one counts: nothing is to be put there.
  std::stable_sort(all.begin(), all.end(), [](const Element& a, const Element& b) {
    return a.address != b.address ? a.address < b.address : a.full && !b.full;
  });
  const auto same = [&](const Element& a, const Element& b) {
    if (a.address != b.address) return false;
    if (a != b) reading.flaw(fmt::format("{} {} is reported twice, and differently", describe(type), a.address));
    return true;
  };
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  return all;
}

Result<ElementStatus> MediumChanger::read_piece(ElementStatusRequest wanted, Reading& reading) {
  std::string refused_with;
  for (const auto& request : from_rich_to_poor(wanted)) {
    if (reading.left().count() <= 0) {
      return fail(Error::Kind::timeout, fmt::format("{}: the library's elements were not all told within {} s", path(),
                                                    std::chrono::ceil<std::chrono::seconds>(reading.deadline).count()));
    }
    ++reading.commands;
    auto cdb = cdb_read_element_status(request);
    const auto reply =
        unit_.execute({std::move(cdb), {}, request.allocation_length, reading.left()}, kReadElementStatusName);
    if (!reply) return tl::make_unexpected(reply.error());
    if (const auto sense = refusal_of(*reply); sense && sense->key == SenseKey::illegal_request) {
      if (asc_ascq(*sense) == asc::invalid_operation_code) {
        reading.no_robot = true;
        return unit_.unexpected_reply(*reply, kReadElementStatusName);
      }
      refused_with = describe(*sense);
      if (asc_ascq(*sense) == asc::invalid_element_address) break;
      continue;  // 24/00 it should be, and not always is
    }
    if (reply->status != Status::good) {
      auto error = unit_.unexpected_reply(*reply, kReadElementStatusName).value();
      if (const auto sense = refusal_of(*reply); sense && fails_one_page(sense->key))
        error.kind = Error::Kind::protocol;
      return tl::make_unexpected(error);
    }
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
                          kReadElementStatusName, refused_with));
}

// Asked without volume tags, and of the answer nothing but the identifiers is used: IBM's libraries set its other fields to
// what is not so. A library that does not know this either leaves its drives without a name.
void MediumChanger::read_identities(std::vector<Element>& drives, Reading& reading) {
  const bool lacking = std::any_of(drives.begin(), drives.end(), [](const Element& e) { return !e.device; });
  if (!lacking) return;
  for (uint32_t next = drives.front().address, last = drives.back().address;
       next <= last && reading.commands < kMostCommands;) {
    const auto count = static_cast<uint16_t>(std::min<uint32_t>(last - next + 1, kPiece));
    ElementStatusRequest request{.type = ElementType::data_transfer,
                                 .first = static_cast<uint16_t>(next),
                                 .count = count,
                                 .volume_tags = false,
                                 .current_data = reading.current_data,
                                 .device_ids = true,
                                 .allocation_length = kHeaders + count * kRoomForElement};
    std::optional<Reply> good;
    for (const bool current : {true, false}) {
      if (current && !reading.current_data) continue;
      request.current_data = current;
      if (reading.left().count() <= 0) return;
      ++reading.commands;
      auto reply = unit_.execute({cdb_read_element_status(request), {}, request.allocation_length, reading.left()},
                                 kReadElementStatusName);
      if (reply && reply->status == Status::good) good = std::move(*reply);
      if (!reply || good) break;
    }
    if (!good) return;
    const auto answer = decode_element_status(good->data_in, true, good->data_in.size() < request.allocation_length);
    if (!answer) return;
    uint32_t reached = 0;
    for (const auto& e : answer->elements) {
      if (e.type == ElementType::data_transfer && e.address >= next) reached = std::max<uint32_t>(reached, e.address);
    }
    next = reached == 0 ? next + count : reached + 1;  // where it tells nothing there is nothing
    for (auto& drive : drives) {
      const auto named = std::find_if(answer->elements.begin(), answer->elements.end(), [&](const Element& e) {
        return e.type == ElementType::data_transfer && e.address == drive.address;
      });
      if (drive.device || named == answer->elements.end()) continue;
      drive.device = named->device;
      drive.device_cut = drive.device_cut || named->device_cut;
      if (named->device) reading.device_ids = true;
    }
  }
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
  const auto sense = refusal_of(*reply);
  const auto refusal = sense ? find_robot_sense(*sense) : std::nullopt;
  if (!refusal) return unit_.unexpected_reply(*reply, name);
  return MoveOutcome{refusal->result, *sense};
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
    case MoveResult::done: return {};
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
    case MoveResult::needs_operator:
    case MoveResult::wrong_medium:
      return fmt::format("{}: the library {}: {} ({})", from_to,
                         outcome.result == MoveResult::wrong_medium ? "refuses the cartridge" : "is not ready",
                         sentence(outcome.sense), describe(outcome.sense));
    case MoveResult::removal_prevented:
      return fmt::format("{}: a host has locked the medium into the drive, which is in use there", from_to);
    case MoveResult::drive_not_unloaded:
      return fmt::format(
          "{}: the drive has not let go of its tape ({}). \"offline=1\" in shstore-changer.conf has every tape unloaded in its "
          "drive before the robot takes it; by hand, on the host that uses the drive: mt -f <archive device> offline",
          from_to, describe(outcome.sense));
    case MoveResult::arm_full:
      return fmt::format(
          "{}: the robot has a tape in its hand ({}). \"inventory\" names it, and \"transfer arm SLOT\" puts "
          "it into a slot",
          from_to, describe(outcome.sense));
    case MoveResult::magazine_missing:
      return fmt::format("{}: the element's magazine is not in the library or cannot be reached ({})", from_to,
                         describe(outcome.sense));
    case MoveResult::element_disabled:
      return fmt::format("{}: {} ({}); the library's operator panel says why", from_to, sentence(outcome.sense),
                         describe(outcome.sense));
  }
  return {};
}

}  // namespace shstore::scsi
