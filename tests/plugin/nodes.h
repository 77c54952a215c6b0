// A host with two paths to one drive and one to another, of which shstore-target's sockets are the nexuses and a made-up sysfs
// says which node is which.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "plugin/drive_identity.h"
#include "plugin/scsi_lock_port.h"
#include "reserve/record/confirmed.h"
#include "served_target.h"

namespace shstore::plugin {

class Nodes : public testing::Test {
 protected:
  using Action = reserve::Action;
  using Kind = reserve::Outcome::Kind;
  using Node = scsi::DeviceNode::Kind;

  static constexpr const char* kSan = R"({
    "drives": [{"name": "drive0", "vendor": "HP", "product": "Ultrium", "revision": "1", "serial": "HU1"},
               {"name": "drive1", "vendor": "HP", "product": "Ultrium", "revision": "1", "serial": "HU2"}],
    "initiators": [
      {"name": "a", "wwpn": "2101001b322173ee", "devices": {"drive0": "drive0", "drive1": "drive1"}},
      {"name": "b", "wwpn": "2101001b322173ef", "devices": {"drive0": "drive0"}},
      {"name": "c", "wwpn": "2100001b321f4365", "devices": {"drive0": "drive0"}}]})";
  static constexpr scsi::ReservationKey kKey{0xbac001};

  Nodes() {
    EXPECT_NE(::mkdtemp(folder.data()), nullptr);
    sg0 = folder + "/sg0";
    serving.emplace(target, folder);
    for (const auto& [device, serial] : {std::pair{"a/drive0", "HU1"}, {"a/drive1", "HU2"}, {"b/drive0", "HU1"}}) {
      scsi::DeviceNode node{folder + '/' + device, Node::scsi};
      node.device = std::string("/devices/") + device;
      node.generic = node.path;
      node.serial = serial;
      devices[node.device] = node;
      nodes[node.path] = node.device;
    }
    nodes["/dev/nst0"] = "/devices/a/drive0";
    control_leads_to("/devices/a/drive0");
  }
  ~Nodes() override {
    serving.reset();
    std::filesystem::remove_all(folder);
  }

  // The Control Device is another link to that one's nexus now.
  void control_leads_to(const std::string& device) {
    nodes[sg0] = device;
    std::filesystem::remove(sg0);
    std::filesystem::create_symlink(devices.contains(device) ? devices[device].generic : folder + "/gone", sg0);
  }
  void all_lead_to(const std::string& device) {
    nodes["/dev/nst0"] = device;
    control_leads_to(device);
  }

  DeviceWorld world() {
    DeviceWorld w;
    w.node = [this](const std::string& path) {
      scsi::DeviceNode none{path, Node::absent, "No such file or directory"};
      const auto node = nodes.find(path);
      if (node == nodes.end() || !devices.contains(node->second)) return none;
      auto found = devices[node->second];
      found.path = path;
      return found;
    };
    w.generic = [this](const std::string& device) {
      return devices.contains(device) ? devices[device].generic : std::string{};
    };
    w.exists = [this](const std::string& device) { return devices.contains(device); };
    w.tape_is_open = [this](const std::string& device) { return open.contains(device); };
    w.usable = [this](const std::string& device) { return devices.contains(device) && !unusable.contains(device); };
    w.users = [this](const scsi::DeviceNode&) { return scsi::TapeUsers{tape_users, true}; };
    w.ports = [this] { return scsi::LocalPorts(ports, {}); };
    w.robot = [this](const std::string&, uint32_t) { return robot; };
    return w;
  }
  // Of a daemon whose Device has /dev/nst0 and /dev/sg0.
  ScsiLockPort port() {
    DriveNames names{{"/dev/nst0"}, sg0};
    names.machine = "this machine";
    identity = std::make_shared<DriveIdentity>(names, world());
    return ScsiLockPort(
        sg0, kKey, false, [this] { return open.contains(nodes["/dev/nst0"]); }, {}, nullptr, identity);
  }
  // The port of the nexus that holds that drive; empty: nobody does.
  std::string holder(const std::string& drive = "drive0") {
    const auto transport = scsi::open_transport(folder + "/a/" + drive);
    scsi::LogicalUnit unit(**transport);
    const auto status = unit.read_full_status().value();
    for (const auto& r : status.registrants) {
      if (r.reservation_holder) return r.initiator.text();
    }
    return {};
  }
  size_t registrations(const std::string& drive = "drive0") {
    const auto transport = scsi::open_transport(folder + "/a/" + drive);
    scsi::LogicalUnit unit(**transport);
    return unit.read_keys()->keys.size();
  }

  static constexpr const char* kPortA = "21:01:00:1b:32:21:73:ee";
  static constexpr const char* kPortB = "21:01:00:1b:32:21:73:ef";
  static constexpr const char* kPortC = "21:00:00:1b:32:1f:43:65";
  std::string folder = "/tmp/shstore-pair-XXXXXX";
  std::string sg0;  // the Control Device's name
  scsi::target::Target target{*scsi::target::parse_san(kSan, "san.json")};
  std::optional<Serving> serving;
  std::map<std::string, scsi::DeviceNode> devices;  // by device
  std::map<std::string, std::string> nodes;         // path -> device
  std::set<std::string> open;                       // devices of which this daemon has a tape node open
  std::set<std::string> unusable;                   // devices that no command reaches
  std::vector<uint64_t> ports = {0x2101001b322173ee, 0x2101001b322173ef};  // a and b
  std::vector<std::string> tape_users;                                     // other processes that have the tape open
  std::string robot;                                                       // what it says
  std::shared_ptr<DriveIdentity> identity;
};

}  // namespace shstore::plugin
