// Inventories of a host whose sysfs and /dev are a folder here, and of shstore-target's devices.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "golden.h"
#include "scsi/unix_socket.h"
#include "served_target.h"
#include "status/inventory/gather_inventory.h"
#include "status/inventory/to_inventory.h"

namespace shstore::status::inventory {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using scsi::target::Target;

class InProcess final : public scsi::Transport {
 public:
  InProcess(Target& target, const scsi::target::Endpoint& endpoint, std::string path)
      : target_(target), endpoint_(endpoint), path_(std::move(path)) {}
  scsi::Result<scsi::Reply> execute(const scsi::Command& command) override {
    const std::lock_guard lock(mutex());
    return target_.execute(endpoint_, command);
  }
  const std::string& path() const override { return path_; }

 private:
  static std::mutex& mutex() {  // devices are asked at the same time
    static std::mutex one;
    return one;
  }
  Target& target_;
  const scsi::target::Endpoint& endpoint_;
  std::string path_;
};

scsi::target::San library() {
  auto san = scsi::target::load_san(SHSTORE_ROOT "/samples/library.json");
  EXPECT_TRUE(san) << san.error().message;
  san->changers.front().media_folder.clear();
  return std::move(*san);
}

config::SdConfig parsed(const std::string& text) {
  class OneFile final : public config::FileReader {
   public:
    explicit OneFile(std::string text) : text_(std::move(text)) {}
    tl::expected<std::string, std::string> read(const std::string&) override { return text_; }

   private:
    std::string text_;
  } reader(text);
  return config::load_sd_config("bacula-sd.conf", reader);
}

class Inventory : public testing::Test {
 protected:
  Inventory() : target(library()) { EXPECT_NE(::mkdtemp(folder.data()), nullptr); }
  ~Inventory() override { fs::remove_all(folder); }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(folder + '/' + name).parent_path());
    std::ofstream(folder + '/' + name, std::ios::binary) << text;
  }
  void write(const std::string& name, const scsi::Bytes& bytes) const {
    write(name, std::string(bytes.begin(), bytes.end()));
  }

  // As the kernel shows a device, with its nodes ("scsi_tape/nst0") in /dev.
  void add(const std::string& hctl, int type, const std::string& vendor, const std::string& model,
           const std::vector<std::string>& nodes) const {
    const auto device = "sys/class/scsi_device/" + hctl + "/device/";
    write(device + "type", std::to_string(type) + '\n');
    write(device + "vendor", vendor + "\n");
    write(device + "model", model + "\n");
    write(device + "rev", "H61W\n");
    for (const auto& node : nodes) {
      fs::create_directories(folder + '/' + device + node);
      write("dev/" + node.substr(node.find('/') + 1), std::string());
    }
  }
  void link(const std::string& name, const std::string& to) const {
    fs::create_directories(fs::path(folder + '/' + name).parent_path());
    fs::create_symlink(to, folder + '/' + name);
  }

  // The two drives and the robot of host cibou in samples/library.json.
  void add_library() const {
    const auto tape = [&](const std::string& n) {
      return std::vector<std::string>{"scsi_tape/st" + n, "scsi_tape/st" + n + "a", "scsi_tape/nst" + n,
                                      "scsi_generic/sg" + n};
    };
    add("1:0:0:10", 1, "HP      ", "Ultrium 4-SCSI  ", tape("1"));
    add("1:0:0:2", 1, "HP      ", "Ultrium 4-SCSI  ", tape("0"));
    add("1:0:0:3", 8, "HP      ", "MSL G3 Series   ", {"scsi_generic/sg2", "scsi_changer/sch0"});
    add("0:0:0:0", 0, "ATA     ", "a disk          ", {"scsi_generic/sg7"});
    link("dev/tape/by-id/scsi-A01-nst", "../../nst0");
    link("dev/tape/by-path/pci-0-nst", "../../nst0");
    link("dev/tape/by-path/pci-0", "../../st0");
    link("dev/robot", "sg2");
    link("dev/char/9:128", "../nst0");
    link("dev/dangling", "nst9");
  }

  Sources sources() {
    Sources s;
    s.roots = {folder + "/sys", folder + "/dev"};
    s.open = [this](const std::string& path) -> scsi::Result<std::unique_ptr<scsi::Transport>> {
      for (const auto& e : target.endpoints()) {
        if ("/dev/" + e.device == path) return std::make_unique<InProcess>(target, e, path);
      }
      return scsi::fail(scsi::Error::Kind::device, "cannot open " + path);
    };
    return s;
  }

  // Without what differs from run to run.
  std::string text(Gathered gathered) const {
    gathered.inventory.host = "cibou.company.com";
    gathered.inventory.time = "2026-11-22T19:00:00Z";
    auto json = config::print_inventory(gathered.inventory);
    for (auto at = json.find(folder); at != std::string::npos; at = json.find(folder))
      json.replace(at, folder.size(), "DIR");
    return json;
  }

  std::string folder = "/tmp/shstore-inventory-XXXXXX";
  Target target;
};

