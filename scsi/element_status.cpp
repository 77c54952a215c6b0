// READ ELEMENT STATUS (SMC-3 6.11): the CDB, and its answer in both directions.
#include <fmt/format.h>

#include <algorithm>

#include "scsi/medium_changer.h"
#include "scsi/base/printable.h"
#include "scsi/base/trimmed.h"

namespace shstore::scsi {
namespace {

constexpr size_t kReportHeader = 8;
constexpr size_t kPageHeader = 8;
constexpr size_t kDescriptor = 12;  // what every descriptor begins with
constexpr size_t kVolumeTag = 36;
constexpr size_t kVolumeIdentifier = 32;  // of the tag; a sequence number follows
constexpr size_t kDesignatorHeader = 4;
constexpr size_t kSmc3Tail = 4;  // SMC-3 has the designator's header even where none was asked for

constexpr uint8_t kPrimaryTag = 0x80, kAlternateTag = 0x40;  // PVOLTAG, AVOLTAG

uint32_t be24(ByteView b, size_t at) { return static_cast<uint32_t>(b[at] << 16 | b[at + 1] << 8 | b[at + 2]); }

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
  return base::printable(base::trimmed(text, " "));
}

// ---- decoding

// What is where in the descriptors of one page.
struct Layout {
  uint8_t tags = 0;   // PVOLTAG and AVOLTAG, those that are really there
  size_t device = 0;  // where the identifier begins
};

struct Page {
  ElementType type;
  uint8_t tags;
  size_t descriptor_length;
  bool device_ids;  // identifiers may follow the tags
};

bool is_known(ElementType type) { return type >= ElementType::medium_transport && type <= ElementType::data_transfer; }

size_t tags_length(uint8_t tags) {
  return ((tags & kPrimaryTag) != 0 ? kVolumeTag : 0) + ((tags & kAlternateTag) != 0 ? kVolumeTag : 0);
}

Layout layout_of(uint8_t tags) { return {tags, kDescriptor + tags_length(tags)}; }

// A barcode is whole without the four bytes that follow it.
bool has_room(const Page& page, uint8_t tags) {
  const size_t tail = tags != 0 ? kVolumeTag - kVolumeIdentifier : 0;
  return page.descriptor_length >= kDescriptor + tags_length(tags) - tail;
}

enum class Evidence { none, for_it, against };

// Can an identifier begin there? Its header and, for text, its bytes leave little to chance.
Evidence look_for_identifier(ByteView d, size_t at) {
  if (at + kDesignatorHeader > d.size()) return Evidence::none;
  const size_t length = d[at + 3];
  if (length == 0) {
    return d[at] == 0 && d[at + 1] == 0 && d[at + 2] == 0 ? Evidence::none : Evidence::against;
  }
  const uint8_t code_set = d[at] & 0x0f;
  if (code_set < 1 || code_set > 3 || d[at + 2] != 0 || at + kDesignatorHeader + length > d.size())
    return Evidence::against;
  if (code_set == 1) return Evidence::for_it;
  const auto text = d.subspan(at + kDesignatorHeader, length);
  const bool printable =
      std::all_of(text.begin(), text.end(), [](uint8_t c) { return c == 0 || (c >= 0x20 && c != 0x7f); });
  return printable ? Evidence::for_it : Evidence::against;
}

// Nothing but padding behind it: the descriptors' length proves it.
bool fills_descriptor(ByteView d, size_t at) {
  const auto rest = d.subspan(at + kDesignatorHeader + d[at + 3]);
  return std::all_of(rest.begin(), rest.end(), [](uint8_t c) { return c == 0 || c == 0x20; });
}

bool holds_identifiers(const Page& page, ByteView descriptors, size_t at, bool exactly) {
  bool found = false;
  for (size_t n = 0; n + page.descriptor_length <= descriptors.size(); n += page.descriptor_length) {
    const auto d = descriptors.subspan(n, page.descriptor_length);
    const auto evidence = look_for_identifier(d, at);
    if (evidence == Evidence::against) return false;
    if (evidence == Evidence::none) continue;
    if (exactly && !fills_descriptor(d, at)) return false;
    found = true;
  }
  return found;
}

// The flags, unless the descriptors themselves say otherwise.
Layout understand(const Page& page, ByteView descriptors) {
  const Layout flagged = layout_of(page.tags);
  const uint8_t one = page.tags & (page.tags == (kPrimaryTag | kAlternateTag) ? kPrimaryTag : 0);
  if (page.device_ids) {
    if (has_room(page, page.tags) && holds_identifiers(page, descriptors, flagged.device, false)) return flagged;
    for (const uint8_t fewer : {one, uint8_t{0}}) {
      if (holds_identifiers(page, descriptors, layout_of(fewer).device, true)) return layout_of(fewer);
    }
    // A tag that is not announced is not taken for a barcode; the identifier behind it is one.
    const auto behind_a_tag = layout_of(kPrimaryTag).device;
    if (page.tags == 0 && holds_identifiers(page, descriptors, behind_a_tag, true)) return {0, behind_a_tag};
  }
  for (const uint8_t tags : {page.tags, one}) {
    if (has_room(page, tags)) return layout_of(tags);
  }
  return layout_of(0);
}

std::optional<Designator> decode_device(ByteView rest, bool& cut) {
  if (rest.size() < kDesignatorHeader || rest[3] == 0) return std::nullopt;
  cut = rest[3] > rest.size() - kDesignatorHeader;
  if (cut) return std::nullopt;  // half a name is none
  const auto identifier = rest.subspan(kDesignatorHeader, rest[3]);
  Designator device;
  device.code_set = rest[0] & 0x0f;
  device.association = rest[1] >> 4 & 0x03;
  device.type = rest[1] & 0x0f;
  device.identifier.assign(identifier.begin(), identifier.end());
  return device;
}

Element decode_element(const Page& page, const Layout& layout, ByteView d) {
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
  e.medium_type = d[9] & 0x07;
  if ((d[9] & 0x80) != 0) {  // SVALID
    e.inverted = (d[9] & 0x40) != 0;
    e.source = be16(d, 10);
  }
  ByteView rest = d.subspan(kDescriptor);
  for (const auto& [bit, tag] : {std::pair{kPrimaryTag, &e.volume_tag}, {kAlternateTag, &e.alternate_volume_tag}}) {
    if ((layout.tags & bit) == 0) continue;
    *tag = ascii(rest.first(kVolumeIdentifier));
    rest = rest.subspan(std::min(kVolumeTag, rest.size()));
  }
  if (page.device_ids && layout.device < d.size()) e.device = decode_device(d.subspan(layout.device), e.device_cut);
  return e;
}

std::string promised(uint8_t tags) {
  return tags == kAlternateTag ? "an alternate volume tag" : tags == kPrimaryTag ? "a volume tag" : "two volume tags";
}

class Decoder {
 public:
  Decoder(ElementStatus& status, bool device_ids, bool room_left)
      : status_(status), device_ids_(device_ids), room_left_(room_left) {}

