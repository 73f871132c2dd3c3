#include "special_agent/loop_definition.h"

#include <boost/json.hpp>
#include <utility>

#include "special_agent/definition_reader.h"

namespace mail_relay::roundtrip {

namespace json = boost::json;

namespace {

constexpr std::size_t kLongestDefinition = 65536;

void read_login(DefinitionReader &reader, Login &login) {
    bool is_oauth = false;
    reader.require("type");
    reader.choice("type", is_oauth, {{"password", false}, {"oauth2", true}});
    reader.required_text("user", login.user);
    if (!is_oauth) {
        reader.choice<std::string>(
            "mechanism", login.mechanism,
            {{"auto", ""}, {"PLAIN", "PLAIN"}, {"LOGIN", "LOGIN"}, {"CRAM-MD5", "CRAM-MD5"}});
        reader.required_text("secret", login.secret);
        return;
    }
    reader.choice<std::string>(
        "mechanism", login.mechanism,
        {{"auto", ""}, {"XOAUTH2", "XOAUTH2"}, {"OAUTHBEARER", "OAUTHBEARER"}});
    reader.required_text("token_url", login.token_url);
    reader.required_text("client_id", login.client_id);
    reader.text("client_secret", login.client_secret);
    reader.text("refresh_token", login.refresh_token);
    reader.text("scope", login.scope);
    reader.require("grant");
    reader.choice("grant", login.kind,
                  {{"client_credentials", Login::Kind::kClientCredentials},
                   {"refresh_token", Login::Kind::kRefreshToken}});
    if (login.kind == Login::Kind::kRefreshToken) {
        reader.require("refresh_token");
    }
    if (!login.token_url.starts_with("https://")) {
        reader.fail("token_url", "has to begin with https://");
    }
}

void read_endpoint(DefinitionReader &reader, Endpoint &endpoint, std::uint16_t implicit_port,
                   std::uint16_t starttls_port, std::uint16_t plain_port) {
    reader.required_text("server", endpoint.server);
    reader.choice("tls", endpoint.tls,
                  {{"starttls", TlsMode::kStartTls},
                   {"implicit", TlsMode::kImplicit},
                   {"none", TlsMode::kNone}});
    endpoint.port = endpoint.tls == TlsMode::kImplicit   ? implicit_port
                    : endpoint.tls == TlsMode::kStartTls ? starttls_port
                                                         : plain_port;
    reader.port("port", endpoint.port);
    reader.flag("verify", endpoint.verify);
    reader.choice("family", endpoint.family,
                  {{"any", AddressFamily::kAny},
                   {"ipv4", AddressFamily::kIPv4},
                   {"ipv6", AddressFamily::kIPv6}});
}

void read_submission(DefinitionReader &reader, SubmissionDefinition &submission) {
    read_endpoint(reader, submission.endpoint, 465, 587, 25);
    reader.text("helo", submission.helo);
    Login login;
    if (reader.object("auth", [&](DefinitionReader &inner) { read_login(inner, login); })) {
        submission.login = login;
    }
    RelayQuestion question;
    if (reader.object("open_relay", [&](DefinitionReader &inner) {
            inner.address("from", question.from);
            inner.address("to", question.to);
        })) {
        submission.open_relay = question;
    }
}

void read_mailbox(DefinitionReader &reader, MailboxDefinition &mailbox) {
    mailbox.endpoint.tls = TlsMode::kImplicit;
    read_endpoint(reader, mailbox.endpoint, 993, 143, 143);
    reader.require("auth");
    reader.object("auth", [&](DefinitionReader &inner) { read_login(inner, mailbox.login); });
    reader.text("folder", mailbox.folder);
    reader.text("junk_folder", mailbox.junk_folder);
    reader.texts("further_folders", mailbox.further_folders);
    reader.flag("delete_probes", mailbox.delete_probes);
}

void read_loop(DefinitionReader &reader, LoopDefinition &loop, std::optional<LoopKind> &kind) {
    reader.required_text("name", loop.name);
    reader.require("kind");
    reader.choice<std::optional<LoopKind>>(
        "kind", kind, {{"internal", LoopKind::kInternal}, {"external", LoopKind::kExternal}});
    loop.kind = kind.value_or(LoopKind::kInternal);
    reader.seconds("interval_s", loop.interval, 10, 86400);
    reader.seconds("wait_s", loop.wait, 0, 40);
    reader.seconds("lost_after_s", loop.lost_after, 10, 7 * 86400);
    reader.address("from", loop.from);
    reader.address("to", loop.to);
    reader.text("subject", loop.subject);
    reader.require("submission");
    reader.object("submission",
                  [&](DefinitionReader &inner) { read_submission(inner, loop.submission); });
    reader.require("mailbox");
    reader.object("mailbox", [&](DefinitionReader &inner) { read_mailbox(inner, loop.mailbox); });
    reader.object("deliverability", [&](DefinitionReader &inner) {
        inner.text("authority", loop.authority);
        inner.texts("block_lists", loop.block_lists);
    });
    reader.refuse_unknown_keys();
}

}  // namespace

boost::system::result<LoopDefinition, DefinitionError> parse_loop(std::string_view json_text,
                                                                  int position) {
    DefinitionError failure{fmt::format("loop {}", position), std::nullopt, {}};
    if (json_text.size() > kLongestDefinition) {
        failure.error = fmt::format("the definition is longer than {} bytes", kLongestDefinition);
        return failure;
    }
    boost::system::error_code not_json;
    const json::value value = json::parse(json_text, not_json);
    if (not_json || !value.is_object()) {
        failure.error = "the definition is not a JSON object" +
                        (not_json ? ": " + not_json.message() : std::string());
        return failure;
    }
    LoopDefinition loop;
    DefinitionReader reader(value.get_object(), "", failure.error);
    read_loop(reader, loop, failure.kind);
    if (failure.error.empty()) {
        return loop;
    }
    if (!loop.name.empty()) {
        failure.loop = loop.name;
    }
    return failure;
}

}  // namespace mail_relay::roundtrip
