#include "scsi/device_events.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <utility>

namespace shstore::scsi {
namespace {

constexpr unsigned kKernelGroup = 1;      // the kernel's own messages; 2 is udev's
constexpr int kReceiveBuffer = 1 << 20;   // of a host whose every path goes down at once
constexpr size_t kLargestMessage = 8192;  // UEVENT_BUFFER_SIZE is 2048 (include/linux/kobject.h)

// "NAME=VALUE" of a message; empty: not there.
std::string_view value_of(std::string_view message, std::string_view name) {
  while (!message.empty()) {
    const auto end = message.find('\0');
    const auto line = message.substr(0, end);
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == '=')
      return line.substr(name.size() + 1);
    message.remove_prefix(end == std::string_view::npos ? message.size() : end + 1);
  }
  return {};
}

// Since Linux 4.18 devices are told of only in network namespaces that belong to the first user namespace (lib/kobject_uevent.c,
// uevent_net_init).
bool kernel_tells_here() {
  constexpr ino_t kFirstUserNamespace = 0xEFFFFFFD;  // PROC_USER_INIT_INO, include/linux/proc_ns.h
  const base::Descriptor net(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!net) return false;
  const base::Descriptor owner(::ioctl(net.get(), NS_GET_USERNS));
  struct stat st {};
  return owner && ::fstat(owner.get(), &st) == 0 && st.st_ino == kFirstUserNamespace;
}

}  // namespace

bool tells_of_nodes(std::string_view message) {
  constexpr std::array<std::string_view, 6> kSubsystems = {"scsi",          "scsi_tape",       "scsi_generic",
                                                           "iscsi_session", "fc_remote_ports", "scsi_host"};
  const auto subsystem = value_of(message, "SUBSYSTEM");
  return std::find(kSubsystems.begin(), kSubsystems.end(), subsystem) != kSubsystems.end();
}

std::vector<DeviceEvent> parse_device_event(std::string_view message) {
  const auto head = message.substr(0, message.find('\0'));
  const auto at = head.find('@');
  if (at == std::string_view::npos) return {};
  const auto action = head.substr(0, at), device = head.substr(at + 1);
  if (!device.starts_with('/') || value_of(message, "SUBSYSTEM") != "scsi") return {};
  if (value_of(message, "DEVTYPE") != "scsi_device") return {};
  if (action == "remove") return {{DeviceEvent::Kind::gone, std::string(device)}};
  const bool reset = action == "change" && value_of(message, "SDEV_UA") == "POWER_ON_RESET_OCCURRED";
  if (reset) return {{DeviceEvent::Kind::reset, std::string(device)}};
  return {};
}

std::string sysfs_device(const std::string& node, const std::string& sysfs) {
  struct stat st {};
  if (::stat(node.c_str(), &st) != 0 || !S_ISCHR(st.st_mode)) return {};
  const auto link =
      sysfs + "/dev/char/" + std::to_string(major(st.st_rdev)) + ':' + std::to_string(minor(st.st_rdev)) + "/device";
  const auto resolved = [](const std::string& path) -> std::string {
    const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), ::free);
    return real ? real.get() : std::string{};
  };
  const auto device = resolved(link), root = resolved(sysfs);
  return device.starts_with(root + '/') ? device.substr(root.size()) : std::string{};
}

Result<DeviceEvents> DeviceEvents::open() {
  const auto failed = [](const char* what) {
    return fail(Error::Kind::device,
                std::string("the kernel's device events cannot be read: ") + what + ": " + errno_text(errno));
  };
  DeviceEvents events(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT),
                      kernel_tells_here());
  if (!events.socket_) return failed("socket");
  ::setsockopt(events.socket_.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = kKernelGroup;
  if (::bind(events.socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return failed("bind");
  return events;
}

DeviceEvents::Batch DeviceEvents::read() {
  Batch batch;
  std::array<char, kLargestMessage> buffer{};
  for (;;) {
    sockaddr_nl sender{};
    socklen_t size = sizeof sender;
    const auto n =
        ::recvfrom(socket_.get(), buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&sender), &size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == ENOBUFS) {
      batch.lost = batch.nodes = true;
      continue;
    }
    if (n <= 0) return batch;
    if (size == sizeof sender && sender.nl_family == AF_NETLINK && sender.nl_pid != 0)
      continue;  // no word of the kernel's
    const std::string_view message(buffer.data(), static_cast<size_t>(n));
    batch.nodes = batch.nodes || tells_of_nodes(message);
    for (auto& event : parse_device_event(message)) batch.events.push_back(std::move(event));
  }
}

}  // namespace shstore::scsi
