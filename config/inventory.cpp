#include "config/inventory.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "config/version.h"

namespace shstore::config {
namespace {

using nlohmann::json;

/// Thrown and caught in this file only.
struct Wrong {
  std::string message;
};

/// One value and the way to it, for messages: "changers[0].drives[1].index".
class Member {
 public:
  Member(const json& value, std::string name) : value_(&value), name_(std::move(name)) {}

  /// A missing member is as good as null.
  Member operator[](const char* key) const {
    static const json null;
    if (!value_->is_object()) fail("an object");
    const auto found = value_->find(key);
    return {found == value_->end() ? null : *found, name_.empty() ? key : name_ + "." + key};
  }

  bool is_null() const { return value_->is_null(); }

  std::string text() const {
    if (is_null()) return {};
    if (!value_->is_string()) fail("a string");
    return value_->get<std::string>();
  }

  std::optional<bool> truth() const {
    if (is_null()) return std::nullopt;
    if (!value_->is_boolean()) fail("true or false");
    return value_->get<bool>();
  }

  /// "0644"
  std::optional<uint32_t> mode() const {
    const std::string digits = text();
    if (digits.empty()) return std::nullopt;
    uint32_t bits = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits, 8);
    if (error != std::errc() || end != digits.data() + digits.size() || bits > 07777) {
      fail("a mode such as \"0644\"");
    }
    return bits;
  }

  uint32_t number() const {
    if (!value_->is_number_unsigned() || value_->get<uint64_t>() > std::numeric_limits<uint32_t>::max()) {
      fail("a whole number from 0 to 4294967295");
    }
    return value_->get<uint32_t>();
  }

  template <class Read>
  void each(const Read& read) const {
    if (is_null()) return;
    if (!value_->is_array()) fail("an array");
    for (size_t i = 0; i < value_->size(); ++i) read(Member((*value_)[i], fmt::format("{}[{}]", name_, i)));
  }

  std::vector<std::string> texts() const {
    std::vector<std::string> result;
    each([&](const Member& member) { result.push_back(member.text()); });
    return result;
  }

  [[noreturn]] void fail(std::string_view expected) const {
    throw Wrong{fmt::format("{}{} is expected, not {}", name_.empty() ? "" : name_ + ": ", expected, what_it_is())};
  }

 private:
  std::string what_it_is() const {
    if (is_null()) return "nothing";
    if (value_->is_number()) return "the number " + value_->dump();
    if (value_->is_string()) return value_->dump();
    return fmt::format("{} {}", value_->is_array() || value_->is_object() ? "an" : "a", value_->type_name());
  }

  const json* value_;
  std::string name_;
};

InventoryDevice to_device(const Member& from) {
  InventoryDevice device;
  device.type = from["type"].text();
  device.vendor = from["vendor"].text();
  device.product = from["product"].text();
  device.revision = from["revision"].text();
  device.hctl = from["hctl"].text();
  device.serial = from["serial"].text();
  device.designator = from["designator"].text();
  device.nodes = from["nodes"].texts();
  return device;
}

/// A drive without an index has its place in the list.
InventoryChanger::Drive to_drive(const Member& from, size_t place) {
  InventoryChanger::Drive drive;
  if (!from["element"].is_null()) drive.element = from["element"].number();
  drive.index = from["index"].is_null() ? static_cast<uint32_t>(place) : from["index"].number();
  drive.serial = from["serial"].text();
  return drive;
}

InventoryChanger to_changer(const Member& from) {
  InventoryChanger changer;
  changer.hctl = from["hctl"].text();
  changer.serial = from["serial"].text();
  changer.nodes = from["nodes"].texts();
  from["drives"].each([&](const Member& drive) { changer.drives.push_back(to_drive(drive, changer.drives.size())); });
  return changer;
}

InventoryFile to_file(const Member& from) {
  InventoryFile file;
  file.path = from["path"].text();
  file.exists = from["exists"].truth();
  file.link = from["link"].truth();
  file.mode = from["mode"].mode();
  file.owner = from["owner"].text();
  return file;
}

Inventory to_inventory(const Member& from, const std::string& file) {
  Inventory inventory;
  inventory.file = file;
  if (from["schema"].text() != kInventorySchema) from["schema"].fail(fmt::format("\"{}\"", kInventorySchema));
  inventory.host = from["host"].text();
  if (inventory.host.empty()) from["host"].fail("the host's name");
  from["devices"].each([&](const Member& device) { inventory.devices.push_back(to_device(device)); });
  inventory.time = from["time"].text();
  from["files"].each([&](const Member& member) { inventory.files.push_back(to_file(member)); });
  from["changers"].each([&](const Member& changer) { inventory.changers.push_back(to_changer(changer)); });
  inventory.initiators = from["initiators"].texts();
  inventory.bacula = from["bacula"].text();
  if (!inventory.bacula.empty() && !version_of(inventory.bacula)) from["bacula"].fail("a version such as \"15.0.3\"");
  return inventory;
}

std::string place_of_byte(std::string_view text, size_t byte) {
  const std::string_view before = text.substr(0, byte == 0 ? 0 : byte - 1);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const size_t line_end = before.rfind('\n');
  return fmt::format("{}:{}", line, before.size() - (line_end == std::string_view::npos ? 0 : line_end + 1) + 1);
}

template <class Element, class Index>
const Element* element_at(const std::vector<Element>& elements, std::optional<Index>& index, std::string_view node) {
  if (!index) {
    index.emplace();
    for (size_t i = 0; i < elements.size(); ++i) {
      for (const std::string& known : elements[i].nodes) index->try_emplace(known, i);
    }
  }
  const auto found = index->find(std::string(node));
  return found == index->end() ? nullptr : &elements[found->second];
}

}  // namespace

const InventoryDevice* Inventory::device_at(std::string_view node) const {
  return element_at(devices, device_index_, node);
}

const InventoryChanger* Inventory::changer_at(std::string_view node) const {
  return element_at(changers, changer_index_, node);
}

const InventoryFile* Inventory::file_at(const std::string& path) const {
  const auto found = std::find_if(files.begin(), files.end(), [&](const auto& known) { return known.path == path; });
  return found == files.end() ? nullptr : &*found;
}

tl::expected<Inventory, std::string> parse_inventory(std::string_view text, const std::string& file) {
  try {
    return to_inventory(Member(json::parse(text), ""), file);
  } catch (const Wrong& wrong) {
    return tl::make_unexpected(fmt::format("{}: {}", file, wrong.message));
  } catch (const json::parse_error& error) {
    return tl::make_unexpected(fmt::format("{}:{}: this is not JSON", file, place_of_byte(text, error.byte)));
  } catch (const json::exception&) {
    return tl::make_unexpected(fmt::format("{}: a value of it is not what it should be", file));
  }
}

}  // namespace shstore::config
