#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "agent_plugin/configuration.h"
#include "agent_plugin/connection_facts.h"
#include "agent_plugin/diagnose_relayhost.h"
#include "agent_plugin/distribution.h"
#include "agent_plugin/finding.h"
#include "agent_plugin/instance.h"
#include "agent_plugin/repair.h"

namespace mail_relay {

constexpr std::uint16_t kSmtpPort = 25;

/// One relay that was looked at, and what its repairs go by.
struct RelayContext {
    const RelayLook &relay;
    const Configuration &configuration;
    const Distribution &distribution;
    const Instance &instance;
    Repair repair;
    std::int64_t now = 0;
    /// Where mail goes while this relay cannot be used: "another relay"; "" for nowhere.
    std::string_view detour;

    /// Whether mail is handed in there, by users rather than by servers.
    bool is_submission() const {
        return relay.port != kSmtpPort || is_submission_host(relay.server);
    }

    /// How bad it is that this relay takes no mail, and what becomes of the mail.
    Severity severity_of_loss() const { return detour.empty() ? Severity::kCrit : Severity::kWarn; }
    std::string fate_of_mail() const {
        return detour.empty() ? "mail stays here" : fmt::format("mail takes {}", detour);
    }

    /// "smtp.example.org port 587"
    std::string name() const { return fmt::format("{} port {}", relay.server, relay.port); }
};

}  // namespace mail_relay
