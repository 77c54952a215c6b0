#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "config/inventory.h"

namespace shstore::config {
namespace {

using Json = nlohmann::ordered_json;  // the order of the text is the order of this file

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

/// An empty list is one that nobody could tell.
template <class T>
Json list_or_null(const std::vector<T>& list) {
  return list.empty() ? Json() : Json(list);
}

Json to_json(const InventoryDevice& device) {
  return {{"type", text_or_null(device.type)},
          {"vendor", text_or_null(device.vendor)},
          {"product", text_or_null(device.product)},
          {"revision", text_or_null(device.revision)},
          {"hctl", text_or_null(device.hctl)},
          {"serial", text_or_null(device.serial)},
          {"designator", text_or_null(device.designator)},
          {"nodes", device.nodes}};
}

Json to_json(const InventoryChanger::Drive& drive) {
  return {{"element", or_null(drive.element)}, {"index", drive.index}, {"serial", text_or_null(drive.serial)}};
}

Json to_json(const InventoryChanger& changer) {
  std::vector<Json> drives;
  for (const auto& drive : changer.drives) drives.push_back(to_json(drive));
  return {{"hctl", text_or_null(changer.hctl)},
          {"serial", text_or_null(changer.serial)},
          {"nodes", changer.nodes},
          {"drives", list_or_null(drives)}};
}

Json to_json(const InventoryFile& file) {
  return {{"path", file.path},
          {"exists", or_null(file.exists)},
          {"link", or_null(file.link)},
          {"mode", file.mode ? Json(fmt::format("{:04o}", *file.mode)) : Json()},
          {"owner", text_or_null(file.owner)}};
}

template <class T>
Json to_json(const std::vector<T>& all) {
  Json list = Json::array();
  for (const auto& one : all) list.push_back(to_json(one));
  return list;
}

}  // namespace

std::string print_inventory(const Inventory& inventory) {
  Json all = {{"schema", kInventorySchema},
              {"host", inventory.host},
              {"time", text_or_null(inventory.time)},
              {"devices", to_json(inventory.devices)},
              {"changers", to_json(inventory.changers)},
              {"initiators", list_or_null(inventory.initiators)},
              {"files", to_json(inventory.files)}};
  if (!inventory.bacula.empty()) all["bacula"] = inventory.bacula;
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace shstore::config
