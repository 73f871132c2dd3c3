#include "agent_plugin/render_connection.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "agent_plugin/connection_json.h"
#include "common/section.h"

namespace mail_relay {
namespace {

constexpr std::int64_t kTime = 1795246145;
constexpr std::int64_t kDay = 86'400;
constexpr const char *kGolden = "../golden/connection.txt";

TlsObservation trusted() {
    return {
        .version = "TLSv1.3",
        .cipher = "TLS_AES_256_GCM_SHA384",
        .verified = true,
        .verify_error = std::nullopt,
        .chain = {{"CN=smtp.example.org", "CN=Example CA", kTime - 30 * kDay, kTime + 60 * kDay},
                  {"CN=Example CA", "CN=Example Root", 1'700'000'000, 1'900'000'000}},
        .expires = kTime + 60 * kDay};
}

AddressLook healthy(const std::string &address) {
    AddressLook look;
    look.host = "smtp.example.org";
    look.address = address;
    look.port = 587;
    look.look.connected = true;
    look.look.ehlo_s = 0.012;
    look.look.ehlo_lines = 5;
    look.look.size_limit = 36'700'160;
    look.look.seen.phases = {.resolve_s = std::nullopt,
                             .connect_s = 0.011,
                             .greeting_s = 0.024,
                             .tls_s = 0.041,
                             .auth_s = std::nullopt,
                             .total_s = 0.101};
    look.look.seen.banner = "220 smtp.example.org ESMTP";
    look.look.seen.capabilities = {"PIPELINING", "SIZE 36700160", "8BITMIME"};
    look.look.seen.auth_mechanisms = {"PLAIN", "LOGIN"};
    look.look.seen.starttls_offered = true;
    look.look.seen.tls = trusted();
    return look;
}

AddressLook failing(const std::string &address, const char *phase, FailureClass kind,
                    const std::string &error, double total_s) {
    AddressLook look;
    look.host = "smtp.example.org";
    look.address = address;
    look.port = 587;
    look.look.seen.failure = Failure{phase, kind, error, std::nullopt};
    look.look.seen.phases.total_s = total_s;
    return look;
}

RelayLook relay() {
    RelayLook relay;
    relay.relayhost = "[smtp.example.org]:587";
    relay.server = "smtp.example.org";
    relay.port = 587;
    relay.level = TlsLevel::kEncrypt;
    relay.resolution.lookup = {"dns"};
    relay.resolution.status = DnsStatus::kFound;
    relay.resolution.took_s = 0.004;
    relay.total_s = 0.105;
    return relay;
}

ConnectionFacts looked() {
    ConnectionFacts facts;
    facts.looked_at = kTime;
    facts.interval_s = 300;
    facts.took_s = 0.105;
    return facts;
}

boost::json::object healthy_object() {
    auto facts = looked();
    auto seen = relay();
    seen.level = TlsLevel::kSecure;
    seen.addresses = {healthy("192.0.2.25"), healthy("192.0.2.26")};
    facts.relays = {seen};
    return render_connection("postfix", kTime, facts, {});
}

boost::json::object no_route_object() {
    auto facts = looked();
    facts.looked_at = kTime - 120;
    facts.cached = true;
    auto seen = relay();
    seen.resolution.in_jail = true;
    seen.addresses = {
        failing("2001:db8::25", "connect", FailureClass::kUnreachableIpv6,
                "connect to smtp.example.org[2001:db8::25]:587: Network is unreachable", 0.0),
        healthy("192.0.2.25")};
    facts.relays = {seen};
    const Finding finding{
        "ipv6_no_route",
        Area::kConnection,
        Severity::kWarn,
        "This host has no route to IPv6 addresses, yet the smtp client tries them",
        "connect to smtp.example.org[2001:db8::25]:587: Network is unreachable",
        {"postconf -e inet_protocols=ipv4", "systemctl restart postfix"}};
    return render_connection("no-route", kTime, facts, {finding});
}

boost::json::object unresolvable_object() {
    auto facts = looked();
    auto seen = relay();
    seen.resolution.in_jail = true;
    seen.resolution.status = DnsStatus::kTimeout;
    seen.resolution.error =
        "cannot resolve smtp.example.org: no answer from the DNS servers in time";
    seen.resolution.host_resolves = true;
    seen.resolution.took_s = 2.0;
    seen.total_s = 2.1;
    facts.took_s = 2.1;
    facts.relays = {seen};
    const Finding finding{
        "chroot_drift",
        Area::kConnection,
        Severity::kCrit,
        "This host resolves smtp.example.org, but the smtp client in its jail does not",
        "in /var/spool/postfix: cannot resolve smtp.example.org: no answer from the DNS servers in "
        "time",
        {"systemctl restart postfix", "postqueue -f"}};
    return render_connection("drifted", kTime, facts, {finding});
}

boost::json::object refused_certificate_object() {
    auto facts = looked();
    auto seen = relay();
    seen.level = TlsLevel::kVerify;
    auto look = healthy("192.0.2.25");
    look.look.seen.tls->verified = false;
    look.look.seen.tls->verify_error = "certificate has expired";
    look.look.seen.tls->chain.front().not_after = kTime - 2 * kDay;
    look.look.seen.tls->expires = kTime - 2 * kDay;
    look.look.seen.failure =
        Failure{"tls", FailureClass::kTlsVerify,
                "certificate of smtp.example.org[192.0.2.25]:587 not accepted: "
                "certificate has expired",
                std::nullopt};
    seen.addresses = {look};
    facts.relays = {seen};
    const Finding finding{"certificate_refused",
                          Area::kConnection,
                          Severity::kCrit,
                          "The certificate of smtp.example.org is not accepted: mail is deferred",
                          "certificate has expired",
                          {"# the operator of smtp.example.org has to renew it"}};
    return render_connection("expired", kTime, facts, {finding});
}

boost::json::object silent_object() {
    auto facts = looked();
    auto seen = relay();
    seen.relayhost = "example.org:465";
    seen.server = "example.org";
    seen.port = 465;
    seen.mx_lookup = true;
    seen.level = TlsLevel::kMay;
    seen.resolution.exchangers = {{"mx1.example.org", 10}, {"mx2.example.org", 20}};
    auto silent =
        failing("192.0.2.25", "greeting", FailureClass::kGreetingTimeout,
                "mx1.example.org[192.0.2.25]:465 did not answer in time (step: greeting)", 2.5);
    silent.host = "mx1.example.org";
    silent.port = 465;
    silent.look.connected = true;
    silent.look.seen.phases.connect_s = 0.02;
    silent.look.speaks_tls_first = true;
    auto refused = failing("192.0.2.26", "connect", FailureClass::kRefused,
                           "connect to mx2.example.org[192.0.2.26]:465: Connection refused", 0.02);
    refused.host = "mx2.example.org";
    refused.port = 465;
    seen.addresses = {silent, refused};
    seen.total_s = 2.6;
    facts.relays = {seen};
    facts.took_s = 2.6;
    return render_connection("silent", kTime, facts, {});
}

boost::json::object skipped_object() {
    ConnectionFacts facts;
    facts.interval_s = 300;
    facts.skipped =
        "mail is delivered to the recipients' own servers, and direct_mx names none to "
        "look at";
    return render_connection("direct", kTime, facts, {});
}

boost::json::object problem_object() {
    ConnectionFacts facts;
    facts.interval_s = 300;
    facts.problems = {{"relays", "smtp_tls_policy_maps: cannot be asked"}};
    return render_connection("unknown", kTime, facts, {});
}

std::string golden() {
    std::ifstream file(kGolden);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

TEST(RenderConnection, ProducesTheGoldenSection) {
    const std::string section = render_section(
        "mail_relay_connection",
        {healthy_object(), no_route_object(), unresolvable_object(), refused_certificate_object(),
         silent_object(), skipped_object(), problem_object()});
    if (std::getenv("UPDATE_GOLDEN") != nullptr) {
        std::ofstream(kGolden) << section;
    }
    EXPECT_EQ(section, golden());
}

TEST(RenderConnection, ALookCanBeKeptAndReadAgain) {
    for (const auto &object : {healthy_object(), no_route_object(), unresolvable_object(),
                               refused_certificate_object(), silent_object()}) {
        auto rendered = object.at("relays").as_array().at(0).as_object();
        rendered.erase("time");
        EXPECT_EQ(boost::json::serialize(render_relay_look(read_relay_look(rendered))),
                  boost::json::serialize(rendered));
    }
}

}  // namespace
}  // namespace mail_relay
