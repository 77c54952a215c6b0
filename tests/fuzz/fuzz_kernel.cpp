// What the kernel's file systems tell, of any content: a tape drive in sysfs with its session, ports and statistics, a process in
// /proc, and the program of a daemon. A drive answers INQUIRY as it likes, and a process chooses its name, so none of it is the
// kernel's own word. Each file is read by every reader that there is; no text of it leaves its line.
//
// A file: u8 which, be16 length, bytes; what is not in the input is empty.
#include <array>

#include "changer/drive_users.h"
#include "config/inventory.h"
#include "fuzzing.h"
#include "plugin/abi/load_check.h"
#include "plugin/device_users.h"
#include "scsi/append_guard.h"
#include "scsi/base/process.h"
#include "scsi/bytes.h"
#include "scsi/device_events.h"
#include "scsi/local_ports.h"
#include "scsi/lock_nodes.h"
#include "scsi/same_drive.h"
#include "scsi/tape_statistics.h"
#include "scsi/tape_users.h"
#include "status/inventory/kernel_devices.h"
#include "status/inventory/to_inventory.h"
#include "status/look/daemon_process.h"
#include "temporary_folder.h"

namespace {

using namespace shstore;
using fuzzing::must;
using fuzzing::must_be_one_line;
namespace fs = std::filesystem;

// A character device that is everywhere; the tree below makes it a tape drive.
constexpr const char* kNode = "/dev/null";
constexpr const char* kNumber = "1:3";
constexpr pid_t kProcess = 4711;
const std::string kDevice = "/devices/pci0/host2/session1/rport-2:0-1/target2:0:0/2:0:0:0";

const std::array<std::string, 21>& files() {
  static const std::string d = "sys" + kDevice, tape = d + "/scsi_tape/nst0", process = "proc/4711";
  static const std::array<std::string, 21> all = {d + "/vpd_pg80",
                                                  d + "/vpd_pg83",
                                                  d + "/type",
                                                  d + "/vendor",
                                                  d + "/model",
                                                  d + "/rev",
                                                  d + "/state",
                                                  d + "/ioerr_cnt",
                                                  d + "/wwid",
                                                  tape + "/stats/write_cnt",
                                                  tape + "/stats/read_cnt",
                                                  tape + "/position_lost_in_reset",
                                                  "sys/class/iscsi_session/session1/state",
                                                  "sys/class/iscsi_session/session1/initiatorname",
                                                  "sys/class/fc_remote_ports/rport-2:0-1/port_state",
                                                  "sys/class/fc_host/host2/port_name",
                                                  "sys/class/sas_phy/phy-2:0/sas_address",
                                                  process + "/stat",
                                                  process + "/comm",
                                                  process + "/cmdline",
                                                  "bacula-sd"};
  return all;
}

struct World {
  World() {
    for (const auto& file : files()) fs::create_directories(fs::path(folder.path(file)).parent_path());
    const auto device = "sys" + kDevice;
    fs::create_directories(folder.path(device + "/scsi_generic/sg3"));
    for (const char* count : {"other_cnt", "in_flight"})
      fuzzing::write_file(folder.path(device + "/scsi_tape/nst0/stats/" + count), "1\n");
    fs::create_directory_symlink("../..", folder.path(device + "/scsi_tape/nst0/device"));
    link("sys/dev/char/" + std::string(kNumber), device + "/scsi_tape/nst0");
    link("sys/class/scsi_generic/sg3/device", device);
    link("sys/class/scsi_device/2:0:0:0/device", device);
    fuzzing::write_file(folder.path("sd.conf"), "");
    fs::create_directories(folder.path("dev"));
    for (const char* node : {"sg3", "nst0"}) fuzzing::write_file(folder.path(std::string("dev/") + node), "");
    fs::create_directories(folder.path("proc/4711/fd"));
    fs::create_symlink(kNode, folder.path("proc/4711/fd/3"));
  }
  void link(const std::string& name, const std::string& to) const {
    fs::create_directories(fs::path(folder.path(name)).parent_path());
    fs::create_directory_symlink(folder.path(to), folder.path(name));
  }
  void fill(scsi::ByteView input) const {
    std::array<std::string, 21> texts;
    while (input.size() >= 3) {
      const size_t which = input[0] % texts.size();
      const size_t length = std::min<size_t>(scsi::be16(input, 1), input.size() - 3);
      texts[which].assign(input.begin() + 3, input.begin() + 3 + static_cast<ptrdiff_t>(length));
      input = input.subspan(3 + length);
    }
    for (size_t i = 0; i < texts.size(); ++i) fuzzing::write_file(folder.path(files()[i]), texts[i]);
  }
  fuzzing::TemporaryFolder folder;
  const std::string sys = folder.path("sys"), proc = folder.path("proc"), dev = folder.path("dev");
};

void check_drive(const World& w) {
  const auto node = scsi::read_node(kNode, w.sys);
  must(node.kind == scsi::DeviceNode::Kind::scsi && node.device == kDevice && node.generic == "/dev/sg3",
       "the drive is not found", node.device);
  must_be_one_line("a drive", node.text());
  must(scsi::same_drive(node, node).kind == scsi::SameDrive::Kind::one_nexus, "it is not itself");
  scsi::DeviceNode other = node;
  other.device = "/devices/x/3:0:0:0";
  must_be_one_line("two nodes", scsi::same_drive(node, other).text);
  static_cast<void>(scsi::is_usable(kDevice, w.sys));
  static_cast<void>(scsi::DeviceState(w.sys).of(kDevice));
  static_cast<void>(scsi::read_tape_statistics(kNode, w.sys));
  must(!scsi::lock_nodes(w.dev + "/sg3", w.sys, w.dev).empty(), "a drive that processes do not meet at");
}

void check_ports(const World& w) {
  const auto all = scsi::read_local_ports(w.sys), of_drive = scsi::ports_of(kDevice, w.sys);
  must(!all.empty() || of_drive.empty(), "a drive's port is none of this host's");
  const auto name = scsi::iscsi_initiator(kDevice, w.sys);
  must(name.find('\n') == name.npos, "a name of two lines", name);
}

void check_inventory(const World& w) {
  auto inventory = status::inventory::to_inventory(status::inventory::kernel_devices({w.sys, w.dev}));
  inventory.host = "h";
  const auto text = config::print_inventory(inventory);
  const auto again = config::parse_inventory(text, "f");
  must(again && config::print_inventory(*again) == text, "an inventory reads otherwise than it was written", text);
}

void check_process(const World& w) {
  must_be_one_line("a process", base::process_text(kProcess, w.proc));
  static_cast<void>(base::is_self_or_ancestor({kProcess, 1}, w.proc));
  for (const auto& user : changer::other_users(kNode, 0, w.proc)) must_be_one_line("a program", user.program);
  for (const auto& user : scsi::tape_users(scsi::read_node(kNode, w.sys), w.proc, w.sys).who)
    must_be_one_line("a program", user);
  must_be_one_line("another user", plugin::other_users({kNode}, w.proc).first);
  const auto daemon = status::find_daemon(w.folder.path("sd.conf"), w.proc);
  must(!daemon.pid || *daemon.pid == kProcess, "an invented daemon");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  static const World world;
  world.fill({bytes, size});
  check_drive(world);
  check_ports(world);
  check_inventory(world);
  check_process(world);
  must(!plugin::interfaces_of(world.folder.path("bacula-sd")).empty(), "a daemon without an interface");
  return 0;
}
