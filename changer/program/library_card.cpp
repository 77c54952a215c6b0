#include "changer/program/library_card.h"

#include <fmt/format.h>

#include <cctype>
#include <nlohmann/json.hpp>

#include "scsi/element_words.h"

namespace shstore::changer::program {
namespace {

using Json = nlohmann::ordered_json;

Json hex(uint8_t byte) { return fmt::format("{:02x}h", byte); }

Json range_json(const scsi::ElementRange& range) { return {{"first", range.first}, {"count", range.count}}; }

Json answer_json(const Answer& a) {
  Json pages = Json::array();
  for (const auto& p : a.pages) {
    pages.push_back({{"type", p.type},
                     {"flags", hex(p.flags)},
                     {"descriptor_length", p.descriptor_length},
                     {"byte_count", p.byte_count},
                     {"received", p.received}});
  }
  return {{"type", static_cast<int>(a.request.type)},
          {"voltag", a.request.volume_tags},
          {"curdata", a.request.current_data},
          {"dvcid", a.request.device_ids},
          {"conflict", a.conflict},
          {"refused", a.refused ? Json(fmt::format("{:x}/{:02x}/{:02x}", static_cast<int>(a.refused->key),
                                                   a.refused->asc, a.refused->ascq))
                                : Json()},
          {"pages", pages}};
}

Json element_json(const scsi::Element& e, const base::Anonymizer& hidden) {
  Json j{{"element", e.address},
         {"full", e.full},
         {"accessible", e.accessible},
         {"disabled", e.disabled},
         {"medium_type", e.medium_type},
         {"source_valid", e.source.has_value()},
         {"exception", e.exception ? Json(fmt::format("{:02x}/{:02x}", e.asc, e.ascq)) : Json()},
         {"exception_text", e.exception ? Json(scsi::describe_exception(e)) : Json()},
         {"barcode", e.volume_tag.empty() ? Json() : Json(hidden.hide(e.volume_tag))},
         {"barcode_pattern", e.volume_tag.empty() ? Json() : Json(barcode_pattern(e.volume_tag))}};
  if (e.type != scsi::ElementType::data_transfer) return j;
  j["identity"] = nullptr;
  if (e.device) {
    const auto serial = scsi::device_serial(*e.device);
    j["identity"] = {{"code_set", e.device->code_set},
                     {"type", e.device->type},
                     {"bytes", e.device->identifier.size()},
                     {"name", hidden.hide(e.device->text())},
                     {"serial", serial.empty() ? Json() : Json(hidden.hide(serial))}};
  }
  j["identity_cut"] = e.device_cut;
  return j;
}

Json elements_json(const std::vector<scsi::Element>& elements, const base::Anonymizer& hidden) {
  Json list = Json::array();
  for (const auto& e : elements) list.push_back(element_json(e, hidden));
  return list;
}

// Sentences for the administrator may name the device.
std::string without(std::string text, const std::string& device) {
  for (auto at = text.find(device); !device.empty() && at != std::string::npos; at = text.find(device, at))
    text.replace(at, device.size(), "the robot");
  return text;
}

}  // namespace

std::vector<PageHeader> page_headers(scsi::ByteView answer) {
  constexpr size_t kHeader = 8;
  std::vector<PageHeader> pages;
  for (size_t at = kHeader; at + kHeader <= answer.size();) {
    PageHeader page{answer[at], answer[at + 1], scsi::be16(answer, at + 2), scsi::be32(answer, at + 4) & 0xffffff};
    page.received = std::min<size_t>(page.byte_count, answer.size() - at - kHeader);
    pages.push_back(page);
    at += kHeader + page.received;
  }
  return pages;
}

std::string barcode_pattern(const std::string& barcode) {
  std::string pattern;
  const bool has_kind = barcode.size() >= 8;  // six characters and two that say what medium it is
  for (size_t i = 0; i < barcode.size(); ++i) {
    const auto ch = static_cast<unsigned char>(barcode[i]);
    const bool kind = has_kind && i + 2 >= barcode.size();
    pattern += kind && std::isalnum(ch) ? barcode[i]
               : std::isdigit(ch)       ? '9'
               : std::isalpha(ch)       ? 'A'
               : ch == ' '              ? ' '
                                        : '?';
  }
  return pattern;
}

std::string library_card(const LibraryFacts& f, const std::string& device, const base::Anonymizer& hidden) {
  Json answers = Json::array(), flaws = Json::array(), unread = Json::array();
  for (const auto& a : f.answers) answers.push_back(answer_json(a));
  Json card{{"schema", kLibraryCardSchema},
            {"shstore", SHSTORE_VERSION},
            {"vendor", f.inquiry.vendor},
            {"product", f.inquiry.product},
            {"revision", f.inquiry.revision},
            {"serial", f.serial.empty() ? Json() : Json(hidden.hide(f.serial))},
            {"persistent_reservations", f.reservations},
            {"element_addresses", nullptr},
            {"answers", answers},
            {"error", f.error.empty() ? Json() : Json(without(f.error, device))}};
  if (f.addresses) {
    card["element_addresses"] = {{"medium_transport", range_json(f.addresses->medium_transport)},
                                 {"storage", range_json(f.addresses->storage)},
                                 {"import_export", range_json(f.addresses->import_export)},
                                 {"data_transfer", range_json(f.addresses->data_transfer)}};
  }
  card["elements"] = nullptr;
  if (f.status) {
    for (const auto& flaw : f.status->flaws) flaws.push_back(without(flaw, device));
    for (const auto type : f.status->unread) unread.push_back(scsi::describe(type));
    card["elements"] = {{"volume_tags", f.status->volume_tags},
                        {"device_ids", f.status->device_ids},
                        {"flaws", flaws},
                        {"unread", unread},
                        {"medium_transport", elements_json(f.status->medium_transport, hidden)},
                        {"storage", elements_json(f.status->storage, hidden)},
                        {"import_export", elements_json(f.status->import_export, hidden)},
                        {"data_transfer", elements_json(f.status->data_transfer, hidden)}};
  }
  return card.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace shstore::changer::program
