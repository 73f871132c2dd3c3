#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/special_agent/twist.h"

namespace mail_relay::test {

/// A submission server that takes mails, with a twist where a test wants one. Everything is to be
/// set before start().
class SmtpDouble {
  public:
    /// By step: greeting, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, mail (its end), RSET, QUIT.
    std::map<std::string, Twist> twists;
    std::string ehlo = "250-mail.example.org\r\n250-SIZE 10240000\r\n250 8BITMIME\r\n";
    std::string challenge;  ///< behind 334, in Base64
    std::string verdict = "235 2.7.0 Authentication successful\r\n";
    const TestCertificate *certificate = nullptr;
    bool implicit_tls = false;
    std::function<void(const std::string &)> deliver;  ///< gets each accepted mail

    void start() {
        server_ = std::make_unique<ScriptedServer>([this](Peer &peer) { talk(peer); });
    }

    std::uint16_t port() const { return server_->port(); }
    int connections() const { return server_->connections(); }

    /// What was heard when `line` had come, for a client that does not wait for its last answer;
    /// after ten seconds what was heard without it.
    std::vector<std::string> heard_until(std::string_view line) const {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        auto lines = heard();
        while (std::find(lines.begin(), lines.end(), line) == lines.end() &&
               std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            lines = heard();
        }
        return lines;
    }

    std::vector<std::string> heard() const {
        const std::lock_guard lock(mutex_);
        return heard_;
    }

    std::vector<std::string> mails() const {
        const std::lock_guard lock(mutex_);
        return mails_;
    }

  private:
    void talk(Peer &peer) {
        if (implicit_tls && !peer.start_tls(*certificate)) {
            return;
        }
        if (!answer(peer, "greeting", "220 mail.example.org ESMTP\r\n")) {
            return;
        }
        for (auto line = hear(peer); !line.empty(); line = hear(peer)) {
            const auto verb = line.substr(0, line.find_first_of(" :"));
            if (verb == "AUTH") {
                if (!authenticate(peer, line)) {
                    return;
                }
            } else if (verb == "DATA") {
                const auto twist = twists.find(verb);
                const bool goes_on = twist == twists.end() || twist->second.say.starts_with('3');
                if (!answer(peer, verb, "354 go on\r\n") || (goes_on && !take_mail(peer))) {
                    return;
                }
            } else if (!answer(peer, verb, usual(verb)) || verb == "QUIT" ||
                       (verb == "STARTTLS" && !twists.contains(verb) &&
                        !peer.start_tls(*certificate))) {
                return;
            }
        }
    }

    std::string usual(const std::string &verb) const {
        return verb == "EHLO"       ? ehlo
               : verb == "STARTTLS" ? "220 2.0.0 Ready to start TLS\r\n"
               : verb == "QUIT"     ? "221 2.0.0 Bye\r\n"
                                    : "250 2.0.0 Ok\r\n";
    }

    bool answer(Peer &peer, const std::string &step, const std::string &usual_answer) {
        const auto twist = twists.find(step);
        return twist != twists.end() ? twist->second.play(peer) : peer.say(usual_answer);
    }

    bool authenticate(Peer &peer, const std::string &line) {
        const int lines = line.find("LOGIN") != std::string::npos ? 2 : 1;
        for (int i = 0; i < lines; ++i) {
            peer.say("334 " + challenge + "\r\n");
            if (hear(peer).empty()) {
                return false;
            }
        }
        return answer(peer, "AUTH", verdict);
    }

    bool take_mail(Peer &peer) {
        std::string mail;
        for (;;) {
            const auto line = peer.hear();
            if (line == ".") {
                break;
            }
            mail += (line.starts_with('.') ? line.substr(1) : line) + "\r\n";
            if (mail.ends_with("\r\n\r\n\r\n\r\n")) {
                return false;  // nobody is there any more
            }
        }
        {
            const std::lock_guard lock(mutex_);
            mails_.push_back(mail);
        }
        // Delivered before it is acknowledged, so that the client's first look can find it.
        if (deliver && !twists.contains("mail")) {
            deliver(mail);
        }
        return answer(peer, "mail", "250 2.0.0 Ok: queued as 4XyZ\r\n");
    }

    std::string hear(Peer &peer) {
        auto line = peer.hear();
        const std::lock_guard lock(mutex_);
        heard_.push_back(line);
        return line;
    }

    mutable std::mutex mutex_;
    std::vector<std::string> heard_;
    std::vector<std::string> mails_;
    std::unique_ptr<ScriptedServer> server_;
};

}  // namespace mail_relay::test
