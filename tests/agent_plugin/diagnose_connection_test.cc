#include "agent_plugin/diagnose_connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace mail_relay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kTime = 1795246145;
constexpr std::int64_t kDay = 86'400;

AddressLook at(const std::string &address) {
    AddressLook look;
    look.host = "smtp.example.org";
    look.address = address;
    look.port = 587;
    look.look.connected = true;
    look.look.seen.capabilities = {"SIZE 20000000"};
    look.look.seen.auth_mechanisms = {"PLAIN", "LOGIN"};
    look.look.seen.starttls_offered = true;
    look.look.size_limit = 20'000'000;
    TlsObservation tls;
    tls.version = "TLSv1.3";
    tls.verified = true;
    tls.chain = {{"CN=smtp.example.org", "CN=CA", kTime - kDay, kTime + 60 * kDay}};
    look.look.seen.tls = tls;
    return look;
}

AddressLook failing(const std::string &address, const char *phase, FailureClass kind,
                    const std::string &error) {
    auto look = at(address);
    look.look.connected = std::string_view(phase) != "connect";
    look.look.seen.failure = Failure{phase, kind, error, std::nullopt};
    return look;
}

/// A relay with log-in that nothing is wrong with; a test changes one thing.
struct Scene {
    Scene() {
        relay.relayhost = "[smtp.example.org]:587";
        relay.server = "smtp.example.org";
        relay.port = 587;
        relay.level = TlsLevel::kEncrypt;
        relay.resolution.status = DnsStatus::kFound;
        relay.addresses = {at("192.0.2.1")};
        configuration.parameters = {{"message_size_limit", "10240000"},
                                    {"mail_version", "3.7.11"},
                                    {"queue_directory", "/var/spool/postfix"},
                                    {"relayhost", "[smtp.example.org]:587"},
                                    {"smtp_tls_mandatory_protocols", ">=TLSv1"}};
        ability = {
            true, {"[smtp.example.org]:587"}, {{"LOGIN", "PLAIN"}}, {{"LOGIN", "PLAIN"}}, {}};
        distribution = parse_os_release("ID=debian\n");
    }

    SmtpLook &look() { return relay.addresses[0].look; }

    Findings diagnose() const {
        ConnectionFacts facts;
        facts.looked_at = kTime;
        facts.relays = {relay};
        facts.relays.insert(facts.relays.end(), more_relays.begin(), more_relays.end());
        facts.dead_policy_table = dead_policy_table;
        return diagnose_connection(facts, ability, {"postfix", "/etc/postfix", true, true},
                                   configuration, distribution, kTime);
    }

    std::vector<std::string> ids() const {
        std::vector<std::string> found;
        for (const auto &finding : diagnose()) {
            found.push_back(finding.id);
        }
        return found;
    }

    RelayLook relay;
    std::vector<RelayLook> more_relays;
    Configuration configuration;
    LoginAbility ability;
    Distribution distribution;
    std::string dead_policy_table;
};

struct Case {
    const char *name;
    std::function<void(Scene &)> change;
    const char *id;
    Severity severity;
    const char *fix;  ///< part of the first command; "" for none
};

class ConnectionFinding : public testing::TestWithParam<Case> {};

TEST_P(ConnectionFinding, IsMade) {
    Scene scene;
    GetParam().change(scene);
    EXPECT_THAT(scene.ids(), ElementsAre(GetParam().id));
    const auto findings = scene.diagnose();
    ASSERT_FALSE(findings.empty());
    EXPECT_EQ(findings[0].severity, GetParam().severity);
    EXPECT_EQ(findings[0].area, Area::kConnection);
    if (*GetParam().fix != '\0') {
        ASSERT_FALSE(findings[0].fix.empty());
        EXPECT_THAT(findings[0].fix[0], HasSubstr(GetParam().fix));
    }
}

void unresolved(Scene &scene, DnsStatus status) {
    scene.relay.addresses.clear();
    scene.relay.resolution.status = status;
    scene.relay.resolution.error = "cannot resolve smtp.example.org";
    scene.relay.resolution.host_resolves = false;
    scene.relay.resolution.native_resolves = false;
}

void only(Scene &scene, AddressLook look) {
    scene.relay.addresses = {std::move(look)};
}

