#include "agent_plugin/tls_peer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "agent_plugin/word_list.h"
#include "common/ascii.h"

namespace mail_relay {

namespace {

constexpr auto kProtocols =
    std::to_array<std::string_view>({"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"});

/// Place in kProtocols; -1 for the older ones, which no OpenSSL of today speaks.
int rank(std::string_view protocol) {
    const auto *const found =
        std::find_if(kProtocols.begin(), kProtocols.end(),
                     [&](std::string_view known) { return same_word(known, protocol); });
    return found == kProtocols.end() ? -1 : static_cast<int>(found - kProtocols.begin());
}

/// The first of the parameters that is set; "" if none is.
std::string first_set(const Configuration &configuration,
                      std::initializer_list<std::string_view> names) {
    for (const auto name : names) {
        const auto value = configuration.smtp_client(name);
        if (!value.empty() && value != "none") {
            return std::string(value);
        }
    }
    return "";
}

std::vector<std::string> split_at_colons(const std::vector<std::string> &values) {
    std::vector<std::string> words;
    for (std::string_view rest : values) {
        while (!rest.empty()) {
            const auto end = std::min(rest.find(':'), rest.size());
            if (end > 0) {
                words.emplace_back(rest.substr(0, end));
            }
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return words;
}

std::string first_of(const std::vector<std::string> &values, std::string_view otherwise) {
    return values.empty() ? std::string(otherwise) : values.front();
}

/// Grade and exclusions as a list for OpenSSL. Source: Postfix src/tls/tls_misc.c
/// (tls_set_ciphers). Anonymous ciphers are left out: without a certificate there is nothing to
/// see.
std::string cipher_list(const Configuration &configuration, const RelayhostLevel &level,
                        bool mandatory) {
    const std::string grade = first_of(
        policy_values(level, "ciphers"),
        configuration.smtp_client(mandatory ? "smtp_tls_mandatory_ciphers" : "smtp_tls_ciphers"));
    std::string list(configuration.get(same_word(grade, "high") ? "tls_high_cipherlist"
                                                                : "tls_medium_cipherlist"));
    if (list.empty()) {
        return "";
    }
    auto excluded = policy_values(level, "exclude");
    if (excluded.empty()) {
        excluded = split_list(configuration.smtp_client("smtp_tls_exclude_ciphers"));
        if (mandatory) {
            const auto more =
                split_list(configuration.smtp_client("smtp_tls_mandatory_exclude_ciphers"));
            excluded.insert(excluded.end(), more.begin(), more.end());
        }
    }
    for (const auto &word : split_at_colons(excluded)) {
        list += ":!" + word;
    }
    return list + ":!aNULL";
}

TlsPolicy trust_of(const Configuration &configuration, const RelayhostLevel &level) {
    TlsPolicy trust;
    trust.default_ca = configuration.is_yes("tls_append_default_CA");
    const auto depth = configuration.smtp_client("smtp_tls_scert_verifydepth");
    std::from_chars(depth.data(), depth.data() + depth.size(), trust.depth);
    trust.more_ca_files = policy_values(level, "tafile");
    if (trust.more_ca_files.empty()) {
        trust.more_ca_files = split_list(configuration.smtp_client("smtp_tls_trust_anchor_file"));
    }
    if (!trust.more_ca_files.empty()) {
        trust.partial_chain = true;  // they replace all other authorities
        return trust;
    }
    trust.ca_file = configuration.smtp_client("smtp_tls_CAfile");
    trust.ca_path = configuration.smtp_client("smtp_tls_CApath");
    const MasterService *const service = configuration.delivery_service();
    if (!trust.ca_path.empty() && service != nullptr && service->chroot) {
        trust.ca_path.insert(0, configuration.get("queue_directory"));
    }
    if (trust.default_ca && !trust.ca_file.empty()) {
        trust.more_ca_files = {default_ca_file()};
    }
    return trust;
}

void present_certificate(const Configuration &configuration, TlsOffer &offer) {
    const auto chains = split_list(configuration.smtp_client("smtp_tls_chain_files"));
    if (!chains.empty()) {
        offer.certificate_file = chains.front();
        offer.key_file = chains.front();
        return;
    }
    offer.certificate_file =
        first_set(configuration, {"smtp_tls_cert_file", "smtp_tls_eccert_file"});
    offer.key_file = offer.certificate_file.empty()
                         ? ""
                         : first_set(configuration, {"smtp_tls_key_file", "smtp_tls_eckey_file"});
}

}  // namespace

TlsPeer tls_peer(const Configuration &configuration, const RelayhostLevel &level) {
    TlsPeer peer;
    const TlsLevel wanted = level.level.value_or(TlsLevel::kMay);
    const bool wrapper = configuration.smtp_client_is_yes("smtp_tls_wrappermode");
    peer.mode = wrapper                     ? TlsMode::kImplicit
                : wanted == TlsLevel::kNone ? TlsMode::kNone
                                            : TlsMode::kStartTls;
    peer.required = wrapper || !allows_plaintext(wanted);
    peer.trust_required = needs_ca(wanted);
    peer.trust = trust_of(configuration, level);
    const auto protocols = configuration.smtp_client(peer.required ? "smtp_tls_mandatory_protocols"
                                                                   : "smtp_tls_protocols");
    peer.offer.protocols =
        allowed_protocols(first_of(policy_values(level, "protocols"), protocols));
    peer.offer.ciphers = cipher_list(configuration, level, peer.required);
    present_certificate(configuration, peer.offer);
    peer.server_name = first_of(policy_values(level, "servername"),
                                configuration.smtp_client("smtp_tls_servername"));
    peer.match = split_at_colons(policy_values(level, "match"));
    if (peer.match.empty() && peer.trust_required) {
        peer.match = split_at_colons(split_list(
            configuration.smtp_client(wanted == TlsLevel::kSecure ? "smtp_tls_secure_cert_match"
                                                                  : "smtp_tls_verify_cert_match")));
    }
    if (peer.match.empty() || !peer.trust_required) {
        peer.match = {"hostname"};
    }
    return peer;
}

std::vector<std::string> certificate_names(const TlsPeer &peer, std::string_view hostname,
                                           std::string_view nexthop) {
    std::vector<std::string> names;
    for (const auto &strategy : peer.match) {
        names.push_back(strategy == "hostname"      ? std::string(hostname)
                        : strategy == "nexthop"     ? std::string(nexthop)
                        : strategy == "dot-nexthop" ? fmt::format(".{}", nexthop)
                                                    : strategy);
    }
    return names;
}

std::string told_server_name(const TlsPeer &peer, std::string_view hostname,
                             std::string_view nexthop) {
    const auto &setting = peer.server_name;
    return setting == "hostname"  ? std::string(hostname)
           : setting == "nexthop" ? std::string(nexthop)
                                  : setting;
}

std::vector<std::string> allowed_protocols(std::string_view setting) {
    std::array<bool, kProtocols.size()> excluded{};
    std::array<bool, kProtocols.size()> included{};
    bool includes_any = false;
    int lowest = 0;
    int highest = static_cast<int>(kProtocols.size()) - 1;
    std::string words(setting);
    std::replace(words.begin(), words.end(), ':', ' ');
    for (std::string_view word : split_list(words)) {
        const bool is_lowest = word.starts_with(">=");
        const bool is_highest = word.starts_with("<=");
        const bool is_exclusion = word.starts_with('!');
        word.remove_prefix(is_lowest || is_highest ? 2 : is_exclusion ? 1 : 0);
        const int place = rank(word);
        if (is_lowest) {
            lowest = std::max(place, 0);
        } else if (is_highest) {
            highest = place;
        } else if (is_exclusion && place >= 0) {
            excluded.at(static_cast<std::size_t>(place)) = true;
        } else if (!is_exclusion) {
            includes_any = true;
            if (place >= 0) {
                included.at(static_cast<std::size_t>(place)) = true;
            }
        }
    }
    std::vector<std::string> allowed;
    for (int place = lowest; place <= highest; ++place) {
        const auto at = static_cast<std::size_t>(place);
        if (!excluded.at(at) && (!includes_any || included.at(at))) {
            allowed.emplace_back(kProtocols.at(at));
        }
    }
    return allowed;
}

}  // namespace mail_relay
