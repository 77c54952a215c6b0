#include <fmt/format.h>

#include <algorithm>

#include "config/lint/drive.h"
#include "config/lint/graph.h"
#include "config/lint/graph_model.h"

namespace shstore::config::lint {
namespace {

struct Node {
  std::string label;
  std::vector<Node> below;
};

void print(const std::vector<Node>& nodes, const std::string& indent, std::string& text) {
  for (const Node& node : nodes) {
    const bool last = &node == &nodes.back();
    text += indent + (last ? "`-- " : "|-- ") + one_line(node.label) + '\n';
    print(node.below, indent + (last ? "    " : "|   "), text);
  }
}

Node storage_node(const Site& site, size_t i) {
  const DirStorage& storage = site.director->storages[i];
  const std::string_view type = storage.is_autochanger_resource ? "Autochanger" : "Storage";
  Node node{fmt::format("{} {} -> {}", type, *storage.name, target_text(site, i)), {}};
  if (storage.shared_storage.given)
    node.below.push_back({fmt::format("shares the library of {}", *storage.shared_storage), {}});
  return node;
}

Node director_node(const Site& site) {
  const DirConfig& director = *site.director;
  const std::string_view called = director.director ? *director.director->name : director.files.at(0);
  Node node{fmt::format("Director {}", called), {}};
  const StorageTree tree = storage_tree(site);
  for (const size_t top : tree.top) {
    Node changer = storage_node(site, top);
    for (const size_t part : tree.parts[top]) changer.below.push_back(storage_node(site, part));
    node.below.push_back(std::move(changer));
  }
  return node;
}

/// "[2]": the same number stands at each host's resource for a drive that several have.
std::string mark(std::optional<size_t> index, size_t first) {
  return index ? fmt::format("[{}]", *index + first) : std::string();
}

using Cells = std::vector<std::string>;

/// Aligned in columns two blanks apart, without blanks at the end.
std::vector<Node> rows(const std::vector<Cells>& table) {
  std::vector<size_t> widths;
  for (const Cells& cells : table) {
    widths.resize(std::max(widths.size(), cells.size()));
    for (size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
  }
  std::vector<Node> nodes;
  for (const Cells& cells : table) {
    std::string line;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (widths[i] > 0) line += fmt::format("{:<{}}", cells[i], widths[i] + 2);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    nodes.push_back({std::move(line), {}});
  }
  return nodes;
}

class HostPrinter {
 public:
  HostPrinter(const Site& site, const GraphModel& model) : site_(site), model_(model) {}

  Node host(size_t sd) const {
    const SiteSd& daemon = site_.sds[sd];
    const bool named = daemon.config.storage && !daemon.config.storage->name->empty();
    const std::string name = named ? fmt::format(", Storage Daemon {}", *daemon.config.storage->name) : std::string();
    Node node{name_of(daemon) == daemon.path ? daemon.path : fmt::format("{}{}", name_of(daemon), name), {}};
    for (size_t i = 0; i < daemon.config.autochangers.size(); ++i) node.below.push_back(changer(sd, i));
    std::vector<Cells> single;
    for (const size_t device : model_.single_drives[sd]) single.push_back(drive(sd, device, "Device"));
    for (Node& row : rows(single)) node.below.push_back(std::move(row));
    return node;
  }

 private:
  Node changer(size_t sd, size_t i) const {
    const SdAutochanger& changer = site_.sds[sd].config.autochangers[i];
    const std::string number = mark(model_.changer_of[sd][i], model_.drives.size() + 1);
    Node node{fmt::format("Autochanger {}  {}  {}", *changer.name, *changer.changer_device, number), {}};
    node.label.erase(node.label.find_last_not_of(' ') + 1);
    std::vector<Cells> drives;
    for (const auto& [listed, device] : site_.members[sd].drives[i]) {
      drives.push_back(drive(sd, device, fmt::format("drive {}", *site_.sds[sd].config.devices[device].drive_index)));
    }
    node.below = rows(drives);
    return node;
  }

  Cells drive(size_t sd, size_t i, std::string role) const {
    const SdDevice& device = site_.sds[sd].config.devices[i];
    return {std::move(role),
            std::string(*device.name),
            std::string(*device.archive_device),
            std::string(*device.control_device),
            mark(model_.drive_of[sd][i], 1),
            *device.auto_select ? "" : "AutoSelect = no"};
  }

  const Site& site_;
  const GraphModel& model_;
};

Node hardware_node(const Site& site, const Hardware& hardware, size_t number, bool is_changer) {
  const std::string what = hardware.what.empty() ? (is_changer ? "a changer" : "a drive") : hardware.what;
  Node node{fmt::format("[{}] {}, serial number {}", number, what, hardware.serial), {}};
  for (const DriveRef& ref : hardware.used_by) {
    const SiteSd& sd = site.sds[ref.sd];
    const std::string_view name =
        is_changer ? *sd.config.autochangers[ref.device].name : *sd.config.devices[ref.device].name;
    node.below.push_back({fmt::format("{} on {}", name, name_of(sd)), {}});
  }
  return node;
}

Node hardware_node(const Site& site, const GraphModel& model) {
  Node node{"Seen by several hosts", {}};
  size_t number = 0;
  for (const Hardware& drive : model.drives) node.below.push_back(hardware_node(site, drive, ++number, false));
  for (const Hardware& changer : model.changers) node.below.push_back(hardware_node(site, changer, ++number, true));
  return node;
}

}  // namespace

std::string graph_text(const Site& site) {
  const GraphModel model = graph_model(site);
  std::vector<Node> parts;
  if (site.director) parts.push_back(director_node(site));
  for (size_t sd = 0; sd < site.sds.size(); ++sd) parts.push_back(HostPrinter(site, model).host(sd));
  if (Node shared = hardware_node(site, model); !shared.below.empty()) parts.push_back(std::move(shared));
  std::string text;
  for (const Node& part : parts) {
    if (!text.empty()) text += '\n';
    text += one_line(part.label) + '\n';
    print(part.below, "", text);
  }
  return text;
}

}  // namespace shstore::config::lint
