#include "agent_plugin/next_hop.h"

#include <gtest/gtest.h>

#include <utility>

namespace mail_relay {
namespace {

TEST(NextHop, ThatOfTheDefaultTransportWinsOverRelayhost) {
    Configuration configuration;
    configuration.parameters["relayhost"] = "[relay.example.org]";
    for (const auto *name : {"smtp", "error"}) {
        configuration.services.push_back(
            {.name = name, .type = "unix", .chroot = false, .command = name, .overrides = {}});
    }
    for (const auto &[transport, next_hop] :
         {std::pair("smtp", "[relay.example.org]"), std::pair("smtp:", "[relay.example.org]"),
          std::pair("smtp:[gateway.example.org]:465", "[gateway.example.org]:465"),
          std::pair("error:no mail to other hosts", ""), std::pair("error", ""),
          std::pair("nosuch:[gateway.example.org]", "[relay.example.org]")}) {
        configuration.parameters["default_transport"] = transport;
        EXPECT_EQ(next_hop_of(configuration), next_hop) << transport;
    }
}

}  // namespace
}  // namespace mail_relay
