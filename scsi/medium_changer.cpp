#include "scsi/medium_changer.h"

#include <fmt/format.h>

#include <algorithm>

namespace shstore::scsi {
namespace {

constexpr size_t kAddressPage = 0x12 + 2;

Result<ElementAddresses> decode_addresses(ByteView data, size_t header, size_t block_descriptors) {
  const auto bad = [](std::string what) {
    return fail(Error::Kind::protocol, "Element Address Assignment page: " + std::move(what));
  };
  if (data.size() < header + block_descriptors) return bad(fmt::format("only {} bytes", data.size()));
  for (ByteView rest = data.subspan(header + block_descriptors); rest.size() >= 2;) {
    const bool subpage_format = (rest[0] & 0x40) != 0;
    const size_t length = subpage_format ? (rest.size() < 4 ? rest.size() : 4u + be16(rest, 2)) : 2u + rest[1];
    const bool is_ours = !subpage_format && (rest[0] & 0x3f) == kElementAddressAssignment;
    if (is_ours) {
      // The last two bytes are reserved, and some libraries leave them out.
      if (std::min(length, rest.size()) < kAddressPage - 2) return bad("cut off");
      const auto range = [&](size_t at) { return ElementRange{be16(rest, at), be16(rest, at + 2)}; };
      return ElementAddresses{range(2), range(6), range(10), range(14)};
    }
    rest = rest.subspan(std::min(length, rest.size()));
  }
  return bad("not in the answer");
}

Bytes encode_addresses(const ElementAddresses& a, size_t header) {
  Bytes data(header + kAddressPage, 0);
  const auto page = std::span<uint8_t>(data).subspan(header);
  page[0] = kElementAddressAssignment;
  page[1] = kAddressPage - 2;
  size_t at = 2;
  for (const auto& range : {a.medium_transport, a.storage, a.import_export, a.data_transfer}) {
    put_be16(page, at, range.first);
    put_be16(page, at + 2, range.count);
    at += 4;
  }
  return data;
}

}  // namespace

Bytes cdb_move_medium(const MoveMedium& move) {
  Bytes cdb(12, 0);
  cdb[0] = kMoveMedium;
  put_be16(cdb, 2, move.transport);
  put_be16(cdb, 4, move.source);
  put_be16(cdb, 6, move.destination);
  cdb[10] = move.invert ? 0x01 : 0x00;
  return cdb;
}

MoveMedium decode_cdb_move_medium(ByteView cdb) {
  return {be16(cdb, 2), be16(cdb, 4), be16(cdb, 6), (cdb[10] & 0x01) != 0};
}

Bytes cdb_initialize_element_status() { return {kInitializeElementStatus, 0, 0, 0, 0, 0}; }

const ElementRange& ElementAddresses::of(ElementType type) const {
  switch (type) {
    case ElementType::medium_transport: return medium_transport;
    case ElementType::import_export: return import_export;
    case ElementType::data_transfer: return data_transfer;
    default: return storage;
  }
}

Bytes cdb_mode_sense6(uint8_t page, uint8_t allocation_length) {
  return {kModeSense6, 0x08, page, 0, allocation_length, 0};  // DBD
}

Bytes cdb_mode_sense10(uint8_t page, uint16_t allocation_length) {
  Bytes cdb(10, 0);
  cdb[0] = kModeSense10;
  cdb[1] = 0x08;
  cdb[2] = page;
  put_be16(cdb, 7, allocation_length);
  return cdb;
}

Result<ElementAddresses> decode_element_addresses6(ByteView data) {
  return decode_addresses(data, 4, data.size() < 4 ? 0 : data[3]);
}

Result<ElementAddresses> decode_element_addresses10(ByteView data) {
  return decode_addresses(data, 8, data.size() < 8 ? 0 : be16(data, 6));
}

Bytes encode_element_addresses6(const ElementAddresses& addresses) {
  auto data = encode_addresses(addresses, 4);
  data[0] = static_cast<uint8_t>(data.size() - 1);
  return data;
}

Bytes encode_element_addresses10(const ElementAddresses& addresses) {
  auto data = encode_addresses(addresses, 8);
  put_be16(data, 0, static_cast<uint16_t>(data.size() - 2));
  return data;
}

Bytes cdb_load_unload(bool load) { return {kLoadUnload, 0, 0, 0, static_cast<uint8_t>(load ? 1 : 0), 0}; }

}  // namespace shstore::scsi