  void pages(ByteView rest, size_t declared) {
    for (size_t used = 0; used < declared && !rest.empty();) {
      if (rest.size() < kPageHeader) {
        if (!status_.truncated) flaw("the last page is cut off");
        return;
      }
      const size_t declared_page = be24(rest, 5);
      const size_t length = std::min(declared_page, rest.size() - kPageHeader);
      const auto type = static_cast<ElementType>(rest[0]);
      if (length < declared_page && !status_.truncated) {
        flaw(fmt::format("the page of {}s declares {} bytes, {} are there", describe(type), declared_page, length));
      }
      if (is_known(type) && length > 0) {
        page({type, static_cast<uint8_t>(rest[1] & (kPrimaryTag | kAlternateTag)), be16(rest, 2),
              device_ids_ && type == ElementType::data_transfer},
             rest.subspan(kPageHeader, length), length == declared_page);
      }
      used += kPageHeader + length;
      rest = rest.subspan(kPageHeader + length);
    }
  }

 private:
  void flaw(std::string text) { status_.flaws.push_back(std::move(text)); }

  void page(const Page& page, ByteView descriptors, bool whole) {
    if (page.descriptor_length < kDescriptor) {
      flaw(fmt::format("the page of {}s has descriptors of {} bytes, which can be none: it is not used",
                       describe(page.type), page.descriptor_length));
      return;
    }
    const auto layout = understand(page, descriptors);
    if (layout.tags != page.tags) {
      flaw(fmt::format("the page of {}s promises {}, but its descriptors of {} bytes have none: {}",
                       describe(page.type), promised(page.tags & static_cast<uint8_t>(~layout.tags)),
                       page.descriptor_length,
                       layout.tags == 0 ? "no barcode is taken from them" : "they are read without"));
    }
    const size_t length = descriptors.size();
    for (size_t at = 0; at + page.descriptor_length <= length; at += page.descriptor_length) {
      status_.elements.push_back(decode_element(page, layout, descriptors.subspan(at, page.descriptor_length)));
    }
    const auto cut = descriptors.last(length % page.descriptor_length);
    const size_t tags = tags_length(layout.tags);
    const size_t needed = kDescriptor + tags - (tags > 0 ? kVolumeTag - kVolumeIdentifier : 0);
    if (room_left_ && cut.size() >= needed) {
      status_.elements.push_back(decode_element(page, layout, cut));
    } else if (cut.size() >= kDescriptor && whole) {
      flaw(fmt::format("the page of {}s ends with {} bytes of a descriptor of {}: that element is not used",
                       describe(page.type), cut.size(), page.descriptor_length));
    }
  }

  ElementStatus& status_;
  bool device_ids_, room_left_;
};

// ---- encoding

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
  d[9] = static_cast<uint8_t>((e.source ? 0x80 : 0) | (e.source && e.inverted ? 0x40 : 0) | (e.disabled ? 0x08 : 0) |
                              (e.medium_type & 0x07));
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

}  // namespace

std::string describe(ElementType type) {
  switch (type) {
    case ElementType::all: return "element";
    case ElementType::medium_transport: return "medium transport element";
    case ElementType::storage: return "storage element";
    case ElementType::import_export: return "import/export element";
    case ElementType::data_transfer: return "data transfer element";
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

bool names_serial(const Designator& device, const std::string& serial) {
  constexpr size_t kVendorAndProduct = 24;
  const auto listed = device_serial(device);
  if (serial.empty() || listed.empty()) return false;
  return listed == serial || (listed.size() == kVendorAndProduct + serial.size() && listed.ends_with(serial));
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
  if (data.size() < kReportHeader) {
    return fail(Error::Kind::protocol,
                fmt::format("READ ELEMENT STATUS: the library sent {} bytes, the header alone has {}", data.size(),
                            kReportHeader));
  }
  ElementStatus status;
  status.first = be16(data, 0);
  status.available = be16(data, 2);
  status.declared_length = be24(data, 5);
  status.truncated = status.declared_length > data.size() - kReportHeader;
  // Bytes behind the declared ones are no page of their own (a host adapter that does not tell how many came), but the
  // rest of one that has begun.
  Decoder(status, device_ids, room_left).pages(data.subspan(kReportHeader), status.declared_length);
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

}  // namespace shstore::scsi
