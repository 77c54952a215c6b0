#include "status/serve/address.h"

#include <gtest/gtest.h>

namespace shstore::status::serve {
namespace {

TEST(ServeAddress, IsThisHostAloneUnlessAnotherIsNamed) {
  EXPECT_EQ(parse_address("")->text(), "127.0.0.1:9848");
  EXPECT_EQ(parse_address("8000")->text(), "127.0.0.1:8000");
  EXPECT_EQ(parse_address("localhost:8000")->text(), "127.0.0.1:8000");
  EXPECT_EQ(parse_address("[::1]:8000")->text(), "[::1]:8000");
  EXPECT_EQ(parse_address("10.1.2.3")->text(), "10.1.2.3:9848");
  for (const auto* inside : {"", "127.0.0.1:1", "[::1]", "127.8.8.8"})
    EXPECT_TRUE(parse_address(inside)->loopback()) << inside;
  for (const auto* outside : {"0.0.0.0", "[::]", "10.1.2.3"})
    EXPECT_FALSE(parse_address(outside)->loopback()) << outside;
}

TEST(ServeAddress, WhatIsNoneIsRefusedWithWhatIsRight) {
  for (const auto* wrong : {"host", "host:80", "1.2.3", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:80x", "::1", "[::1",
                            "[127.0.0.1]", "[::1]80", "[::1]:", "-1", "127.0.0.1:80:80", " ", "[localhost]"}) {
    const auto address = parse_address(wrong);
    ASSERT_FALSE(address) << wrong;
    EXPECT_NE(address.error().find("for example 127.0.0.1:9848"), std::string::npos) << address.error();
  }
}

// A page of another site whose name has been made to point here comes with that name.
TEST(ServeHost, OfAnotherSiteIsNotOurs) {
  const std::vector<std::string> names = {"backup.example.org"};
  for (const auto* ours : {"127.0.0.1", "127.0.0.1:9848", "localhost", "LOCALHOST:1", "[::1]", "[::1]:9848",
                           "10.0.0.7:80", "backup.example.org", "Backup.Example.org:9848"})
    EXPECT_TRUE(host_is_ours(ours, names)) << ours;
  for (const auto* other : {"", "evil.example", "evil.example:9848", "localhost.evil.example", "127.0.0.1.evil.example",
                            "backup", "127.0.0.1@evil.example", "[::1", "[evil.example]", "::1", "localhost:x",
                            "localhost:80:80", "127.1", "localhost ", "2130706433"})
    EXPECT_FALSE(host_is_ours(other, names)) << other;
  EXPECT_FALSE(host_is_ours("backup.example.org", {}));
}

TEST(ServeHost, ANameOfAHostIsNoAddressInDisguise) {
  EXPECT_EQ(no_host_name("backup.example.org"), "");
  for (const auto* wrong : {"", "a b", "a:80", "http://a", "a/b", "*"}) EXPECT_NE(no_host_name(wrong), "") << wrong;
}

}  // namespace
}  // namespace shstore::status::serve
