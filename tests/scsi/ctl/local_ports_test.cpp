#include "scsi/local_ports.h"

#include <gtest/gtest.h>

#include "support.h"

namespace shstore::scsi {
namespace {

TEST(LocalPorts, AreReadFromTheKernelsNames) {
  const TemporaryFolder sys;
  for (const char* folder : {"class/fc_host/host3", "class/fc_host/host4", "class/sas_phy/phy-5:0",
                             "class/sas_phy/phy-5:1:0", "class/iscsi_session/session1"}) {
    std::filesystem::create_directories(sys.path(folder));
  }
  sys.write("class/fc_host/host3/port_name", "0x2100001b321f4365\n");
  sys.write("class/fc_host/host4/port_name", "not a number\n");
  sys.write("class/sas_phy/phy-5:0/sas_address", "0x500605b000000001\n");
  sys.write("class/sas_phy/phy-5:1:0/sas_address", "0x500605b000000002\n");  // an expander's
  sys.write("class/iscsi_session/session1/initiatorname", "iqn.1993-08.org.debian:01:cibou\n");

  const auto ports = read_local_ports(sys.path());
  EXPECT_TRUE(ports.contains(fc_transport_id(0x2100001b321f4365)));
  EXPECT_FALSE(ports.contains(fc_transport_id(0x2101001b322173ee)));
  auto sas = fc_transport_id(0x500605b000000001);
  sas.protocol = static_cast<uint8_t>(Protocol::sas);
  EXPECT_TRUE(ports.contains(sas));
  put_be64(sas.port, 0, 0x500605b000000002);
  EXPECT_FALSE(ports.contains(sas));
  TransportId iscsi;
  iscsi.protocol = static_cast<uint8_t>(Protocol::iscsi);
  iscsi.iscsi_name = "iqn.1993-08.org.debian:01:cibou";
  iscsi.iscsi_isid = "00023d000001";
  EXPECT_TRUE(ports.contains(iscsi));
  iscsi.iscsi_name = "iqn.1993-08.org.debian:01:dir";
  EXPECT_FALSE(ports.contains(iscsi));
}

TEST(LocalPorts, AMachineWithoutAnyIsNoError) {
  const TemporaryFolder sys;
  EXPECT_FALSE(read_local_ports(sys.path()).contains(fc_transport_id(1)));
}

}  // namespace
}  // namespace shstore::scsi
