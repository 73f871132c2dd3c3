#include "agent_plugin/queue_id.h"

#include <gtest/gtest.h>

#include <string>

namespace mail_relay {
namespace {

struct NameCase {
    const char *what;
    std::string name;
    bool is_id;
};

class QueueIdName : public testing::TestWithParam<NameCase> {};

TEST_P(QueueIdName, IsAnIdOrNot) {
    EXPECT_EQ(is_queue_id(GetParam().name), GetParam().is_id);
}

INSTANTIATE_TEST_SUITE_P(QueueId, QueueIdName,
                         testing::Values(NameCase{"Short", "EF807A721B5", true},
                                         NameCase{"Long", "4jWkNK3lHJz1cyVd", true},
                                         NameCase{"LongestPossible", std::string(100, 'A'), true},
                                         NameCase{"TooLong", std::string(101, 'A'), false},
                                         NameCase{"Empty", "", false},
                                         NameCase{"Temporary", "528076.12345", false},
                                         NameCase{"Hidden", ".EF807A721B5", false},
                                         NameCase{"Slash", "A/EF807A721B5", false},
                                         NameCase{"NotAscii", "EF807\xC3\x84", false},
                                         NameCase{"Blank", "EF80 7A721B5", false},
                                         NameCase{"Nul", std::string("EF80\0A", 6), false}),
                         [](const auto &test) { return test.param.what; });

// Seen on Postfix 3.7.11.
TEST(QueueId, LongFormCarriesArrivalTime) {
    EXPECT_EQ(arrival_of_queue_id("4jWkNK3lHJz1cyVd"), 1795246145);
}

TEST(QueueId, ShortFormCarriesNone) {
    EXPECT_EQ(arrival_of_queue_id("EF807A721B5"), std::nullopt);
}

class NoArrival : public testing::TestWithParam<const char *> {};

TEST_P(NoArrival, IsTakenFromADamagedId) {
    EXPECT_EQ(arrival_of_queue_id(GetParam()), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(QueueId, NoArrival,
                         testing::Values("", "z", "zzzzzzzzzzzzzzzz", "4jWkNK3lHz1cyVd",
                                         "4jWkNK3lHJz", "4jWkNK3lHJ", "4jWkNKAEIOz1cyVd",
                                         "4jWkNKyyyyz1cyVd", "yyyyyyyyyyyyyyyyyy3lHJz1cyVd",
                                         "4jWkNK3lHJz1\xFFyV"));

TEST(QueueId, ShortFormIsHashedByItsFirstCharacters) {
    EXPECT_EQ(hashed_folder("EF807A721B5", 0), "");
    EXPECT_EQ(hashed_folder("EF807A721B5", 1), "E");
    EXPECT_EQ(hashed_folder("EF807A721B5", 2), "E/F");
    EXPECT_EQ(hashed_folder("A", 2), "A/_");
    EXPECT_EQ(hashed_folder("EF807A721B5", -1), "");
}

TEST(QueueId, LongFormIsHashedByItsMicroseconds) {
    EXPECT_EQ(hashed_folder("4jWkNK3lHJz1cyVd", 1), "8");
    EXPECT_EQ(hashed_folder("4jWkNK3lHJz1cyVd", 3), "8/0/E");
}

}  // namespace
}  // namespace mail_relay
