#include "special_agent/header_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mail_relay::roundtrip {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(HeaderFields, ComeTopmostFirstAndFolded) {
    constexpr const char *kHeader =
        "Received: one\r\n\tfolded\r\nSubject: Received: no\r\nRECEIVED:two\r\n"
        "Received-SPF: pass\r\n\r\nReceived: in the body\r\n";
    EXPECT_THAT(header_values(kHeader, "Received"), ElementsAre(" one\r\n\tfolded", "two"));
    EXPECT_THAT(header_values(kHeader, "subject"), ElementsAre(" Received: no"));
    EXPECT_THAT(header_values(kHeader, "From"), IsEmpty());
}

TEST(HeaderFields, OddHeadersEnd) {
    EXPECT_THAT(header_values("", "A"), IsEmpty());
    EXPECT_THAT(header_values(" leading\nA: b", "A"), ElementsAre(" b"));
    EXPECT_THAT(header_values("no colon\nA: b", "A"), ElementsAre(" b"));
    std::string many;
    for (int i = 0; i < 10'000; ++i) {
        many += "A: b\n";
    }
    EXPECT_EQ(header_values(many, "A").size(), 100U);
}

}  // namespace
}  // namespace mail_relay::roundtrip
