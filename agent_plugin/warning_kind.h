#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "agent_plugin/log_message.h"

namespace mail_relay {

/// What a text without queue ID complains about. The first kind that fits counts.
enum class WarningKind : std::uint8_t {
    kThrottling,     ///< master(8) does not start a daemon again that died at once
    kClock,          ///< the clocks of queue and host differ
    kPolicy,         ///< a TLS policy table or its service does not answer
    kSasl,           ///< logging on to a relay
    kTls,            ///< TLS with a relay
    kConnect,        ///< a relay's address cannot be reached
    kDns,            ///< a name cannot be resolved
    kMap,            ///< a lookup table cannot be used
    kMilter,         ///< a mail filter does not answer
    kResources,      ///< disk, memory, file descriptors
    kConfiguration,  ///< a parameter
    kQueue,          ///< queue files
    kSmtpd,          ///< strangers that connect to this host
    kFatal,          ///< a daemon ended, for another reason than those above
    kPanic,
    kOther,
};

inline constexpr std::size_t kWarningKindCount = static_cast<std::size_t>(WarningKind::kOther) + 1;

/// "throttling", "clock", ... as sections spell it.
std::string_view warning_kind_name(WarningKind kind);

/// Kind of what `program` ("smtp", "master") says; nullopt for ordinary texts.
std::optional<WarningKind> warning_kind(std::string_view program, const LogMessage &message);

}  // namespace mail_relay
