#include "common/failure_text.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace mail_relay {
namespace {

struct Case {
    std::string_view text;
    std::string_view key;
};

TEST(FailureText, KeepsWhatIsTheSameForEveryMessage) {
    constexpr auto kCases = std::to_array<Case>({
        {"connect to mx.example.org[192.0.2.1]:25: Connection timed out",
         "connect to HOST: Connection timed out"},
        {"connect to mx.example.org[2001:db8::1]:25: Network is unreachable",
         "connect to HOST: Network is unreachable"},
        {"delivery temporarily suspended: connect to mx[192.0.2.1]:25: Connection refused",
         "connect to HOST: Connection refused"},
        {"host mx.example.org[192.0.2.1] said: 550 5.1.1 <bob@example.org>: User unknown (in reply "
         "to RCPT TO command)",
         "host HOST said: 550 5.1.1 <ADDRESS>: User unknown (in reply to RCPT TO command)"},
        {"550-5.7.26 Blocked. 550 5.7.26  https://support.example/?p=x a1-20020a05600c.12 - gsmtp",
         "550-5.7.26 Blocked. 550 5.7.26 URL ID - gsmtp"},
        {"unknown user: \"bob@example.org\"", "unknown user: \"ADDRESS\""},
        {"Client host [192.0.2.1] blocked using zen.example.org",
         "Client host IP blocked using HOST"},
        {"Host or domain name not found. Name service error for name=nosuch.lab.test type=MX: Host "
         "not found",
         "Host or domain name not found. Name service error for name=HOST type=MX: Host not found"},
        {"said: 421 mx1.example.org Error: too many connections from 2001:db8::1",
         "said: 421 HOST Error: too many connections from IP"},
        {"try again in 299 seconds, at 2025-01-02 10:11:12", "try again in N seconds, at N N"},
        {"open database /etc/postfix/sasl_passwd.db: No such file or directory",
         "open database /etc/postfix/sasl_passwd.db: No such file or directory"},
        {"queued as 4jWkNK3lHJz1cyVd or 3F2A91C0D7 or 1tABCd-0001ab-XY",
         "queued as ID or ID or ID"},
        {"Bo\xc3\xaete pleine \xff\x01 fin", "Bo\xc3\xaete pleine ? fin"},
        {"", ""},
    });
    for (const Case &sample : kCases) {
        EXPECT_EQ(normalise_failure_text(sample.text), sample.key) << sample.text;
    }
}

TEST(FailureText, TheSameFailureElsewhereHasTheSameKey) {
    EXPECT_EQ(normalise_failure_text("host a.example.org[192.0.2.1] said: 452 4.2.2 <x@y.test> "
                                     "Quota exceeded (4jWkNK3lHJz1cyVd)"),
              normalise_failure_text("host b.example.com[2001:db8::2] said: 452 4.2.2 <z@w.test> "
                                     "Quota exceeded (4jXkNK3lHJz1cyVe)"));
}

TEST(FailureText, OtherFailuresHaveOtherKeys) {
    EXPECT_NE(normalise_failure_text("connect to a[192.0.2.1]:25: Connection refused"),
              normalise_failure_text("connect to a[192.0.2.1]:25: Connection timed out"));
    EXPECT_NE(normalise_failure_text("550 5.1.1 no"), normalise_failure_text("550 5.7.1 no"));
}

TEST(FailureText, AKeyIsShort) {
    for (const char character : {'a', '1', '(', '@', '[', ':', '.', '?', '\xc3', '\0'}) {
        EXPECT_LE(normalise_failure_text(std::string(100000, character)).size(), 160U);
    }
    std::string sentences;
    while (sentences.size() < 1000) {
        sentences += "word after word. ";
    }
    const std::string key = normalise_failure_text(sentences);
    EXPECT_LE(key.size(), 160U);
    EXPECT_TRUE(key.ends_with("word. ...")) << key;
}

TEST(FailureText, NormalisingAgainChangesNothing) {
    std::ifstream file(FIXTURE_DIRECTORY "/failure_texts.tsv");
    std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): what fails once fails again
    int lines = 0;
    for (std::string text; std::getline(file, text); ++lines) {
        for (int round = 0; round < 3; ++round) {
            const std::string key = normalise_failure_text(text);
            EXPECT_EQ(normalise_failure_text(key), key) << text;
            text[random() % text.size()] = static_cast<char>(random() % 256);
            text.insert(random() % text.size(), 1, "[]:.@-5N<=?"[random() % 11]);
        }
    }
    EXPECT_GT(lines, 700);
}

TEST(FailureText, ANumberTooLongForAStatusIsNone) {
    const std::string key = normalise_failure_text("534-5.7.95250 Please log in");
    EXPECT_EQ(key, "N Please log in");
    EXPECT_EQ(normalise_failure_text(key), key);
}

}  // namespace
}  // namespace mail_relay
