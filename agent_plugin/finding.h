#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mail_relay {

/// The service a finding belongs to.
enum class Area {
    kService,
    kQueue,
    kConfig,
    kSasl,
    kTls,
    kConnection,
    kDeliveries,
    kNotifications
};

enum class Severity { kInfo, kWarn, kCrit };

/// Something an administrator should know, why we believe it, and how to repair it.
struct Finding {
    std::string id;  ///< stable, snake_case: rules refer to it
    Area area = Area::kConfig;
    Severity severity = Severity::kWarn;
    std::string summary;           ///< one sentence: what is wrong and what it leads to
    std::string evidence;          ///< what was seen, word for word where possible
    std::vector<std::string> fix;  ///< shell commands for this distribution, in order
};

using Findings = std::vector<Finding>;

/// A new one at the end, to be filled in.
Finding &add_finding(Findings &findings, std::string_view id, Area area, Severity severity);

/// "service", "queue", ... as the sections spell it.
std::string_view area_name(Area area);

/// "info", "warn", "crit" as the sections spell it.
std::string_view severity_name(Severity severity);

}  // namespace mail_relay
