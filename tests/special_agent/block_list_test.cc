#include "special_agent/block_list.h"

#include <gtest/gtest.h>

namespace mail_relay::roundtrip {
namespace {

using Kind = BlockListAnswer::Kind;

TEST(BlockList, OnlyTheListingCodesAreAListing) {
    for (const char *code : {"127.0.0.2", "127.0.0.4", "127.0.0.10", "127.0.0.11"}) {
        EXPECT_EQ(judge_codes({code}), Kind::kListed) << code;
    }
    EXPECT_EQ(judge_codes({"127.0.0.2", "127.0.0.4"}), Kind::kListed);
}

TEST(BlockList, OtherAnswersTellNothing) {
    for (const char *code : {"127.0.0.1", "127.0.0.12", "127.255.255.252", "127.255.255.254",
                             "127.255.255.255", "127.0.1.2", "192.0.2.1", "127.0.0.2x", ""}) {
        EXPECT_EQ(judge_codes({code}), Kind::kUnknown) << code;
    }
    EXPECT_EQ(judge_codes({}), Kind::kUnknown);
    EXPECT_EQ(judge_codes({"127.0.0.2", "127.255.255.254"}), Kind::kUnknown);
}

}  // namespace
}  // namespace mail_relay::roundtrip