INSTANTIATE_TEST_SUITE_P(
    All, ConnectionFinding,
    testing::Values(
        Case{"no_such_name", [](Scene &s) { unresolved(s, DnsStatus::kNoSuchName); },
             "relayhost_unresolvable", Severity::kCrit, "relayhost="},
        Case{"dead_dns", [](Scene &s) { unresolved(s, DnsStatus::kTimeout); },
             "relayhost_unresolvable", Severity::kCrit, "/etc/resolv.conf"},
        Case{"hosts_file_only",
             [](Scene &s) {
                 unresolved(s, DnsStatus::kNoSuchName);
                 s.relay.resolution.native_resolves = true;
             },
             "relayhost_unresolvable", Severity::kCrit, "smtp_host_lookup=dns, native"},
        Case{"jail_drifted",
             [](Scene &s) {
                 unresolved(s, DnsStatus::kTimeout);
                 s.relay.resolution.host_resolves = true;
             },
             "chroot_drift", Severity::kCrit, "systemctl restart postfix"},
        Case{"mx_elsewhere",
             [](Scene &s) {
                 s.relay.relayhost = "smtp.example.org:587";
                 s.ability.password_relayhosts = {"smtp.example.org:587"};
                 s.configuration.parameters["relayhost"] = "smtp.example.org:587";
                 s.relay.resolution.exchangers = {{"mx.example.net", 10}};
             },
             "relayhost_has_mx", Severity::kWarn, "relayhost=[smtp.example.org]:587"},
        Case{"no_dnssec",
             [](Scene &s) {
                 s.relay.level = TlsLevel::kDane;
                 s.relay.resolution.authenticated = false;
             },
             "dane_without_dnssec", Severity::kWarn, "apt install unbound"},
        Case{"ipv6_without_route",
             [](Scene &s) {
                 s.relay.addresses.insert(
                     s.relay.addresses.begin(),
                     failing("2001:db8::1", "connect", FailureClass::kUnreachableIpv6, "no route"));
             },
             "ipv6_no_route", Severity::kWarn, "inet_protocols=ipv4"},
        Case{"ipv6_alone",
             [](Scene &s) {
                 only(s, failing("2001:db8::1", "connect", FailureClass::kUnreachableIpv6, "no"));
             },
             "ipv6_no_route", Severity::kCrit, "ip -6 route"},
        Case{"closed_port",
             [](Scene &s) {
                 only(s, failing("192.0.2.1", "connect", FailureClass::kRefused, "refused"));
             },
             "relay_unreachable", Severity::kCrit, "ufw status"},
        Case{"one_of_two",
             [](Scene &s) {
                 s.relay.addresses.push_back(
                     failing("192.0.2.2", "connect", FailureClass::kTimeout, "timed out"));
             },
             "relay_address_failing", Severity::kWarn, ""},
        Case{"blocked_direct_delivery",
             [](Scene &s) {
                 s.relay.is_direct = true;
                 only(s, failing("192.0.2.1", "connect", FailureClass::kTimeout, "timed out"));
             },
             "direct_delivery_blocked", Severity::kCrit, "# with your relay's name"},
        Case{"tls_first",
             [](Scene &s) {
                 only(s,
                      failing("192.0.2.1", "greeting", FailureClass::kGreetingTimeout, "silent"));
                 s.look().speaks_tls_first = true;
             },
             "tls_port_without_wrapper", Severity::kCrit, "smtp_tls_wrappermode=yes"},
        Case{"wrapper_on_plain",
             [](Scene &s) {
                 s.relay.tls_mode = TlsMode::kImplicit;
                 only(s, failing("192.0.2.1", "tls", FailureClass::kTlsHandshake, "wrong version"));
                 s.look().speaks_tls_first = false;
             },
             "wrapper_on_starttls_port", Severity::kCrit, "smtp_tls_wrappermode=no"},
        Case{"slow_greeting",
             [](Scene &s) {
                 only(s, failing("192.0.2.1", "greeting", FailureClass::kGreetingTimeout,
                                 "did not answer in time (step: greeting)"));
             },
             "relay_dialogue_failed", Severity::kWarn, ""},
        Case{"hung_up",
             [](Scene &s) {
                 only(s, failing("192.0.2.1", "ehlo", FailureClass::kLostConnection, "closed"));
             },
             "relay_dialogue_failed", Severity::kCrit, ""},
        Case{"refused_by_policy",
             [](Scene &s) {
                 only(s, failing("192.0.2.1", "greeting", FailureClass::kReputation, "blocked"));
                 s.look().seen.failure->reply = "554 5.7.1 blocked";
             },
             "relay_refuses", Severity::kCrit, "# ask"},
        Case{"own_name_refused",
             [](Scene &s) {
                 only(s, failing("192.0.2.1", "ehlo", FailureClass::kReputation,
                                 "refused (step: ehlo): 504 5.5.2 <client>: Helo command rejected: "
                                 "need fully-qualified hostname"));
                 s.look().seen.failure->reply = "504 5.5.2 <client>: Helo command rejected";
             },
             "relay_refuses", Severity::kCrit, "smtp_helo_name="},
        Case{"no_starttls",
             [](Scene &s) {
                 only(s, failing("192.0.2.1", "starttls", FailureClass::kTlsNotOffered, "none"));
                 s.look().seen.starttls_offered = false;
             },
             "starttls_missing", Severity::kCrit, "# take the port"},
        Case{"starttls_refused",
             [](Scene &s) {
                 only(s, failing("192.0.2.1", "starttls", FailureClass::kTlsNotOffered, "454"));
             },
             "starttls_missing", Severity::kCrit, "# ask the operator"},
        Case{"own_certificate_unusable",
             [](Scene &s) {
                 only(s,
                      failing("192.0.2.1", "tls", FailureClass::kLocalDataError, "no such file"));
             },
             "tls_handshake_failed", Severity::kCrit, "postconf smtp_tls_cert_file"},
        Case{"broken_handshake",
             [](Scene &s) {
                 only(s, failing("192.0.2.1", "tls", FailureClass::kTlsHandshake, "alert"));
             },
             "tls_handshake_failed", Severity::kCrit, "postconf"},
        Case{"unknown_authority",
             [](Scene &s) {
                 only(s, failing("192.0.2.1", "tls", FailureClass::kTlsVerify, "not accepted"));
                 s.look().seen.tls->verify_error = "unable to get local issuer certificate";
             },
             "certificate_refused", Severity::kCrit,
             "smtp_tls_CAfile=/etc/ssl/certs/ca-certificates.crt"},
        Case{"expired_certificate",
             [](Scene &s) {
                 only(s, failing("192.0.2.1", "tls", FailureClass::kTlsVerify, "not accepted"));
                 s.look().seen.tls->verify_error = "certificate has expired";
             },
             "certificate_refused", Severity::kCrit, "date"},
        Case{"wrong_name",
             [](Scene &s) {
                 only(s, failing("192.0.2.1", "tls", FailureClass::kTlsVerify, "not accepted"));
                 s.look().seen.tls->verify_error = "hostname mismatch";
             },
             "certificate_refused", Severity::kCrit, "openssl s_client"},
        Case{"plaintext_after_all", [](Scene &s) { s.look().tls_given_up = "broken"; },
             "tls_handshake_failed", Severity::kWarn, ""},
        Case{"old_protocol", [](Scene &s) { s.look().seen.tls->version = "TLSv1.1"; },
             "relay_old_protocol", Severity::kWarn, "# the operator"},
        Case{"forbidden_new_protocol",
             [](Scene &s) {
                 s.look().seen.tls->version = "TLSv1.1";
                 s.configuration.parameters["smtp_tls_mandatory_protocols"] = "<=TLSv1.1";
             },
             "relay_old_protocol", Severity::kWarn, "smtp_tls_mandatory_protocols=>=TLSv1.2"},
        Case{"ending_certificate",
             [](Scene &s) { s.look().seen.tls->chain[0].not_after = kTime + 13 * kDay; },
             "relay_certificate_ending", Severity::kWarn, "# the operator"},
        Case{"chain_gap",
             [](Scene &s) {
                 s.configuration.parameters["smtp_tls_CAfile"] = "/etc/ca.pem";
                 s.look().seen.tls->verify_error = "unable to get local issuer certificate";
             },
             "relay_certificate_untrusted", Severity::kInfo, "# the operator"},
        Case{"no_common_mechanism", [](Scene &s) { s.look().seen.auth_mechanisms = {"CRAM-MD5"}; },
             "mechanism_mismatch", Severity::kCrit, "apt install libsasl2-modules"},
        Case{"filtered_mechanism",
             [](Scene &s) {
                 s.look().seen.auth_mechanisms = {"CRAM-MD5"};
                 s.ability.installed->emplace_back("CRAM-MD5");
                 s.configuration.parameters["smtp_sasl_mechanism_filter"] = "plain, login";
             },
             "mechanism_mismatch", Severity::kCrit, "postconf -X smtp_sasl_mechanism_filter"},
        Case{"no_auth",
             [](Scene &s) {
                 s.look().seen.auth_mechanisms = {};
                 s.look().seen.auth_mechanisms.emplace();
             },
             "auth_not_offered", Severity::kWarn, ""},
        Case{"plaintext_submission",
             [](Scene &s) {
                 s.ability = {};
                 s.relay.tls_mode = TlsMode::kNone;
                 s.look().seen.tls.reset();
             },
             "starttls_not_used", Severity::kWarn, "smtp_tls_security_level=encrypt"},
        Case{"submission_without_login", [](Scene &s) { s.ability = {}; }, "login_not_used",
             Severity::kInfo, "apt install libsasl2-modules"},
        Case{"small_size", [](Scene &s) { s.look().size_limit = 5'000'000; }, "relay_size_limit",
             Severity::kInfo, "message_size_limit=5000000"},
        Case{"dead_policy_service",
             [](Scene &s) { s.dead_policy_table = "socketmap:inet:127.0.0.1:8461:QUERY"; },
             "policy_service_dead", Severity::kCrit, "systemctl restart"}),
    [](const auto &tested) { return tested.param.name; });

