#include <fmt/format.h>

#include "config/lint/drive.h"
#include "config/lint/graph.h"
#include "config/lint/graph_model.h"

namespace shstore::config::lint {
namespace {

/// A quoted string of DOT; the lines of a label are joined by "\n".
std::string in_quotes(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    if (line.empty()) continue;
    if (!text.empty()) text += "\\n";
    for (const char c : one_line(line)) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
  }
  return '"' + text + '"';
}

class DotPrinter {
 public:
  explicit DotPrinter(const Site& site) : site_(site), model_(graph_model(site)) {}

  std::string run() {
    text_ =
        "digraph shstore {\n"
        "  rankdir=LR;\n"
        "  fontname=\"sans-serif\";\n"
        "  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n"
        "  edge [fontname=\"sans-serif\", fontsize=9];\n";
    if (site_.director) director();
    for (size_t sd = 0; sd < site_.sds.size(); ++sd) host(sd);
    hardware();
    text_ += "}\n";
    return std::move(text_);
  }

 private:
  static std::string storage_id(size_t i) { return fmt::format("storage{}", i); }
  static std::string changer_id(size_t sd, size_t i) { return fmt::format("sd{}_changer{}", sd, i); }
  static std::string device_id(size_t sd, size_t i) { return fmt::format("sd{}_device{}", sd, i); }

  void line(std::string_view indent, std::string_view statement) { text_ += fmt::format("{}{};\n", indent, statement); }

  void director() {
    const DirConfig& director = *site_.director;
    text_ += "  subgraph cluster_director {\n";
    const std::string_view called = director.director ? *director.director->name : director.files.at(0);
    line("    ", "label=" + in_quotes({fmt::format("Director {}", called)}));
    for (size_t i = 0; i < director.storages.size(); ++i) {
      const DirStorage& storage = director.storages[i];
      const std::string type = storage.is_autochanger_resource ? "Autochanger" : "Storage";
      line("    ", fmt::format("{} [label={}]", storage_id(i), in_quotes({type, std::string(*storage.name)})));
    }
    text_ += "  }\n";
    for (size_t i = 0; i < director.storages.size(); ++i) storage_edges(i);
  }

  void storage_edges(size_t i) {
    const StorageLink& link = site_.links[i];
    bool found = false;
    for (const DeviceTarget& target : link.devices) {
      if (!link.sd || target.kind == DeviceTarget::Kind::unknown) continue;
      const bool changer = target.kind == DeviceTarget::Kind::autochanger;
      const std::string to = changer ? changer_id(*link.sd, target.index) : device_id(*link.sd, target.index);
      line("  ", fmt::format("{} -> {}", storage_id(i), to));
      found = true;
    }
    if (!found) {
      line("  ",
           fmt::format("{}_target [shape=plaintext, label={}]", storage_id(i), in_quotes({target_text(site_, i)})));
      line("  ", fmt::format("{0} -> {0}_target [style=dotted]", storage_id(i)));
    }
    if (link.changer && *link.changer != i) {
      line("  ", fmt::format("{} -> {} [style=dotted, constraint=false, label=\"Autochanger\"]", storage_id(i),
                             storage_id(*link.changer)));
    }
    if (link.shared_with) {
      line("  ", fmt::format("{} -> {} [style=dashed, constraint=false, label=\"Shared Storage\"]", storage_id(i),
                             storage_id(*link.shared_with)));
    }
  }

  void host(size_t sd) {
    const SiteSd& daemon = site_.sds[sd];
    text_ += fmt::format("  subgraph cluster_sd{} {{\n", sd);
    const std::string name(daemon.config.storage ? *daemon.config.storage->name : std::string_view());
    line("    ", "label=" + in_quotes({name_of(daemon), name_of(daemon) == name ? "" : name}));
    for (size_t i = 0; i < daemon.config.autochangers.size(); ++i) {
      const SdAutochanger& changer = daemon.config.autochangers[i];
      line("    ",
           fmt::format("{} [label={}]", changer_id(sd, i),
                       in_quotes({"Autochanger", std::string(*changer.name), std::string(*changer.changer_device)})));
      for (const auto& [listed, device] : site_.members[sd].drives[i]) {
        line("    ", fmt::format("{} -> {} [label=\"drive {}\"]", changer_id(sd, i), device_id(sd, device),
                                 *daemon.config.devices[device].drive_index));
      }
    }
    for (size_t i = 0; i < daemon.config.devices.size(); ++i) {
      const SdDevice& device = daemon.config.devices[i];
      const std::string on_demand = *device.auto_select ? "" : "AutoSelect = no";
      line("    ", fmt::format("{} [label={}]", device_id(sd, i),
                               in_quotes({std::string(*device.name), std::string(*device.archive_device),
                                          std::string(*device.control_device), on_demand})));
    }
    text_ += "  }\n";
  }

  void hardware() {
    for (size_t i = 0; i < model_.drives.size(); ++i) {
      hardware(fmt::format("drive{}", i), "cylinder", model_.drives[i], device_id);
    }
    for (size_t i = 0; i < model_.changers.size(); ++i) {
      hardware(fmt::format("changer{}", i), "box3d", model_.changers[i], changer_id);
    }
  }

  void hardware(const std::string& id, std::string_view shape, const Hardware& hardware,
                std::string (*user_id)(size_t, size_t)) {
    line("  ", fmt::format("{} [shape={}, label={}]", id, shape, in_quotes({hardware.what, hardware.serial})));
    for (const DriveRef& user : hardware.used_by) {
      line("  ", fmt::format("{} -> {} [dir=none, penwidth=2]", user_id(user.sd, user.device), id));
    }
  }

  const Site& site_;
  GraphModel model_;
  std::string text_;
};

}  // namespace

std::string graph_dot(const Site& site) { return DotPrinter(site).run(); }

}  // namespace shstore::config::lint