// shstore-target as a program would meet it.
class Sockets : public Inventory {
 protected:
  std::string configuration(const std::string& changer = "cibou/sg2") const {
    std::string all = "Storage { Name = cibou-sd; Plugin Directory = " + folder +
                      "/plugins/ }\n"
                      "Autochanger { Name = LTO; Device = D0, D1; Changer Device = " +
                      folder + '/' + changer + " }\n";
    for (const std::string n : {"0", "1"}) {
      all += "Device { Name = D" + n + "; Archive Device = /tapes/" + n + "; Drive Index = " + n +
             "; Control Device = " + folder + "/cibou/sg" + n + "; Lock Command = \"" + folder +
             "/scripts/storage-ctl %l %o\" }\n";
    }
    return all;
  }

  Serving serving{target, folder};
};

TEST_F(Inventory, OfTheKernelsDevices) {
  add_library();
  const auto gathered = gather_inventory({}, sources());
  EXPECT_EQ(gathered.problems, std::vector<std::string>{});
  EXPECT_TRUE(tests::equals_golden(text(gathered), "status/inventory_kernel.json"));
}

TEST_F(Inventory, WhatDoesNotAnswerIsListedWithWhatTheKernelKnows) {
  add("2:0:0:1", 1, "QUANTUM ", "DLT7000         ", {"scsi_tape/nst5", "scsi_generic/sg8"});
  write("sys/class/scsi_device/2:0:0:1/device/vpd_pg80", scsi::encode_unit_serial_number(scsi::kTape, "PXA39S1107"));
  write("sys/class/scsi_device/2:0:0:1/device/vpd_pg83",
        scsi::encode_device_identification(scsi::kTape, {{1, 0, 3, {0x50, 0x01, 0x43, 0x80, 0x02, 0x35, 0x60, 0xa3}}}));
  add("2:0:0:2", 8, "QUANTUM ", "robot           ", {});
  const auto gathered = gather_inventory({}, sources());
  EXPECT_EQ(
      gathered.problems,
      (std::vector<std::string>{"2:0:0:2 has no generic device (/dev/sgN) and cannot be asked: `modprobe sg` makes one",
                                "cannot open /dev/sg8"}));
  ASSERT_EQ(gathered.inventory.devices.size(), 2u);
  const auto& drive = gathered.inventory.devices[0];
  EXPECT_EQ(drive.vendor + '/' + drive.product + '/' + drive.serial, "QUANTUM/DLT7000/PXA39S1107");
  EXPECT_EQ(drive.designator, "naa.50014380023560a3");
  EXPECT_EQ(drive.nodes, (std::vector<std::string>{"/dev/nst5", "/dev/sg8"}));
  EXPECT_TRUE(gathered.inventory.changers.at(0).drives.empty());
}

TEST_F(Inventory, InitiatorNamesAreThoseOfTheSessionsEachOnce) {
  for (const auto& [session, name] : {std::pair{"session1", "iqn.2026-11.lab:b"},
                                      {"session2", "iqn.2026-11.lab:a"},
                                      {"session3", "iqn.2026-11.lab:b"}}) {
    const auto of = fs::path(folder) / "sys/class/iscsi_session" / session;
    fs::create_directories(of);
    std::ofstream(of / "initiatorname") << name << '\n';
  }
  EXPECT_EQ(gather_inventory({}, sources()).inventory.initiators,
            (std::vector<std::string>{"iqn.2026-11.lab:a", "iqn.2026-11.lab:b"}));
}

TEST_F(Inventory, OfAHostWithoutSysfs) {
  const auto gathered = gather_inventory({}, sources());
  EXPECT_TRUE(gathered.inventory.devices.empty() && gathered.problems.empty());
}

TEST_F(Inventory, ALinkOfTheSitesOwnIsOneMoreNodeOfTheDevice) {
  add_library();
  link("lto0", "dev/sg0");
  const auto gathered = gather_inventory({parsed("Storage { Name = s }\nDevice { Name = d; Control Device = " + folder +
                                                 "/lto0; Changer Device = /dev/sg2 }")},
                                         sources());
  ASSERT_EQ(gathered.inventory.devices.size(), 3u);
  EXPECT_EQ(gathered.inventory.devices[0].nodes.back(), folder + "/lto0");
  EXPECT_EQ(gathered.inventory.device_at(folder + "/lto0"), gathered.inventory.device_at("/dev/nst0"));
  EXPECT_EQ(gathered.problems, std::vector<std::string>{});
}