TEST(DiagnoseConnection, NothingIsSaidOfAHealthyRelay) {
    EXPECT_THAT(Scene().ids(), IsEmpty());
}

struct Harmless {
    const char *name;
    std::function<void(Scene &)> change;
};

class NoFinding : public testing::TestWithParam<Harmless> {};

TEST_P(NoFinding, IsMade) {
    Scene scene;
    GetParam().change(scene);
    EXPECT_THAT(scene.ids(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    All, NoFinding,
    testing::Values(Harmless{"relay_without_login",
                             [](Scene &s) {
                                 s.ability = {};
                                 s.look().seen.auth_mechanisms.emplace();
                             }},
                    Harmless{"login_switched_off_only",
                             [](Scene &s) {
                                 s.ability = {};
                                 s.ability.unused_passwords = {"[smtp.example.org]:587"};
                             }},
                    Harmless{"login_offered_on_port_25",
                             [](Scene &s) {
                                 s.ability = {};
                                 s.relay.port = 25;
                             }},
                    Harmless{"domain_with_mx",
                             [](Scene &s) {
                                 s.relay.relayhost = s.relay.server = "example.org";
                                 s.relay.port = 25;
                                 s.relay.resolution.exchangers = {{"mx.example.org", 10}};
                             }},
                    Harmless{"own_mx",
                             [](Scene &s) {
                                 s.relay.resolution.exchangers = {{"SMTP.example.org.", 10}};
                             }},
                    Harmless{"opportunistic_without_starttls",
                             [](Scene &s) {
                                 s.relay.level = TlsLevel::kMay;
                                 s.look().tls_given_up = "does not offer STARTTLS";
                                 s.look().seen.starttls_offered = false;
                                 s.look().seen.tls.reset();
                             }},
                    Harmless{"untrusted_where_nobody_asks",
                             [](Scene &s) {
                                 s.look().seen.tls->verify_error = "self-signed certificate";
                             }},
                    Harmless{"dnssec",
                             [](Scene &s) {
                                 s.relay.level = TlsLevel::kDane;
                                 s.relay.resolution.authenticated = true;
                             }}),
    [](const auto &tested) { return tested.param.name; });

TEST(DiagnoseConnection, WhereAnotherAddressWorksAFailureIsNoDisaster) {
    Scene scene;
    scene.relay.addresses.push_back(
        failing("192.0.2.2", "tls", FailureClass::kTlsVerify, "not accepted"));
    const auto findings = scene.diagnose();
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].severity, Severity::kWarn);
}

