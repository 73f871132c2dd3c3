#include "common/reverse_domain.h"

#include <gtest/gtest.h>

namespace mail_relay {
namespace {

TEST(ReverseDomain, OfIPv4) {
    EXPECT_EQ(reverse_domain("192.0.2.1", ""), "1.2.0.192.in-addr.arpa");
    EXPECT_EQ(reverse_domain("192.0.2.1", "zen.example.org"), "1.2.0.192.zen.example.org");
}

TEST(ReverseDomain, OfIPv6) {
    EXPECT_EQ(reverse_domain("2001:db8::1", ""),
              "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

TEST(ReverseDomain, OfNoAddress) {
    EXPECT_EQ(reverse_domain("mail.example.org", ""), "");
    EXPECT_EQ(reverse_domain("192.0.2", "zen.example.org"), "");
}

}  // namespace
}  // namespace mail_relay
