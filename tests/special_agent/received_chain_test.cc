#include "special_agent/received_chain.h"

#include <gtest/gtest.h>

#include <string>

namespace mail_relay::roundtrip {
namespace {

constexpr const char *kGmail =
    "from mail.example.org (mail.example.org. [192.0.2.1])\r\n"
    "        by mx.google.com with ESMTPS id a1si2.2026.11.21.01.02.03\r\n"
    "        for <sentinel@gmail.com>\r\n"
    "        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256);\r\n"
    "        Sat, 21 Nov 2026 01:02:06 -0800 (PST)";
constexpr const char *kGmailInternal =
    "by 2002:a05:6a10:b0d1:b0:5f1:1 with SMTP id x17csp1;\r\n"
    "        Sat, 21 Nov 2026 01:02:07 -0800 (PST)";
constexpr const char *kPostfix =
    "from monitor (localhost [127.0.0.1])\r\n"
    "\tby mail.example.org (Postfix) with ESMTPSA id 4jWkNK3lHJz1cyVd\r\n"
    "\tfor <sentinel@gmail.com>; Sat, 21 Nov 2026 09:02:05 +0000 (UTC)";
constexpr const char *kMicrosoft =
    "from AM0EUR02FT006.eop-EUR02.prod.protection.outlook.com\r\n"
    " (2a01:111:f400:7e1a::200) by AM6P191CA0020.outlook.outlook.com\r\n"
    " (2603:10a6:209:7f::33) with Microsoft SMTP Server (version=TLS1_2,\r\n"
    " cipher=TLS_ECDHE) id 15.20.1.1 via Frontend Transport; Sat, 21 Nov 2026 09:02:08 +0000";
constexpr const char *kMicrosoftEdge =
    "from mail.example.org (198.51.100.7) by\r\n"
    " AM0EUR02FT006.mail.protection.outlook.com (10.13.54.1) with Microsoft SMTP\r\n"
    " Server id 15.20.1.1; Sat, 21 Nov 2026 09:02:07 +0000";

TEST(ReceivedChain, ReadsWhatPostfixWrites) {
    const Hop hop = parse_received(kPostfix);
    EXPECT_EQ(hop.from, "monitor");
    EXPECT_EQ(hop.from_address, "127.0.0.1");
    EXPECT_EQ(hop.by, "mail.example.org");
    EXPECT_EQ(hop.protocol, "ESMTPSA");
    EXPECT_EQ(hop.time, 1795251725);
}

TEST(ReceivedChain, ReadsAnIPv6Sender) {
    EXPECT_EQ(parse_received("from a.test (unknown [IPv6:2001:DB8::1]) by b.test with ESMTP; x")
                  .from_address,
              "2001:db8::1");
    EXPECT_EQ(parse_received(kMicrosoft).from_address, "2a01:111:f400:7e1a::200");
}

TEST(ReceivedChain, TracesTheWayWithDelays) {
    const auto hops = trace_hops({kGmailInternal, kGmail, kPostfix}, 1795251724.5);
    ASSERT_EQ(hops.size(), 3U);
    EXPECT_EQ(hops[0].by, "mail.example.org");
    EXPECT_DOUBLE_EQ(*hops[0].delay_s, 0.5);
    EXPECT_EQ(hops[1].by, "mx.google.com");
    EXPECT_DOUBLE_EQ(*hops[1].delay_s, 1.0);
    EXPECT_EQ(hops[2].from, "");
    EXPECT_DOUBLE_EQ(*hops[2].delay_s, 1.0);
}

TEST(ReceivedChain, AHopWithoutADateHasNoDelayAndDoesNotBreakTheNext) {
    const auto hops = trace_hops({kGmail, "from a.test by b.test", kPostfix}, 1795251725);
    EXPECT_FALSE(hops[1].delay_s);
    EXPECT_DOUBLE_EQ(*hops[2].delay_s, 1.0);
}

TEST(ReceivedChain, TheSendingAddressIsTheOneTheReceiverSaw) {
    EXPECT_EQ(sending_address(trace_hops({kGmailInternal, kGmail, kPostfix}, 0)), "192.0.2.1");
    EXPECT_EQ(sending_address(trace_hops({kMicrosoft, kMicrosoftEdge, kPostfix}, 0)),
              "198.51.100.7")
        << "a hop inside the provider does not count";
    EXPECT_EQ(sending_address(trace_hops({kPostfix}, 0)), "127.0.0.1");
    EXPECT_EQ(sending_address({}), "");
}

TEST(ReceivedChain, TellsPublicAddressesFromOthers) {
    for (const char *address : {"192.0.2.1", "8.8.8.8", "172.32.0.1", "2001:db8::1", "2a01::1"}) {
        EXPECT_TRUE(is_public_address(address)) << address;
    }
    for (const char *address : {"10.1.2.3", "127.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1",
                                "169.254.1.1", "224.0.0.1", "::1", "fe80::1", "fd00::1", "", "x"}) {
        EXPECT_FALSE(is_public_address(address)) << address;
    }
}

TEST(ReceivedChain, HostileHeadersEnd) {
    parse_received(std::string(1'000'000, '('));
    parse_received("from");
    parse_received("from (");
    parse_received(";");
    EXPECT_EQ(parse_received("from " + std::string(3000, 'a') + " by b").from.size(), 255U);
    EXPECT_EQ(trace_hops(std::vector<std::string>(1000, kPostfix), 0).size(), kMostHops);
}

}  // namespace
}  // namespace mail_relay::roundtrip
