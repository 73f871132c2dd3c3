#include "agent_plugin/sasl_mechanism.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "agent_plugin/word_list.h"
#include "common/ascii.h"

namespace mail_relay {

namespace {

// What a mechanism guarantees; an option that it does not guarantee rules it out.
// Source: saslpluginviewer -c, "security flags" of the client plug-ins.
enum Guarantee : unsigned {
    kNoPlaintext = 1,
    kNoActive = 2,
    kNoDictionary = 4,
    kNoAnonymous = 8,
    kMutual = 16,
    kForwardSecrecy = 32,
};
constexpr unsigned kHashed = kNoPlaintext | kNoAnonymous;
constexpr unsigned kStrong = kHashed | kNoActive | kMutual;

struct Mechanism {
    std::string_view name;
    unsigned guarantees;
    bool password;
};
constexpr auto kMechanisms = std::to_array<Mechanism>({
    {"PLAIN", kNoAnonymous, true},
    {"LOGIN", kNoAnonymous, true},
    {"XOAUTH2", kNoAnonymous, true},
    {"OAUTHBEARER", kNoAnonymous, true},
    {"CRAM-MD5", kHashed, true},
    {"DIGEST-MD5", kHashed | kMutual, true},
    {"NTLM", kHashed, true},
    {"SCRAM-SHA-1", kStrong, true},
    {"SCRAM-SHA-224", kStrong, true},
    {"SCRAM-SHA-256", kStrong, true},
    {"SCRAM-SHA-384", kStrong, true},
    {"SCRAM-SHA-512", kStrong, true},
    {"OTP", kHashed | kForwardSecrecy, true},
    {"SRP", kStrong | kNoDictionary | kForwardSecrecy, true},
    {"PASSDSS-3DES-1", kStrong | kForwardSecrecy, true},
    {"GSSAPI", kStrong, false},
    {"GSS-SPNEGO", kStrong, false},
    {"GS2-KRB5", kStrong, false},
    {"GS2-IAKERB", kStrong, false},
    {"KERBEROS_V4", kStrong, false},
    {"ANONYMOUS", kNoPlaintext, false},
});

struct SecurityOption {
    std::string_view name;
    unsigned demands;
};
constexpr auto kSecurityOptions =
    std::to_array<SecurityOption>({{"noplaintext", kNoPlaintext},
                                   {"noactive", kNoActive},
                                   {"nodictionary", kNoDictionary},
                                   {"noanonymous", kNoAnonymous},
                                   {"mutual_auth", kMutual},
                                   {"forward_secrecy", kForwardSecrecy}});

struct Plugin {
    std::string_view name;
    std::string_view mechanisms;  // blanks between
};
// SCRAM is not here: what it offers depends on its version.
constexpr auto kPlugins = std::to_array<Plugin>({{"plain", "PLAIN"},
                                                 {"login", "LOGIN"},
                                                 {"crammd5", "CRAM-MD5"},
                                                 {"digestmd5", "DIGEST-MD5"},
                                                 {"ntlm", "NTLM"},
                                                 {"anonymous", "ANONYMOUS"},
                                                 {"otp", "OTP"},
                                                 {"srp", "SRP"},
                                                 {"passdss", "PASSDSS-3DES-1"},
                                                 {"gssapiv2", "GSSAPI GSS-SPNEGO"},
                                                 {"gs2", "GS2-KRB5 GS2-IAKERB"},
                                                 {"kerberos4", "KERBEROS_V4"},
                                                 {"xoauth2", "XOAUTH2"},
                                                 {"sasl-xoauth2", "XOAUTH2"},
                                                 {"oauthbearer", "OAUTHBEARER"},
                                                 {"sasldb", ""},
                                                 {"sql", ""},
                                                 {"ldapdb", ""}});

/// Options are written in lower case: Postfix accepts no other.
const SecurityOption *find_option(std::string_view name) {
    const auto *const found =
        std::find_if(kSecurityOptions.begin(), kSecurityOptions.end(),
                     [&](const SecurityOption &option) { return option.name == name; });
    return found == kSecurityOptions.end() ? nullptr : found;
}

template <class Table>
auto find_named(const Table &table, std::string_view name) -> decltype(table.data()) {
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const auto &row) { return same_word(row.name, name); });
    return found == table.end() ? nullptr : &*found;
}

bool is_name_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
}

}  // namespace

std::optional<std::vector<std::string>> mechanisms_of_plugin(std::string_view plugin) {
    const auto *const known = find_named(kPlugins, plugin);
    if (known == nullptr) {
        return std::nullopt;
    }
    return split_list(known->mechanisms);
}

std::vector<std::string> find_mechanism_names(std::string_view library) {
    std::vector<std::string> names;
    for (const auto &mechanism : kMechanisms) {
        const std::string text = std::string(mechanism.name) + '\0';
        for (auto at = library.find(text); at != std::string_view::npos;
             at = library.find(text, at + 1)) {
            // Compilers store a text as the end of a longer one: a blank may precede it.
            if (at == 0 || !is_name_character(library[at - 1])) {
                names.emplace_back(mechanism.name);
                break;
            }
        }
    }
    return names;
}

bool uses_password(std::string_view mechanism) {
    const auto *const known = find_named(kMechanisms, mechanism);
    return known == nullptr || known->password;
}

bool sends_plaintext(std::string_view mechanism) {
    const auto *const known = find_named(kMechanisms, mechanism);
    return known != nullptr && (known->guarantees & kNoPlaintext) == 0;
}

std::optional<std::string> unknown_security_option(const std::vector<std::string> &options) {
    const auto unknown = std::find_if(options.begin(), options.end(), [](const auto &option) {
        return find_option(option) == nullptr;
    });
    return unknown == options.end() ? std::nullopt : std::optional(*unknown);
}

bool satisfies_options(std::string_view mechanism, const std::vector<std::string> &options) {
    const auto *const known = find_named(kMechanisms, mechanism);
    return known == nullptr || std::all_of(options.begin(), options.end(), [&](const auto &option) {
               const auto *const demand = find_option(option);
               return demand == nullptr || (known->guarantees & demand->demands) != 0;
           });
}

std::optional<bool> passes_filter(std::string_view mechanism,
                                  const std::vector<std::string> &filter) {
    if (filter.empty()) {
        return true;
    }
    for (const auto &pattern : filter) {
        std::string_view wanted = pattern;
        bool passes = true;
        for (; wanted.starts_with('!'); wanted.remove_prefix(1)) {
            passes = !passes;
        }
        if (wanted.starts_with("static:") || same_word(wanted, mechanism)) {
            return passes;
        }
        if (wanted.find(':') != std::string_view::npos ||
            wanted.find('/') != std::string_view::npos) {
            return std::nullopt;
        }
    }
    return false;
}

}  // namespace mail_relay
