#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent_plugin/configuration.h"

namespace mail_relay {

// What postconf(1) prints. Source: Postfix src/postconf/, all versions since 2.11.

/// "name = value" lines of postconf -x and -n, in their order. The views point into `output`.
std::vector<std::pair<std::string_view, std::string_view>> parse_settings(std::string_view output);

/// One word a line: map types (-m), client SASL types (-A).
std::vector<std::string> parse_words(std::string_view output);

/// The services of postconf -M. `default_chroot` is what "-" in the chroot column means. Lines that
/// are no service are left out; of two entries for one service the last one counts.
std::vector<MasterService> parse_services(std::string_view output, bool default_chroot);

/// Adds the "service/type/parameter = value" lines of postconf -P to their services: parameters the
/// product looks at alone.
void add_overrides(std::vector<MasterService> &services, std::string_view output);

/// Warnings on standard error, each once, without "postconf: warning: " and without the values of
/// parameters, which may be secret. At most 50 of at most 300 bytes.
std::vector<std::string> parse_warnings(std::string_view standard_error);

/// Why postconf gave up ("postconf: fatal: ..."), without that prefix; nullopt if it did not.
std::optional<std::string> parse_fatal(std::string_view standard_error);

/// What "-" in the chroot column of master.cf means to this version of Postfix.
bool default_chroot(const Configuration &configuration);

/// The compatibility_level as numbers: "3.6" is {3, 6}, "2" is {2, 0}; nullopt when unknown.
std::optional<std::pair<int, int>> compatibility_level(const Configuration &configuration);

}  // namespace mail_relay
