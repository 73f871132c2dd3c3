#include "common/smtp_endpoint.h"

#include <fmt/format.h>

#include <charconv>
#include <thread>
#include <utility>

#include "common/ascii.h"
#include "common/smtp_look.h"

namespace mail_relay {

namespace {

constexpr std::size_t kMostReply = 16'384;
constexpr std::chrono::milliseconds kPoliteness{500};

// One line of a reply: "250-text" or "250 text".
bool is_reply_line(std::string_view line) {
    return line.size() >= 3 && line[0] >= '2' && line[0] <= '5' && is_digit(line[1]) &&
           is_digit(line[2]) && (line.size() == 3 || line[3] == ' ' || line[3] == '-');
}

}  // namespace

Result<SmtpReply> read_smtp_reply(MailSession &session, Deadline deadline) {
    std::string received;
    SmtpReply reply;
    for (;;) {
        const auto end = received.find('\n');
        if (end == std::string::npos) {
            auto piece = session.receive(deadline);
            if (!piece) {
                return piece.error();
            }
            received += *piece;
            if (received.size() + reply.text.size() > kMostReply) {
                return failed("the server talks without end");
            }
            continue;
        }
        std::string_view line = std::string_view(received).substr(0, end);
        line.remove_suffix(line.ends_with('\r') ? 1 : 0);
        reply.text += reply.text.empty() ? "" : " ";
        reply.text += line;
        if (!is_reply_line(line)) {
            return failed("the server's answer is none: {}", session.presentable(reply.text));
        }
        if (line.size() == 3 || line[3] == ' ') {
            std::from_chars(line.data(), line.data() + 3, reply.code);
            if (end + 1 < received.size()) {
                return failed("the server answered more than it was asked: {}",
                              session.presentable(reply.text + " " + received.substr(end + 1)));
            }
            reply.text = session.presentable(reply.text);
            return reply;
        }
        received.erase(0, end + 1);
    }
}

Result<SmtpReply> smtp_command(MailSession &session, std::string_view command, Deadline deadline) {
    if (command.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
        return failed("an SMTP command of several lines is none");
    }
    if (auto sent = session.send(fmt::format("{}\r\n", command), deadline); !sent) {
        return sent.error();
    }
    return read_smtp_reply(session, deadline);
}

SmtpEndpoint look_at_smtp_endpoint(const SessionRequest &request, Deadline deadline) {
    SmtpEndpoint endpoint;
    auto without_login = request;
    without_login.credentials.reset();
    MailSession session(without_login, deadline);
    endpoint.session = session.observation();
    if (endpoint.session.capabilities) {
        endpoint.size_limit = told_size_limit(*endpoint.session.capabilities);
    }
    if (session.ready()) {
        // A farewell that is not answered changes nothing of what was seen.
        (void)smtp_command(session, "QUIT", deadline.within(kPoliteness));
    }
    return endpoint;
}

std::vector<SmtpEndpoint> look_at_all_addresses(const SessionRequest &request,
                                                const std::vector<std::string> &addresses,
                                                Deadline deadline) {
    std::vector<SmtpEndpoint> endpoints(addresses.size());
    std::vector<std::thread> looks;
    looks.reserve(addresses.size());
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        looks.emplace_back([&, i] {
            auto one = request;
            one.only_address = addresses[i];
            endpoints[i] = look_at_smtp_endpoint(one, deadline);
        });
    }
    for (auto &look : looks) {
        look.join();
    }
    return endpoints;
}

}  // namespace mail_relay
