#include <limits>
#include <string>
#include <vector>

#include "special_agent/authentication_results.h"
#include "special_agent/header_fields.h"
#include "special_agent/imap_folder_name.h"
#include "special_agent/imap_reader.h"
#include "special_agent/loop_definition.h"
#include "special_agent/loop_state.h"
#include "special_agent/mail_date.h"
#include "special_agent/probe_token.h"
#include "special_agent/received_chain.h"
#include "special_agent/secret_json.h"
#include "tests/fuzz/fuzz_target.h"

namespace mail_relay::fuzz {
namespace {

using namespace roundtrip;

/// A server's bytes, in one piece and in several: the answers must be the same.
void read_replies(std::string_view bytes) {
    const auto read = [&](std::size_t piece) {
        ImapReader reader;
        std::string answers;
        for (auto rest = bytes; !rest.empty();) {
            const auto size = std::min(piece, rest.size());
            reader.feed(rest.substr(0, size));
            rest.remove_prefix(size);
            for (;;) {
                const auto reply = reader.next();
                if (!reply || !*reply) {
                    break;
                }
                require((*reply)->values.size() <= ImapLimits::kValues);
                answers += (*reply)->tag + (*reply)->words() + "\n";
            }
        }
        return answers;
    };
    require(read(bytes.size()) == read(3));
    const auto name = decode_folder_name(bytes);
    if (const auto wire_name = encode_folder_name(name); wire_name) {
        require(decode_folder_name(*wire_name) == name);
    }
}

/// A mail's header as a stranger wrote it.
void read_header(std::string_view header) {
    const auto received = header_values(header, "Received");
    const auto hops = trace_hops(received, 0.0);
    require(hops.size() <= kMostHops);
    sending_address(hops);
    judge_authentication(header_values(header, "authentication-results"), "");
    judge_authentication(header_values(header, "Authentication-Results"), "mx.example.org");
    const TokenContext context{"host", "loop", "0123456789abcdef0123456789abcdef"};
    require(!find_probe(context, header));
}

void read_date(std::string_view text) {
    if (const auto time = parse_mail_date(text); time && *time < 253'402'300'800) {
        require(parse_mail_date(format_mail_date(*time)) == time);
    }
}

/// What an earlier run has left: a state that is read is one that can be written.
void read_state(std::string_view text) {
    if (const auto state = parse_state(text); state) {
        const auto written = serialize_state(*state);
        require(serialize_state(parse_state(written).value()) == written);
    }
}

void read_definition(std::string_view json) {
    const auto loop = parse_loop(json, 1);
    if (loop) {
        require(!loop->name.empty() && loop->submission.endpoint.port > 0);
    } else {
        require(!loop.error().loop.empty() && !loop.error().error.empty());
    }
}

void read_token(std::string_view body) {
    const SecretJson json(body);
    json.text("access_token");
    json.number("expires_in");
}

const Target kImapReply("imap_reply", read_replies);
const Target kMailHeader("mail_header", read_header);
const Target kMailDate("mail_date", read_date);
const Target kLoopState("loop_state", read_state);
const Target kLoopDefinition("loop_definition", read_definition);
const Target kToken("token", read_token);

}  // namespace
}  // namespace mail_relay::fuzz
