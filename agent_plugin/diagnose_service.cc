#include "agent_plugin/diagnose_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "agent_plugin/shell_quote.h"

namespace mail_relay {

namespace {

constexpr std::int64_t kFewInodes = 1000;
constexpr std::int64_t kDefaultMessageSize = 10240000;
constexpr double kMebibyte = 1024.0 * 1024.0;

Finding down(const Instance &instance, std::string_view queue_directory) {
    const std::string evidence =
        fmt::format("nobody holds the lock of {}/pid/master.pid", queue_directory);
    const std::vector<std::string> fix{restart_command(instance.name)};
    if (instance.is_default) {
        return {
            "master_down",   Area::kService,
            Severity::kCrit, "Postfix is not running: mail waits in the queue and none is accepted",
            evidence,        fix};
    }
    return {
        "instance_down",
        Area::kService,
        Severity::kCrit,
        fmt::format("The instance {} is enabled but not running: its mail waits", instance.name),
        evidence,
        fix};
}

/// What smtpd(8) and pickup(8) ask for before they take a message: 1.5 times the largest one, or
/// queue_minfree if that is more.
std::int64_t wanted_bytes(const SpoolSpace &spool) {
    const std::int64_t limit = spool.message_size_limit.value_or(kDefaultMessageSize);
    const std::int64_t largest =
        limit > 0 && limit < (std::int64_t{1} << 60) ? limit : kDefaultMessageSize;
    return std::max(largest + largest / 2, spool.queue_minfree.value_or(0));
}

std::string clean_command(const Distribution &distribution) {
    switch (distribution.family) {
        case DistributionFamily::kDebian:
            return "apt clean";
        case DistributionFamily::kRedHat:
            return "dnf clean all";
        case DistributionFamily::kSuse:
            return "zypper clean --all";
        case DistributionFamily::kOther:
            break;
    }
    return "# remove what is not needed there, or grow the file system";
}

std::optional<Finding> nearly_full(const ServiceFacts &facts, std::string_view queue_directory) {
    if (!facts.spool) {
        return std::nullopt;
    }
    const SpoolSpace &spool = *facts.spool;
    std::string evidence;
    if (spool.free_bytes < wanted_bytes(spool)) {
        evidence = fmt::format("{}: {:.1f} MiB free, {:.1f} MiB wanted", queue_directory,
                               static_cast<double>(spool.free_bytes) / kMebibyte,
                               static_cast<double>(wanted_bytes(spool)) / kMebibyte);
    } else if (spool.total_inodes > 0 && spool.free_inodes < kFewInodes) {
        evidence = fmt::format("{}: {} of {} inodes free", queue_directory, spool.free_inodes,
                               spool.total_inodes);
    } else {
        return std::nullopt;
    }
    const std::string quoted = shell_quote(queue_directory);
    return Finding{
        "spool_nearly_full",
        Area::kService,
        Severity::kCrit,
        "The file system of the queue is nearly full: Postfix refuses mail",
        evidence,
        {fmt::format("df -h {0}; df -i {0}", quoted), clean_command(facts.distribution)}};
}

/// What "postfix check" would complain about.
std::optional<Finding> wrong_permissions(const ServiceFacts &facts) {
    if (facts.permissions.empty()) {
        return std::nullopt;
    }
    Finding finding{
        "wrong_permissions",
        Area::kService,
        Severity::kWarn,
        fmt::format(
            "Owner or mode of {} of the places that Postfix needs is wrong: parts of it may "
            "fail",
            facts.permissions.size()),
        "",
        {}};
    for (const PermissionFault &fault : facts.permissions) {
        finding.evidence += fmt::format("{}{}", finding.evidence.empty() ? "" : "; ", fault.what);
        finding.fix.push_back(fault.repair);
    }
    finding.fix.emplace_back("postfix check");
    return finding;
}

}  // namespace

Findings diagnose_service(const Instance &instance, const ServiceFacts &facts,
                          std::string_view queue_directory) {
    Findings findings;
    if (facts.master.running == false && instance.enabled) {
        findings.push_back(down(instance, queue_directory));
    }
    if (auto finding = nearly_full(facts, queue_directory)) {
        findings.push_back(*std::move(finding));
    }
    if (auto finding = wrong_permissions(facts)) {
        findings.push_back(*std::move(finding));
    }
    return findings;
}

}  // namespace mail_relay
