#include "agent_plugin/sasl_mechanism.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <sstream>

namespace mail_relay {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(SaslMechanism, PluginsAreKnownByName) {
    EXPECT_THAT(mechanisms_of_plugin("plain").value(), ElementsAre("PLAIN"));
    EXPECT_THAT(mechanisms_of_plugin("crammd5").value(), ElementsAre("CRAM-MD5"));
    EXPECT_THAT(mechanisms_of_plugin("gssapiv2").value(), ElementsAre("GSSAPI", "GSS-SPNEGO"));
    EXPECT_THAT(mechanisms_of_plugin("sasldb").value(), IsEmpty());
    EXPECT_FALSE(mechanisms_of_plugin("scram"));  // its version decides
    EXPECT_FALSE(mechanisms_of_plugin("mystery"));
}

TEST(SaslMechanism, NamesAreFoundInALibrary) {
    EXPECT_THAT(find_mechanism_names("x\0SCRAM-SHA-256\0SCRAM-SHA-1\0"s),
                ElementsAre("SCRAM-SHA-1", "SCRAM-SHA-256"));
    EXPECT_THAT(find_mechanism_names("Unsupported LOGIN\0"s), ElementsAre("LOGIN"));
    EXPECT_THAT(find_mechanism_names("NOPLAIN\0PLAIN"s), IsEmpty());
    EXPECT_THAT(find_mechanism_names("MYPLAIN\0 PLAIN\0"s), ElementsAre("PLAIN"));
}

TEST(SaslMechanism, OptionsRuleMechanismsOut) {
    struct Case {
        const char *mechanism;
        std::vector<std::string> options;
        bool stays;
    };
    const std::vector<std::string> by_default = {"noplaintext", "noanonymous"};
    for (const auto &[mechanism, options, stays] : {
             Case{"PLAIN", by_default, false},
             Case{"login", by_default, false},
             Case{"XOAUTH2", by_default, false},
             Case{"CRAM-MD5", by_default, true},
             Case{"SCRAM-SHA-256", by_default, true},
             Case{"ANONYMOUS", by_default, false},
             Case{"PLAIN", {"noanonymous"}, true},
             Case{"ANONYMOUS", {}, true},
             Case{"PLAIN", {}, true},
             Case{"CRAM-MD5", {"mutual_auth"}, false},
             Case{"DIGEST-MD5", {"mutual_auth"}, true},
             Case{"DIGEST-MD5", {"nodictionary"}, false},
             Case{"SOMETHING-NEW", by_default, true},
         }) {
        EXPECT_EQ(satisfies_options(mechanism, options), stays) << mechanism;
    }
}

TEST(SaslMechanism, PostfixKnowsSixOptionsInLowerCase) {
    EXPECT_EQ(unknown_security_option({"noplaintext", "noactive", "nodictionary", "noanonymous",
                                       "mutual_auth", "forward_secrecy"}),
              std::nullopt);
    EXPECT_EQ(unknown_security_option({"noanonymous", "NoPlaintext"}), "NoPlaintext");
    EXPECT_EQ(unknown_security_option({"none"}), "none");
}

TEST(SaslMechanism, TheFirstMatchingPatternOfTheFilterDecides) {
    using Filter = std::vector<std::string>;
    struct Case {
        const char *mechanism;
        Filter filter;
        std::optional<bool> passes;
    };
    for (const auto &[mechanism, filter, passes] : {
             Case{"PLAIN", {}, true},
             Case{"PLAIN", {"plain", "login"}, true},
             Case{"CRAM-MD5", {"plain", "login"}, false},
             Case{"GSSAPI", {"!gssapi", "!login", "static:rest"}, false},
             Case{"PLAIN", {"!gssapi", "!login", "static:rest"}, true},
             Case{"PLAIN", {"!!plain"}, true},
             Case{"LOGIN", {"!plain"}, false},  // nothing matches
             Case{"PLAIN", {"!static:all"}, false},
             Case{"PLAIN", {"/etc/postfix/mechs"}, std::nullopt},
             Case{"PLAIN", {"hash:/etc/postfix/mechs"}, std::nullopt},
             Case{"PLAIN", {"plain", "/etc/postfix/mechs"}, true},
         }) {
        EXPECT_EQ(passes_filter(mechanism, filter), passes) << mechanism;
    }
}

TEST(SaslMechanism, OnlySomeWorkWithAPasswordAlone) {
    EXPECT_TRUE(uses_password("PLAIN"));
    EXPECT_TRUE(uses_password("SCRAM-SHA-1"));
    EXPECT_FALSE(uses_password("GSSAPI"));
    EXPECT_FALSE(uses_password("ANONYMOUS"));
    EXPECT_TRUE(sends_plaintext("login"));
    EXPECT_FALSE(sends_plaintext("CRAM-MD5"));
    EXPECT_FALSE(sends_plaintext("ANONYMOUS"));
}

/// The options each mechanism satisfies, as Cyrus SASL itself prints them.
std::map<std::string, std::string> ask_cyrus() {
    std::map<std::string, std::string> flags;
    const std::unique_ptr<FILE, int (*)(FILE *)> viewer(
        ::popen("/usr/sbin/saslpluginviewer -c 2>/dev/null", "r"), ::pclose);
    std::array<char, 4096> line{};
    std::string mechanism;
    while (::fgets(line.data(), line.size(), viewer.get()) != nullptr) {
        std::istringstream words(line.data());
        std::string first;
        std::string second;
        words >> first >> second;
        if (first == "SASL" && second == "mechanism:") {
            words >> mechanism;
            mechanism.resize(mechanism.find(','));
        } else if (first == "security") {
            words >> flags[mechanism];
        }
    }
    return flags;
}

TEST(SaslMechanism, GuaranteesAreThoseOfTheInstalledCyrusSasl) {
    if (::access("/usr/sbin/saslpluginviewer", X_OK) != 0) {
        GTEST_SKIP()
            << "saslpluginviewer is not installed: the table of mechanisms is not compared";
    }
    const std::map<std::string, std::string> names = {{"noplaintext", "NO_PLAINTEXT"},
                                                      {"noactive", "NO_ACTIVE"},
                                                      {"nodictionary", "NO_DICTIONARY"},
                                                      {"noanonymous", "NO_ANONYMOUS"},
                                                      {"mutual_auth", "MUTUAL_AUTH"}};
    const auto installed = ask_cyrus();
    EXPECT_GE(installed.size(), 5);
    for (const auto &[mechanism, flags] : installed) {
        if (mechanism == "EXTERNAL") {
            continue;  // built in, never a matter of plug-ins
        }
        for (const auto &[option, flag] : names) {
            EXPECT_EQ(satisfies_options(mechanism, {option}), flags.find(flag) != std::string::npos)
                << mechanism << " " << option << " " << flags;
        }
    }
}

}  // namespace
}  // namespace mail_relay
