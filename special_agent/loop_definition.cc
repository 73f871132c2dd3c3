#include "special_agent/loop_definition.h"

#include <algorithm>
#include <boost/json.hpp>
#include <initializer_list>
#include <set>
#include <utility>

namespace mail_relay::roundtrip {

namespace json = boost::json;

namespace {

constexpr std::size_t kLongestDefinition = 65536;
constexpr std::size_t kLongestText = 1024;
constexpr std::size_t kMostEntries = 50;

/// Reads the keys of one JSON object by name. The first thing that is wrong stays in `error`,
/// shared by all readers of a definition; after it values come out as their defaults.
class Reader {
  public:
    Reader(const json::object &object, std::string path, std::string &error)
        : object_(object), path_(std::move(path)), error_(error) {}

    /// Every key that was asked for is known; any other is reported here.
    void refuse_unknown_keys() {
        for (const auto &entry : object_) {
            if (!known_.contains(std::string(entry.key()))) {
                fail(std::string(entry.key()), "is not a known key");
            }
        }
    }

    void text(const char *key, std::string &value) {
        const json::value *found = find(key);
        if (found == nullptr) {
            return;
        }
        if (!found->is_string() || found->get_string().empty()) {
            return fail(key, "has to be a text that is not empty");
        }
        const std::string_view content = found->get_string();
        if (content.size() > kLongestText) {
            return fail(key, fmt::format("is longer than {} bytes", kLongestText));
        }
        if (std::any_of(content.begin(), content.end(),
                        [](unsigned char c) { return c < ' ' || c == 0x7f; })) {
            return fail(key, "holds a control character");
        }
        value = content;
    }

    void required_text(const char *key, std::string &value) {
        text(key, value);
        require(key);
    }

    void address(const char *key, std::string &value) {
        required_text(key, value);
        const auto at = value.find('@');
        const bool is_plain = value.find_first_of(" <>,;\"") == std::string::npos;
        if (error_.empty() &&
            (at == std::string::npos || at == 0 || at + 1 == value.size() || !is_plain)) {
            fail(key, fmt::format("{} is not a mail address", value));
        }
    }

    void flag(const char *key, bool &value) {
        if (const json::value *found = find(key)) {
            if (!found->is_bool()) {
                return fail(key, "has to be true or false");
            }
            value = found->get_bool();
        }
    }

    void seconds(const char *key, std::chrono::milliseconds &value, double least, double most) {
        const json::value *found = find(key);
        if (found == nullptr) {
            return;
        }
        const double number = found->is_number() ? found->to_number<double>() : -1.0;
        if (number < least || number > most) {
            return fail(key, fmt::format("{} is not from {} to {} seconds", json::serialize(*found),
                                         least, most));
        }
        value = std::chrono::milliseconds(static_cast<std::int64_t>(number * 1000.0));
    }

    void port(const char *key, std::uint16_t &value) {
        const json::value *found = find(key);
        if (found == nullptr) {
            return;
        }
        const std::int64_t number = found->is_int64() ? found->get_int64() : 0;
        if (number < 1 || number > 65535) {
            return fail(key, fmt::format("{} is not from 1 to 65535", json::serialize(*found)));
        }
        value = static_cast<std::uint16_t>(number);
    }

    template <class Value>
    void choice(const char *key, Value &value,
                std::initializer_list<std::pair<const char *, Value>> choices) {
        const json::value *found = find(key);
        if (found == nullptr) {
            return;
        }
        std::string names;
        for (const auto &[name, chosen] : choices) {
            if (found->is_string() && found->get_string() == name) {
                value = chosen;
                return;
            }
            names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
        }
        fail(key, fmt::format("{} is none of {}", json::serialize(*found), names));
    }

    void texts(const char *key, std::vector<std::string> &values) {
        const json::value *found = find(key);
        if (found == nullptr) {
            return;
        }
        if (!found->is_array() || found->get_array().size() > kMostEntries) {
            return fail(key, fmt::format("has to be a list of at most {} texts", kMostEntries));
        }
        for (const json::value &entry : found->get_array()) {
            if (!entry.is_string() || entry.get_string().empty() ||
                entry.get_string().size() > kLongestText) {
                return fail(key, "has to be a list of texts that are not empty");
            }
            values.emplace_back(entry.get_string());
        }
    }

    /// Reads an inner object, if it is there, with `read` (given a Reader), and refuses its unknown
    /// keys.
    template <class Read>
    bool object(const char *key, Read read) {
        const json::value *found = find(key);
        if (found == nullptr) {
            return false;
        }
        if (!found->is_object()) {
            fail(key, "has to be an object");
            return false;
        }
        Reader inner(found->get_object(), path_ + key + ".", error_);
        read(inner);
        inner.refuse_unknown_keys();
        return true;
    }

    bool has(const char *key) const { return object_.contains(key); }

    void require(const char *key) {
        if (!has(key)) {
            fail(key, "is missing");
        }
    }

    void fail(const std::string &key, std::string_view why) {
        if (error_.empty()) {
            error_ = fmt::format("{}{}: {}", path_, key, why);
        }
    }

  private:
    const json::value *find(const char *key) {
        known_.insert(key);
        return object_.if_contains(key);
    }

    const json::object &object_;
    std::string path_;
    std::string &error_;
    std::set<std::string> known_;
};

void read_login(Reader &reader, Login &login) {
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

void read_endpoint(Reader &reader, Endpoint &endpoint, std::uint16_t implicit_port,
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

void read_submission(Reader &reader, SubmissionDefinition &submission) {
    read_endpoint(reader, submission.endpoint, 465, 587, 25);
    reader.text("helo", submission.helo);
    Login login;
    if (reader.object("auth", [&](Reader &inner) { read_login(inner, login); })) {
        submission.login = login;
    }
    RelayQuestion question;
    if (reader.object("open_relay", [&](Reader &inner) {
            inner.address("from", question.from);
            inner.address("to", question.to);
        })) {
        submission.open_relay = question;
    }
}

void read_mailbox(Reader &reader, MailboxDefinition &mailbox) {
    mailbox.endpoint.tls = TlsMode::kImplicit;
    read_endpoint(reader, mailbox.endpoint, 993, 143, 143);
    reader.require("auth");
    reader.object("auth", [&](Reader &inner) { read_login(inner, mailbox.login); });
    reader.text("folder", mailbox.folder);
    reader.text("junk_folder", mailbox.junk_folder);
    reader.texts("further_folders", mailbox.further_folders);
    reader.flag("delete_probes", mailbox.delete_probes);
}

void read_loop(Reader &reader, LoopDefinition &loop, std::optional<LoopKind> &kind) {
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
    reader.object("submission", [&](Reader &inner) { read_submission(inner, loop.submission); });
    reader.require("mailbox");
    reader.object("mailbox", [&](Reader &inner) { read_mailbox(inner, loop.mailbox); });
    reader.object("deliverability", [&](Reader &inner) {
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
    Reader reader(value.get_object(), "", failure.error);
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
