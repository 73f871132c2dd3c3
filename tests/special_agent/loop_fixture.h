#pragma once

#include <gtest/gtest.h>

#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include "common/network_setup.h"
#include "special_agent/loop_run.h"
#include "special_agent/render_sections.h"
#include "tests/special_agent/imap_double.h"
#include "tests/special_agent/smtp_double.h"

namespace mail_relay::roundtrip {

/// The sections of one run of one loop.
class Sections {
  public:
    explicit Sections(std::string text) : text_(std::move(text)) {}

    const std::string &text() const { return text_; }

    /// A value by its path, such as ("submission", "/failure/phase"); null if it is not there.
    /// Section "" is mail_roundtrip itself.
    boost::json::value at(const std::string &section, const std::string &pointer) const {
        const auto header =
            "<<<mail_roundtrip" + (section.empty() ? "" : "_" + section) + ":sep(0)>>>\n";
        const auto begin = text_.find(header);
        if (begin == std::string::npos) {
            return "no such section";
        }
        const auto line = begin + header.size();
        const auto object = boost::json::parse(text_.substr(line, text_.find('\n', line) - line));
        boost::system::error_code error;
        const auto *found = object.find_pointer(pointer, error);
        return found != nullptr ? *found : boost::json::value();
    }

    std::string word(const std::string &section, const std::string &pointer) const {
        const auto value = at(section, pointer);
        return value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value);
    }

  private:
    std::string text_;
};

/// A loop from a scripted submission server into a scripted mailbox: what one accepts, the other
/// has. Tests put twists into the servers and then run the loop.
class LoopTest : public testing::Test {
  protected:
    using Milliseconds = std::chrono::milliseconds;

    LoopTest() : authority_({.name = "Test CA", .authority = true}), certificate_({}, &authority_) {
        static const bool prepared = (prepare_network(), true);
        (void)prepared;
        std::array<char, 32> name{"/tmp/mail_loop_XXXXXX"};
        directory_ = ::mkdtemp(name.data());
        authority_.write(directory_ / "ca.pem");
        std::ofstream(directory_ / "hosts") << "127.0.0.1 localhost mail.test imap.test\n";
        smtp_.certificate = imap_.certificate = &certificate_;
        smtp_.deliver = [this](const std::string &mail) { imap_.add("INBOX", received(mail)); };
        secrets_.emplace("password", Secret("hunter22secret"));
        secrets_.emplace("client", Secret("client-secret-9"));
        secrets_.emplace("refresh", Secret("refresh-token-9"));
        loop_.name = "lab";
        loop_.from = "probe@example.org";
        loop_.to = "sentinel@example.org";
        loop_.interval = Milliseconds(300'000);
        loop_.wait = Milliseconds(3'000);
        loop_.submission.endpoint = {"mail.test", 0, TlsMode::kNone, true, AddressFamily::kAny};
        loop_.mailbox.endpoint = {"imap.test", 0, TlsMode::kNone, true, AddressFamily::kAny};
        loop_.mailbox.login.user = "sentinel";
        loop_.mailbox.login.secret = "password";
        context_.host = "mailhost";
        context_.state_directory = directory_;
        context_.key = Secret("0123456789abcdef0123456789abcdef");
        context_.ca_file = directory_ / "ca.pem";
        context_.dns.hosts_file = directory_ / "hosts";
        context_.dns.use_dns = false;
        context_.clock_ms = [this] { return real_ms() + clock_shift_ms_; };
    }
    ~LoopTest() override { std::filesystem::remove_all(directory_); }

    void start() {
        smtp_.start();
        imap_.start();
        loop_.submission.endpoint.port = smtp_.port();
        loop_.mailbox.endpoint.port = imap_.port();
    }

    /// One run. It has to end by its deadline, whatever the servers do.
    Sections run(Milliseconds patience = Milliseconds(20'000)) {
        const auto begin = std::chrono::steady_clock::now();
        report_ = run_loop(loop_, secrets_, context_, Deadline::in(patience));
        EXPECT_LT(std::chrono::steady_clock::now() - begin, patience + Milliseconds(2'000));
        LoopResult result;
        result.definition = loop_;
        result.outcome = report_;
        return Sections(render_sections({result}, context_.clock_ms() / 1000));
    }

    /// The next run finds its interval passed.
    void let_the_interval_pass() { clock_shift_ms_ += loop_.interval.count(); }

    /// As the last hop writes it.
    static std::string received(const std::string &mail) {
        return "Received: from relay.example.org (relay.example.org [192.0.2.25])\r\n"
               "\tby mx.example.org with ESMTPS; Sat, 21 Nov 2026 09:02:05 +0000\r\n" +
               mail;
    }

    std::string token(std::uint64_t sequence) const {
        return make_probe_token({context_.host, loop_.name, context_.key.view()},
                                {sequence, context_.clock_ms()});
    }

    static std::int64_t real_ms() {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
            .count();
    }

    std::filesystem::path directory_;
    test::TestCertificate authority_;
    test::TestCertificate certificate_;
    test::SmtpDouble smtp_;
    test::ImapDouble imap_;
    LoopDefinition loop_;
    SecretMap secrets_;
    RunContext context_;
    LoopReport report_;
    std::int64_t clock_shift_ms_ = 0;
};

}  // namespace mail_relay::roundtrip
