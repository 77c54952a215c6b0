#include "scsi/target/library_state.h"

#include <fmt/format.h>

#include <algorithm>

#include "scsi/target/json_field.h"

namespace shstore::scsi::target {
namespace {

using nlohmann::json;

uint16_t read_element(const Field& f) { return static_cast<uint16_t>(f.whole_number(0, 0xffff)); }

Cartridge read_cartridge(const Field& f) {
  f.allow_only({"element", "barcode", "source", "loaded", "imported"});
  Cartridge cartridge{.barcode = f["barcode"].file_name()};
  if (f.has("source")) cartridge.source = read_element(f["source"]);
  if (f.has("loaded")) cartridge.loaded = f["loaded"].boolean();
  if (f.has("imported")) cartridge.imported = f["imported"].boolean();
  return cartridge;
}

// What is wrong with these contents for that library; nothing if they fit.
std::optional<std::string> misfit(const Contents& contents, const Changer& changer) {
  const auto& a = changer.addresses;
  for (const auto& [element, cartridge] : contents) {
    const bool known = std::any_of(changer.media.begin(), changer.media.end(),
                                   [&, &barcode = cartridge.barcode](auto& m) { return m.barcode == barcode; });
    if (!known) return fmt::format("medium \"{}\" is not among the media of \"{}\"", cartridge.barcode, changer.name);
    const bool in_drive = a.data_transfer.contains(element);
    const bool has_place = in_drive || a.storage.contains(element) || a.import_export.contains(element);
    if (!has_place) return fmt::format("changer \"{}\" has no element {}", changer.name, element);
    if (cartridge.loaded && !in_drive) return fmt::format("element {} is no drive", element);
  }
  for (const auto& medium : changer.media) {
    const auto count = std::count_if(contents.begin(), contents.end(),
                                     [&](const auto& c) { return c.second.barcode == medium.barcode; });
    if (count != 1)
      return fmt::format("medium \"{}\" of \"{}\" is there {} times", medium.barcode, changer.name, count);
  }
  return std::nullopt;
}

}  // namespace

std::string state_text(const Contents& contents) {
  std::string text = "[\n";
  for (const auto& [element, cartridge] : contents) {
    json line = {{"element", element}, {"barcode", cartridge.barcode}};
    if (cartridge.source) line["source"] = *cartridge.source;
    if (cartridge.loaded) line["loaded"] = true;
    if (cartridge.imported) line["imported"] = true;
    text += (text.size() > 2 ? ",\n" : "") + line.dump();
  }
  return text + "\n]\n";
}

Result<Contents> parse_state(std::string_view text, const Changer& changer, const std::string& file) {
  const auto bad = [&](const std::string& what) {
    return fail(Error::Kind::config,
                fmt::format("{}: {}. Remove the file, and the library starts as it is described", file, what));
  };
  const auto document = parse_json(text, file);
  if (!document) return bad("this is not JSON");
  std::optional<std::string> error;
  Contents contents;
  for (const auto& f : Field(*document, "", error).elements_or_none()) {
    if (!contents.emplace(read_element(f["element"]), read_cartridge(f)).second) f.wrong("its element is taken");
  }
  if (!error) error = misfit(contents, changer);
  if (error) return bad(*error);
  return contents;
}

}  // namespace shstore::scsi::target
