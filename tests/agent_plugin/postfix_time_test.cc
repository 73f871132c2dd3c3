#include "agent_plugin/postfix_time.h"

#include <gtest/gtest.h>

#include <optional>

namespace mail_relay {
namespace {

using std::chrono::seconds;

struct TimeCase {
    const char *text;
    char default_unit;
    std::optional<seconds> time;
};

class PostfixTime : public testing::TestWithParam<TimeCase> {};

TEST_P(PostfixTime, IsParsedAsPostfixDoes) {
    EXPECT_EQ(parse_postfix_time(GetParam().text, GetParam().default_unit), GetParam().time);
}

INSTANTIATE_TEST_SUITE_P(
    , PostfixTime,
    testing::Values(TimeCase{"300s", 's', seconds(300)}, TimeCase{"5d", 's', seconds(432000)},
                    TimeCase{"5", 'd', seconds(432000)}, TimeCase{"300", 's', seconds(300)},
                    TimeCase{"2h", 's', seconds(7200)}, TimeCase{"1w", 's', seconds(604800)},
                    TimeCase{"10m", 'd', seconds(600)}, TimeCase{"0", 'd', seconds(0)},
                    TimeCase{"2H", 's', std::nullopt}, TimeCase{"", 's', std::nullopt},
                    TimeCase{"d", 's', std::nullopt}, TimeCase{"5y", 's', std::nullopt},
                    TimeCase{"5 d", 's', std::nullopt}, TimeCase{"1h30m", 's', std::nullopt},
                    TimeCase{"-1d", 's', std::nullopt}, TimeCase{"99999999999d", 's', std::nullopt},
                    TimeCase{"99999999999999999999", 's', std::nullopt}));

}  // namespace
}  // namespace mail_relay
