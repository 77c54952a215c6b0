#include "scsi/medium_changer.h"

#include <fmt/format.h>

#include <algorithm>

namespace shstore::scsi {
namespace {

constexpr size_t kReportHeader = 8;
constexpr size_t kPageHeader = 8;
constexpr size_t kDescriptor = 12;  // what every descriptor begins with
constexpr size_t kVolumeTag = 36;
constexpr size_t kVolumeIdentifier = 32;  // of the tag; a sequence number follows
constexpr size_t kDesignatorHeader = 4;
constexpr size_t kSmc3Tail = 4;  // SMC-3 has the designator's header even where none was asked for
constexpr size_t kAddressPage = 0x12 + 2;

constexpr uint8_t kPrimaryTag = 0x80, kAlternateTag = 0x40;  // PVOLTAG, AVOLTAG

uint32_t be24(ByteView b, size_t at) {
  return static_cast<uint32_t>(b[at] << 16 | b[at + 1] << 8 | b[at + 2]);
}

void put_be24(std::span<uint8_t> b, size_t at, size_t v) {
  b[at] = static_cast<uint8_t>(v >> 16);
  put_be16(b, at + 1, static_cast<uint16_t>(v));
}

// Up to the first NUL: libraries that do not pad with blanks leave anything behind it.
std::string ascii(ByteView field) {
  std::string text;
  for (const uint8_t c : field) {
    if (c == 0) break;
    text.push_back(c >= 0x20 && c < 0x7f ? static_cast<char>(c) : ' ');
  }
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// --- decoding READ ELEMENT STATUS
// ------------------------------------------------------------------------------

struct Page {
  ElementType type;
  uint8_t tags;
  size_t descriptor_length;
};

bool is_known(ElementType type) {
  return type >= ElementType::medium_transport && type <= ElementType::data_transfer;
}

size_t tags_length(uint8_t tags) {
  return ((tags & kPrimaryTag) != 0 ? kVolumeTag : 0) + ((tags & kAlternateTag) != 0 ? kVolumeTag : 0);
}

std::optional<Designator> decode_device(ByteView rest) {
  if (rest.size() < kDesignatorHeader || rest[3] == 0) return std::nullopt;
  const size_t length = std::min<size_t>(rest[3], rest.size() - kDesignatorHeader);
  if (length < rest[3]) return std::nullopt;  // half a name is none
  const auto identifier = rest.subspan(kDesignatorHeader, length);
  Designator device;
  device.code_set = rest[0] & 0x0f;
  device.association = rest[1] >> 4 & 0x03;
  device.type = rest[1] & 0x0f;
  device.identifier.assign(identifier.begin(), identifier.end());
  return device;
}

Element decode_element(const Page& page, ByteView d, bool device_ids) {
  Element e;
  e.type = page.type;
  e.address = be16(d, 0);
  e.full = (d[2] & 0x01) != 0;
  e.exception = (d[2] & 0x04) != 0;
  e.accessible = page.type != ElementType::medium_transport && (d[2] & 0x08) != 0;
  if (page.type == ElementType::import_export) {
    e.imported = (d[2] & 0x02) != 0;
    e.export_enabled = (d[2] & 0x10) != 0;
    e.import_enabled = (d[2] & 0x20) != 0;
  }
  e.asc = d[4];
  e.ascq = d[5];
  e.disabled = (d[9] & 0x08) != 0;
  if ((d[9] & 0x80) != 0) {  // SVALID
    e.inverted = (d[9] & 0x40) != 0;
    e.source = be16(d, 10);
  }
  ByteView rest = d.subspan(kDescriptor);
  for (const auto& [bit, tag] :
       {std::pair{kPrimaryTag, &e.volume_tag}, {kAlternateTag, &e.alternate_volume_tag}}) {
    if ((page.tags & bit) == 0) continue;
    *tag = ascii(rest.first(kVolumeIdentifier));
    rest = rest.subspan(std::min(kVolumeTag, rest.size()));
  }
  if (device_ids && page.type == ElementType::data_transfer) e.device = decode_device(rest);
  return e;
}

// --- encoding it
// -----------------------------------------------------------------------------------------------

void put_tag(Bytes& to, const std::string& tag) {
  Bytes field(kVolumeTag, 0);
  if (!tag.empty()) std::fill_n(field.begin(), kVolumeIdentifier, uint8_t{' '});
  std::copy_n(tag.begin(), std::min(tag.size(), kVolumeIdentifier), field.begin());
  append(to, field);
}

uint8_t flags(const Element& e) {
  unsigned bits = (e.full ? 0x01u : 0u) | (e.exception ? 0x04u : 0u) | (e.accessible ? 0x08u : 0u);
  if (e.type == ElementType::import_export) {
    bits |= (e.imported ? 0x02u : 0u) | (e.export_enabled ? 0x10u : 0u) | (e.import_enabled ? 0x20u : 0u);
  }
  return static_cast<uint8_t>(bits);
}

// All descriptors of a page are of one length, so a designator is padded to the longest one of the page.
Bytes encode_element(const Element& e, uint8_t tags, size_t length) {
  Bytes d(kDescriptor, 0);
  put_be16(d, 0, e.address);
  d[2] = flags(e);
  d[4] = e.asc;
  d[5] = e.ascq;
  d[9] = static_cast<uint8_t>((e.source ? 0x80 : 0) | (e.source && e.inverted ? 0x40 : 0) |
                              (e.disabled ? 0x08 : 0));
  put_be16(d, 10, e.source.value_or(0));
  if ((tags & kPrimaryTag) != 0) put_tag(d, e.volume_tag);
  const size_t at = d.size();
  d.resize(length, 0);
  if (!e.device || length < at + kDesignatorHeader + e.device->identifier.size()) return d;
  d[at] = e.device->code_set & 0x0f;
  d[at + 1] = static_cast<uint8_t>(e.device->association << 4 | (e.device->type & 0x0f));
  d[at + 3] = static_cast<uint8_t>(e.device->identifier.size());
  std::copy(e.device->identifier.begin(), e.device->identifier.end(),
            d.begin() + static_cast<ptrdiff_t>(at + kDesignatorHeader));
  return d;
}

size_t longest_device(std::span<const Element> page) {
  size_t longest = 0;
  for (const auto& e : page) longest = std::max(longest, e.device ? e.device->identifier.size() : 0);
  return longest;
}

// --- the mode page
// ---------------------------------------------------------------------------------------------

Result<ElementAddresses> decode_addresses(ByteView data, size_t header, size_t block_descriptors) {
  const auto bad = [](std::string what) {
    return fail(Error::Kind::protocol, "Element Address Assignment page: " + std::move(what));
  };
  if (data.size() < header + block_descriptors) return bad(fmt::format("only {} bytes", data.size()));
  for (ByteView rest = data.subspan(header + block_descriptors); rest.size() >= 2;) {
    const bool subpage_format = (rest[0] & 0x40) != 0;
    const size_t length =
        subpage_format ? (rest.size() < 4 ? rest.size() : 4u + be16(rest, 2)) : 2u + rest[1];
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

std::string describe(ElementType type) {
  switch (type) {
    case ElementType::all:
      return "element";
    case ElementType::medium_transport:
      return "medium transport element";
    case ElementType::storage:
      return "storage element";
    case ElementType::import_export:
      return "import/export element";
    case ElementType::data_transfer:
      return "data transfer element";
  }
  return fmt::format("element of type {}", static_cast<unsigned>(type));
}

std::string device_serial(const Designator& device) {
  constexpr uint8_t kAsciiSet = 2, kUtf8Set = 3;
  constexpr size_t kVendorAndProduct = 24;
  if (device.code_set != kAsciiSet && device.code_set != kUtf8Set) return {};
  auto text = ascii(device.identifier);
  if (text.find(' ') == std::string::npos) return text;
  // A product name that fills its field leaves no blank before the serial number.
  if (text.size() > kVendorAndProduct) text.erase(0, kVendorAndProduct);
  return text.substr(text.find_last_of(' ') + 1);
}

Bytes cdb_read_element_status(const ElementStatusRequest& r) {
  Bytes cdb(12, 0);
  cdb[0] = kReadElementStatus;
  cdb[1] = static_cast<uint8_t>((r.volume_tags ? 0x10 : 0) | (static_cast<uint8_t>(r.type) & 0x0f));
  put_be16(cdb, 2, r.first);
  put_be16(cdb, 4, r.count);
  cdb[6] = static_cast<uint8_t>((r.current_data ? 0x02 : 0) | (r.device_ids ? 0x01 : 0));
  put_be24(cdb, 7, r.allocation_length);
  return cdb;
}

ElementStatusRequest decode_cdb_read_element_status(ByteView cdb) {
  ElementStatusRequest r;
  r.type = static_cast<ElementType>(cdb[1] & 0x0f);
  r.volume_tags = (cdb[1] & 0x10) != 0;
  r.first = be16(cdb, 2);
  r.count = be16(cdb, 4);
  r.current_data = (cdb[6] & 0x02) != 0;
  r.device_ids = (cdb[6] & 0x01) != 0;
  r.allocation_length = be24(cdb, 7);
  return r;
}

Result<ElementStatus> decode_element_status(ByteView data, bool device_ids, bool room_left) {
  const auto bad = [](std::string what) {
    return fail(Error::Kind::protocol, "READ ELEMENT STATUS: " + std::move(what));
  };
  if (data.size() < kReportHeader) {
    return bad(fmt::format("the library sent {} bytes, the header alone has {}", data.size(), kReportHeader));
  }
  ElementStatus status;
  status.first = be16(data, 0);
  status.available = be16(data, 2);
  status.declared_length = be24(data, 5);
  const size_t received = data.size() - kReportHeader;
  status.truncated = status.declared_length > received;
  for (auto rest = data.subspan(kReportHeader, std::min<size_t>(received, status.declared_length));
       !rest.empty();) {
    if (rest.size() < kPageHeader) {
      if (status.truncated) return status;
      return bad("the last page is cut off");
    }
    const Page page{static_cast<ElementType>(rest[0]), rest[1], be16(rest, 2)};
    const size_t declared = be24(rest, 5);
    const size_t length = std::min(declared, rest.size() - kPageHeader);
    if (length < declared && !status.truncated) {
      return bad(fmt::format("a page declares {} bytes, {} are there", declared, length));
    }
    if (is_known(page.type) && length > 0) {
      if (page.descriptor_length < kDescriptor + tags_length(page.tags)) {
        return bad(
            fmt::format("descriptors of {} bytes cannot hold what they are said to", page.descriptor_length));
      }
      const auto descriptors = rest.subspan(kPageHeader, length);
      for (size_t at = 0; at + page.descriptor_length <= length; at += page.descriptor_length) {
        status.elements.push_back(
            decode_element(page, descriptors.subspan(at, page.descriptor_length), device_ids));
      }
      const auto cut = descriptors.last(length % page.descriptor_length);
      const size_t tags = tags_length(page.tags);
      const size_t needed = kDescriptor + tags - (tags > 0 ? kVolumeTag - kVolumeIdentifier : 0);
      if (room_left && cut.size() >= needed) {
        status.elements.push_back(decode_element(page, cut, device_ids));
      }
    }
    rest = rest.subspan(kPageHeader + length);
  }
  return status;
}

Bytes encode_element_status(const std::vector<Element>& elements, const ElementStatusRequest& request) {
  Bytes data(kReportHeader, 0);
  put_be16(data, 0, elements.empty() ? 0 : elements.front().address);
  put_be16(data, 2, static_cast<uint16_t>(elements.size()));
  size_t whole = kReportHeader;
  const uint8_t tags = request.volume_tags ? kPrimaryTag : 0;
  for (std::span<const Element> rest(elements); !rest.empty();) {
    const auto type = rest.front().type;
    const auto end = std::find_if(rest.begin(), rest.end(), [&](const Element& e) { return e.type != type; });
    const auto page = rest.first(static_cast<size_t>(end - rest.begin()));
    rest = rest.subspan(page.size());
    const size_t device = request.device_ids ? longest_device(page) : 0;
    const size_t length = kDescriptor + tags_length(tags) + kSmc3Tail + device;
    Bytes header(kPageHeader, 0);
    header[0] = static_cast<uint8_t>(type);
    header[1] = tags;
    put_be16(header, 2, static_cast<uint16_t>(length));
    put_be24(header, 5, page.size() * length);
    whole += kPageHeader;
    if (whole <= request.allocation_length) append(data, header);
    for (const auto& e : page) {
      whole += length;
      if (whole > request.allocation_length) continue;
      auto shown = e;
      if (!request.device_ids) shown.device.reset();
      append(data, encode_element(shown, tags, length));
    }
  }
  put_be24(data, 5, whole - kReportHeader);
  data.resize(std::min<size_t>(data.size(), request.allocation_length));
  return data;
}

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

Bytes cdb_initialize_element_status() {
  return {kInitializeElementStatus, 0, 0, 0, 0, 0};
}

const ElementRange& ElementAddresses::of(ElementType type) const {
  switch (type) {
    case ElementType::medium_transport:
      return medium_transport;
    case ElementType::import_export:
      return import_export;
    case ElementType::data_transfer:
      return data_transfer;
    default:
      return storage;
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

Bytes cdb_load_unload(bool load) {
  return {kLoadUnload, 0, 0, 0, static_cast<uint8_t>(load ? 1 : 0), 0};
}

}  // namespace shstore::scsi
