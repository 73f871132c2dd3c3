#include "agent_plugin/diagnose_transports.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "agent_plugin/word_list.h"

namespace mail_relay {

namespace {

/// A service that mail cannot do without, and what it is for.
struct NeededService {
    std::string name;
    std::string user;  ///< "default_transport"; "" for Postfix itself
};

std::string name_of_transport(std::string_view transport) {
    return std::string(transport.substr(0, transport.find(':')));
}

std::vector<NeededService> needed_services(const Configuration &configuration) {
    std::vector<NeededService> needed{{"cleanup", ""}, {"qmgr", ""}, {"rewrite", ""}};
    std::vector<std::string> transports{"default_transport"};
    // Its default may be mydestination, whose mail does not leave.
    if (configuration.is_set_in_main_cf("relay_domains") &&
        !configuration.get("relay_domains").empty()) {
        transports.emplace_back("relay_transport");
    }
    for (const auto &parameter : transports) {
        const auto name = name_of_transport(configuration.get(parameter));
        if (!name.empty()) {
            needed.push_back({name, parameter});
        }
    }
    return needed;
}

bool has_service(const Configuration &configuration, std::string_view name) {
    return std::any_of(configuration.services.begin(), configuration.services.end(),
                       [&](const MasterService &service) {
                           return service.name == name && service.type != "inet";
                       });
}

/// The smtp client as Postfix's own master.cf has it; what else is missing only its author knows.
std::string add_service(const NeededService &needed, const Repair &repair) {
    constexpr std::string_view kClient = "smtp";
    return needed.name == kClient || needed.name == "relay"
               ? repair.add_service(needed.name, kClient)
               : fmt::format("# give master.cf a service {} again, or name another one",
                             needed.name);
}

void missing(const Configuration &configuration, const Repair &repair, Findings &findings) {
    std::vector<std::string> evidence;
    std::vector<std::string> fix;
    for (const auto &needed : needed_services(configuration)) {
        if (has_service(configuration, needed.name)) {
            continue;
        }
        evidence.push_back(needed.user.empty()
                               ? fmt::format("no {}", needed.name)
                               : fmt::format("no {}, which {} names", needed.name, needed.user));
        fix.push_back(add_service(needed, repair));
    }
    if (evidence.empty()) {
        return;
    }
    fix.push_back(repair.reload());
    fix.push_back(repair.flush());
    findings.push_back({"service_missing", Area::kConfig, Severity::kCrit,
                        "master.cf lacks a service that mail has to pass: mail stays here",
                        fmt::format("master.cf has {}", fmt::join(evidence, "; ")),
                        std::move(fix)});
}

void deferred(const Configuration &configuration, const Repair &repair, Findings &findings) {
    const std::string transport = name_of_transport(configuration.get("default_transport"));
    if (!contains(split_list(configuration.get("defer_transports")), transport)) {
        return;
    }
    findings.push_back({"transport_deferred",
                        Area::kConfig,
                        Severity::kWarn,
                        fmt::format("Mail through {} is kept until somebody asks for it: it is in "
                                    "defer_transports",
                                    transport),
                        fmt::format("defer_transports = {}", configuration.get("defer_transports")),
                        {repair.remove("defer_transports"), repair.reload(), repair.flush()}});
}

void discarded(const Configuration &configuration, const Repair &repair, Findings &findings) {
    const MasterService *const service = configuration.delivery_service();
    if (service == nullptr || service->command != "discard") {
        return;
    }
    findings.push_back(
        {"mail_discarded",
         Area::kConfig,
         Severity::kWarn,
         "Mail for other hosts is thrown away and logged as sent",
         fmt::format("default_transport = {}", configuration.get("default_transport")),
         {repair.remove("default_transport"), repair.reload()}});
}

}  // namespace

Findings diagnose_transports(const Configuration &configuration, const Repair &repair) {
    Findings findings;
    if (configuration.services.empty()) {
        return findings;  // not known
    }
    missing(configuration, repair, findings);
    deferred(configuration, repair, findings);
    discarded(configuration, repair, findings);
    return findings;
}

}  // namespace mail_relay
