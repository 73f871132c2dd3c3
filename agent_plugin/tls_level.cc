#include "agent_plugin/tls_level.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "common/ascii.h"

namespace mail_relay {

namespace {

constexpr auto kLevels =
    std::to_array<std::pair<std::string_view, TlsLevel>>({{"none", TlsLevel::kNone},
                                                          {"may", TlsLevel::kMay},
                                                          {"encrypt", TlsLevel::kEncrypt},
                                                          {"fingerprint", TlsLevel::kFingerprint},
                                                          {"half-dane", TlsLevel::kHalfDane},
                                                          {"dane", TlsLevel::kDane},
                                                          {"dane-only", TlsLevel::kDaneOnly},
                                                          {"verify", TlsLevel::kVerify},
                                                          {"secure", TlsLevel::kSecure}});

/// "3.11" as {3, 11}, "2" as {2, 0}.
std::pair<int, int> parse_compatibility_level(std::string_view text) {
    std::pair<int, int> level{0, 0};
    const char *const end = text.data() + text.size();
    const auto major = std::from_chars(text.data(), end, level.first);
    if (major.ec == std::errc() && major.ptr != end && *major.ptr == '.') {
        std::from_chars(major.ptr + 1, end, level.second);
    }
    return level;
}

/// Postfix 3.11 uses TLS by default. Only needed where postconf itself could not be asked.
bool default_is_may(const Configuration &configuration) {
    const auto version = configuration.version();
    const std::pair<int, int> since{3, 11};
    return version && *version >= since &&
           parse_compatibility_level(configuration.get("compatibility_level")) >= since;
}

bool is_known(const Configuration &configuration, std::string_view name) {
    const MasterService *const service = configuration.delivery_service();
    return configuration.parameters.find(name) != configuration.parameters.end() ||
           (service != nullptr && service->overrides.find(name) != service->overrides.end());
}

bool is_set(const Configuration &configuration, std::string_view name) {
    const MasterService *const service = configuration.delivery_service();
    return configuration.is_set_in_main_cf(name) ||
           (service != nullptr && service->overrides.find(name) != service->overrides.end());
}

}  // namespace

std::optional<TlsLevel> parse_tls_level(std::string_view name) {
    const auto *const found = std::find_if(kLevels.begin(), kLevels.end(), [&](const auto &level) {
        return same_word(name, level.first);
    });
    return found == kLevels.end() ? std::nullopt : std::optional(found->second);
}

std::string_view tls_level_name(TlsLevel level) {
    return kLevels.at(static_cast<std::size_t>(level)).first;
}

bool allows_plaintext(TlsLevel level) {
    return level <= TlsLevel::kMay || level == TlsLevel::kDane;
}

bool needs_ca(TlsLevel level) {
    return level == TlsLevel::kVerify || level == TlsLevel::kSecure;
}

ConfiguredLevel configured_tls_level(const Configuration &configuration) {
    static constexpr std::string_view kParameter = "smtp_tls_security_level";
    ConfiguredLevel level;
    std::string_view value = configuration.smtp_client(kParameter);
    const bool set = is_set(configuration, kParameter);
    if (set) {
        level.configured = value;
    } else if (!is_known(configuration, kParameter) && default_is_may(configuration)) {
        value = "may";
    }
    if (!value.empty()) {
        level.effective = parse_tls_level(value);
        level.origin = set ? kParameter : "default";
    } else if (configuration.smtp_client_is_yes("smtp_enforce_tls")) {
        const bool checks_name =
            !same_word(configuration.smtp_client("smtp_tls_enforce_peername"), "no");
        level.effective = checks_name ? TlsLevel::kVerify : TlsLevel::kEncrypt;
        level.origin = "smtp_enforce_tls";
    } else if (configuration.smtp_client_is_yes("smtp_use_tls")) {
        level.effective = TlsLevel::kMay;
        level.origin = "smtp_use_tls";
    } else {
        level.effective = TlsLevel::kNone;
        level.origin = set ? kParameter : "default";
    }
    return level;
}

}  // namespace mail_relay
