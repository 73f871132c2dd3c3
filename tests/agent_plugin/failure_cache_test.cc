#include "agent_plugin/failure_cache.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>

namespace mail_relay {
namespace {

using Texts = std::pair<const char *, const char *>;

TEST(FailureTextKey, IsTheSameForWhatNoClassDependsOn) {
    const auto alike = std::to_array<Texts>({
        {"connect to a.test[192.0.2.1]:25: Connection timed out",
         "connect to b.example.org[198.51.100.7]:25: Connection timed out"},
        {"host x[192.0.2.1] said: 550 5.1.1 <a@b.test>: User unknown",
         "host x[192.0.2.1] said: 550 5.1.1 <c@d.test>: User unknown"},
        {"421 4.7.0 Try again later d9443c01a7336-1f8b0c - gsmtp",
         "421 4.7.0 Try again later ab12cd34ef567-99aa11 - gsmtp"},
    });
    for (const auto &[one, other] : alike) {
        EXPECT_EQ(failure_text_key(one, ""), failure_text_key(other, "")) << one;
    }
}

TEST(FailureTextKey, DiffersWhereClassesMayDiffer) {
    const auto different = std::to_array<Texts>({
        {"said: 535 5.7.8 x", "said: 534 5.7.9 x"},
        {"said: 550-5.7.26 x", "said: 550-5.7.1 x"},
        {"said: 550 5.7.139 x", "said: 550 5.7.138 x"},
        {"said: 421 [TSS04] x", "said: 421 [TSS09] x"},
        {"connect to a[192.0.2.1]:25: Network is unreachable",
         "connect to a[2001:db8::1]:25: Network is unreachable"},
        {"Connection timed out", "Connection refused"},
        {"(in reply to MAIL FROM command)", "(in reply to RCPT TO command)"},
        {"", " x"},
    });
    for (const auto &[one, other] : different) {
        EXPECT_NE(failure_text_key(one, ""), failure_text_key(other, "")) << one;
    }
    EXPECT_NE(failure_text_key("x", "4.4.1"), failure_text_key("x", "4.4.2"));
}

TEST(FailureCache, ClassifiesTextsThatAreAlikeOnce) {
    FailureCache cache;
    for (int i = 0; i < 1000; ++i) {
        const std::string text = fmt::format(
            "host mx{0}.test[192.0.2.1] said: 535 5.7.8 no, {0} (in reply to AUTH command)",
            100000 + i);
        EXPECT_EQ(cache.classify(text, "4.7.8"), FailureClass::kAuthFailed);
    }
    EXPECT_EQ(cache.misses(), 1U);
}

}  // namespace
}  // namespace mail_relay