TEST_F(Sockets, WhatAConfigurationNames) {
  write("scripts/storage-ctl", "#!/bin/sh\n");
  fs::permissions(folder + "/scripts/storage-ctl", fs::perms(0755));
  link("plugins/shstore-sd.so", "/nowhere/shstore-sd.so");
  auto gathered =
      gather_inventory({parsed(configuration())}, {{folder + "/sys", folder + "/dev"}, scsi::open_transport, 6s});
  EXPECT_EQ(gathered.problems, std::vector<std::string>{});
  for (auto& file : gathered.inventory.files) {
    if (file.exists != true) continue;
    EXPECT_FALSE(std::exchange(file.owner, "bacula").empty());
  }
  EXPECT_TRUE(tests::equals_golden(text(gathered), "status/inventory_sockets.json"));
}

TEST_F(Sockets, OneSilentDeviceDelaysNoOther) {
  const auto path = folder + "/cibou/silent";
  const auto address = scsi::SocketAddress::of(path);
  const int silent = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::bind(silent, address->get(), address->size()), 0);
  ASSERT_EQ(::listen(silent, 5), 0);
  const auto gathered = gather_inventory({parsed(configuration("cibou/silent"))},
                                         {{folder + "/sys", folder + "/dev"}, scsi::open_transport, 2s});
  ::close(silent);
  EXPECT_EQ(gathered.problems, std::vector<std::string>{path + " does not answer (not within 2 s)"});
  ASSERT_EQ(gathered.inventory.devices.size(), 3u);
  EXPECT_EQ(gathered.inventory.device_at(folder + "/cibou/sg1")->serial, "HU10450A02");
  EXPECT_EQ(gathered.inventory.device_at(path)->type, "");
}

TEST_F(Sockets, AVirtualChangerIsNoRobotAndAMissingOneIsToldOf) {
  write("vchanger.conf", "");
  const Sources here{{folder + "/sys", folder + "/dev"}, scsi::open_transport, 6s};
  const auto with = [&](const std::string& changer) {
    return gather_inventory({parsed(configuration(changer))}, here);
  };
  EXPECT_TRUE(with("vchanger.conf").problems.empty());
  EXPECT_TRUE(with("vchanger.conf").inventory.changers.empty());
  EXPECT_EQ(with("gone").problems,
            std::vector<std::string>{"Changer Device " + folder + "/gone does not exist, or may not be looked at"});
}

TEST(ToInventory, DrivesAreFoundByTheDesignatorThatTheLibraryKnows) {
  const scsi::Designator naa{1, 0, 3, {0x50, 1, 2, 3, 4, 5, 6, 7}};
  ScsiDevice drive, robot;
  drive.identity.type = scsi::kTape;
  drive.identity.serial = "A01";
  drive.identity.designators = {{2, 0, 1, {'H', 'P'}}, naa};
  robot.identity.type = scsi::kMediumChanger;
  robot.identity.library.emplace();
  robot.identity.library->drives.resize(3);
  robot.identity.library->drives[1].device = naa;
  robot.identity.library->drives[2].device = scsi::Designator{2, 0, 0, {'A', '0', '3'}};
  const auto inventory = to_inventory({robot, drive});
  ASSERT_EQ(inventory.changers.at(0).drives.size(), 3u);
  EXPECT_EQ(inventory.changers[0].drives[0].serial, "");
  EXPECT_EQ(inventory.changers[0].drives[1].serial, "A01");
  EXPECT_EQ(inventory.changers[0].drives[1].index, 1u);
  EXPECT_EQ(inventory.changers[0].drives[2].serial, "A03");
  EXPECT_EQ(inventory.devices.at(1).designator, "naa.5001020304050607");
}

TEST(ToInventory, WhatTheDeviceSaysGoesBeforeWhatTheKernelKnew) {
  Identity said, known;
  said.revision = "NEW1";
  known.revision = "OLD1";
  known.serial = "A01";
  known.type = scsi::kTape;
  const auto both = joined(said, known);
  EXPECT_EQ(both.revision + both.serial, "NEW1A01");
  EXPECT_EQ(both.type, scsi::kTape);
}

// What is written is what is read.
TEST_F(Sockets, TheVersionOfBaculaIsThatOfTheLibraryBesideItsPlugins) {
  EXPECT_EQ(gather_inventory({parsed(configuration())}, sources()).inventory.bacula, "");
  write("plugins/libbacsd-new.so", "");
  EXPECT_EQ(gather_inventory({parsed(configuration())}, sources()).inventory.bacula, "");
  write("lib/libbacsd-15.0.3.so", "");
  EXPECT_EQ(gather_inventory({parsed(configuration())}, sources()).inventory.bacula, "15.0.3");
}

TEST(PrintInventory, ComesBackFromTheParser) {
  for (const std::string name : {"inventory_kernel.json", "inventory_sockets.json"}) {
    std::ifstream in(SHSTORE_ROOT "/tests/golden/status/" + name);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto read = config::parse_inventory(text, name);
    ASSERT_TRUE(read) << read.error();
    EXPECT_FALSE(read->devices.empty());
    EXPECT_EQ(config::print_inventory(*read), text);
  }
}

}  // namespace
}  // namespace shstore::status::inventory