TEST(DiagnoseConnection, WhereAnotherRelayWorksAFailureIsNoDisaster) {
    const RelayLook working = Scene().relay;
    const std::vector<std::function<void(Scene &)>> failures{
        [](Scene &s) { unresolved(s, DnsStatus::kNoSuchName); },
        [](Scene &s) { unresolved(s, DnsStatus::kTimeout); },
        [](Scene &s) {
            only(s, failing("192.0.2.2", "connect", FailureClass::kRefused, "Connection refused"));
        }};
    for (const auto &fail : failures) {
        Scene scene;
        fail(scene);
        EXPECT_EQ(scene.diagnose().at(0).severity, Severity::kCrit);
        EXPECT_THAT(scene.diagnose().at(0).summary, HasSubstr(": mail stays here"));
        scene.more_relays = {working};
        ASSERT_EQ(scene.diagnose().size(), 1U);
        EXPECT_EQ(scene.diagnose()[0].severity, Severity::kWarn);
        EXPECT_THAT(scene.diagnose()[0].summary, HasSubstr(": mail takes another relay"));
        scene.more_relays.clear();
        scene.configuration.parameters["smtp_fallback_relay"] = "[other.example.org]";
        EXPECT_EQ(scene.diagnose().at(0).severity, Severity::kWarn);
        EXPECT_THAT(scene.diagnose()[0].summary, HasSubstr(": mail takes smtp_fallback_relay"));
    }
}

TEST(DiagnoseConnection, RepairsNameTheInstanceAndTheDistribution) {
    Scene scene;
    unresolved(scene, DnsStatus::kTimeout);
    scene.relay.resolution.host_resolves = true;
    scene.distribution = parse_os_release("ID=rocky\n");
    EXPECT_THAT(scene.diagnose().at(0).fix.at(0), HasSubstr("/var/spool/postfix/etc/resolv.conf"));
}

}  // namespace
}  // namespace mail_relay
