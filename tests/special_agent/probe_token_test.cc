#include "special_agent/probe_token.h"

#include <gtest/gtest.h>

#include <string>

namespace mail_relay::roundtrip {
namespace {

constexpr TokenContext kContext{"monitor", "external", "0123456789abcdef"};
constexpr Probe kProbe{17, 1795246145528};

TEST(ProbeToken, IsFoundInAHeaderAndInABody) {
    const std::string token = make_probe_token(kContext, kProbe);
    EXPECT_EQ(find_probe(kContext, token), kProbe);
    EXPECT_EQ(find_probe(kContext, "[EXTERNAL] Probe: " + token + "\r\n-- \r\nfooter"), kProbe);
}

TEST(ProbeToken, FitsOnAHeaderLine) {
    const Probe largest{4'000'000'000, 9'999'999'999'999};
    EXPECT_LE(("X-Mail-Relay-Probe: " + make_probe_token(kContext, largest)).size(), 90U);
    EXPECT_EQ(make_probe_token(kContext, largest).find_first_of(" \t=\"<>"), std::string::npos);
}

TEST(ProbeToken, AnotherKeyLoopOrHostIsNotOurs) {
    const std::string token = make_probe_token(kContext, kProbe);
    EXPECT_FALSE(find_probe({"monitor", "external", "another key"}, token));
    EXPECT_FALSE(find_probe({"monitor", "internal", kContext.key}, token));
    EXPECT_FALSE(find_probe({"elsewhere", "external", kContext.key}, token));
    EXPECT_NE(make_probe_token({"a", "bc", kContext.key}, kProbe),
              make_probe_token({"ab", "c", kContext.key}, kProbe));
}

TEST(ProbeToken, AChangedTokenIsNotOurs) {
    const std::string token = make_probe_token(kContext, kProbe);
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string changed = token;
        changed[i] = changed[i] == '1' ? '2' : '1';
        EXPECT_FALSE(find_probe(kContext, changed)) << changed;
    }
    for (std::size_t length = 0; length < token.size(); ++length) {
        EXPECT_FALSE(find_probe(kContext, std::string_view(token).substr(0, length)));
    }
}

TEST(ProbeToken, LookAlikesBeforeTheRealOneDoNotHideIt) {
    const std::string token = make_probe_token(kContext, kProbe);
    EXPECT_EQ(find_probe(kContext, "mrp1-mrp1-1-2-zz mrp1-99999999999999999999-1-0 " + token),
              kProbe);
}

TEST(ProbeToken, StopsLookingAfterManyLookAlikes) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) {
        text += "mrp1-1-1-00000000000000000000000000000000 ";
    }
    EXPECT_FALSE(find_probe(kContext, text + make_probe_token(kContext, kProbe)));
}

}  // namespace
}  // namespace mail_relay::roundtrip
