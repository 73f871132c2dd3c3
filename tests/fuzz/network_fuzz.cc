#include <boost/json/parse.hpp>
#include <chrono>
#include <exception>
#include <string>
#include <vector>

#include "agent_plugin/connection_json.h"
#include "common/certificate.h"
#include "common/dns_lookup.h"
#include "common/hosts_file.h"
#include "common/json_text.h"
#include "common/mail_dialogue.h"
#include "common/password_store.h"
#include "common/reverse_domain.h"
#include "common/smtp_look.h"
#include "tests/fuzz/fuzz_target.h"

namespace mail_relay::fuzz {
namespace {

constexpr std::size_t kMostRefusal = 2048;

/// A server's lines, with a client in between that does what is asked of it next.
void follow_dialogue(MailProtocol protocol, TlsMode tls, std::string_view script) {
    const MailDialogue::Time now{};
    MailDialogue dialogue(protocol, tls, now);
    dialogue.connected(now);
    while (!script.empty()) {
        const auto line = script.substr(0, script.find('\n'));
        script.remove_prefix(std::min(line.size() + 1, script.size()));
        if (line.starts_with("> ")) {
            dialogue.sent(line.substr(2), now);
        } else if (line == "=") {
            dialogue.shook_hands(now);
        } else {
            dialogue.received(line, now);
        }
    }
    require(dialogue.refusal().size() <= kMostRefusal);
    if (dialogue.capabilities()) {
        told_size_limit(*dialogue.capabilities());
    }
}

void parse_dialogue(std::string_view script) {
    for (const TlsMode tls : {TlsMode::kNone, TlsMode::kStartTls, TlsMode::kImplicit}) {
        follow_dialogue(MailProtocol::kSmtp, tls, script);
        follow_dialogue(MailProtocol::kImap, tls, script);
    }
    require(one_line(script, 100).size() <= 100);
}

void parse_hosts(std::string_view text) {
    const HostsFile hosts(text);
    require(hosts.addresses_of("localhost").size() <= 64);
    require(hosts.names_of("127.0.0.1").size() <= 64);
    for (const std::string &address : hosts.addresses_of("localhost")) {
        require(canonical_address(address) == address);
    }
    const std::string canonical = canonical_address(text.substr(0, text.find('\n')));
    require(canonical_address(canonical) == canonical);
    reverse_domain(text.substr(0, text.find('\n')), "");
}

void parse_pem(std::string_view pem) {
    parse_certificates(pem);
    key_matches(pem, pem);
}

void parse_passwords(std::string_view text) {
    find_password(text, "id");
    parse_password_reference(text);
}

/// Texts of strangers, as they are written into a section.
void write_text(std::string_view text) {
    const std::string line = json_line({{"text", text}});
    for (const char c : line) {
        require(c >= ' ' && c <= '~');
    }
    boost::json::parse(line);
}

/// What was kept of a look at a relay.
void parse_kept_look(std::string_view text) {
    try {
        const auto look = read_relay_look(boost::json::parse(text).as_object());
        const auto written = render_relay_look(look);
        require(render_relay_look(read_relay_look(written)) == written);
    } catch (const std::exception &) {
        return;  // what it promises for a text that is none
    }
}

const Target kDialogue("mail_dialogue", parse_dialogue);
const Target kHostsFile("hosts_file", parse_hosts);
const Target kCertificate("certificate", parse_pem);
const Target kPasswordStore("password_store", parse_passwords);
const Target kJsonText("json_text", write_text);
const Target kConnection("connection", parse_kept_look);

}  // namespace
}  // namespace mail_relay::fuzz
