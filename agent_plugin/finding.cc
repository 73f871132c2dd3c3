#include "agent_plugin/finding.h"

namespace mail_relay {

Finding &add_finding(Findings &findings, std::string_view id, Area area, Severity severity) {
    Finding &finding = findings.emplace_back();
    finding.id = id;
    finding.area = area;
    finding.severity = severity;
    return finding;
}

std::string_view area_name(Area area) {
    switch (area) {
        case Area::kService:
            return "service";
        case Area::kQueue:
            return "queue";
        case Area::kConfig:
            return "config";
        case Area::kSasl:
            return "sasl";
        case Area::kTls:
            return "tls";
        case Area::kConnection:
            return "connection";
        case Area::kDeliveries:
            return "deliveries";
        case Area::kNotifications:
            return "notifications";
    }
    return "config";
}

std::string_view severity_name(Severity severity) {
    switch (severity) {
        case Severity::kInfo:
            return "info";
        case Severity::kWarn:
            return "warn";
        case Severity::kCrit:
            return "crit";
    }
    return "warn";
}

}  // namespace mail_relay
