#include "agent_plugin/queue_seen.h"

#include <gtest/gtest.h>

#include <string>

#include "agent_plugin/queue_hash.h"

namespace mail_relay {
namespace {

std::uint64_t key(int i) {
    return QueueHash(42)(std::to_string(i));
}

TEST(SeenMessages, RemembersExactly) {
    SeenMessages seen(0);
    EXPECT_FALSE(seen.has_exactly(key(0)));
    for (int i = 0; i < 5000; ++i) {
        seen.add_exactly(key(i));
    }
    for (int i = 0; i < 5000; ++i) {
        EXPECT_TRUE(seen.has_exactly(key(i)));
        EXPECT_FALSE(seen.has_exactly(key(i + 5000)));
    }
}

TEST(SeenMessages, ExactMemoryIsBounded) {
    SeenMessages seen(0);
    for (int i = 0; i < 100000; ++i) {
        seen.add_exactly(key(i));
    }
    EXPECT_TRUE(seen.has_exactly(key(0)));
    EXPECT_FALSE(seen.has_exactly(key(99999)));
}

TEST(SeenMessages, TheFilterNeverDeniesAndSeldomErrs) {
    SeenMessages seen(100000);
    for (int i = 0; i < 100000; ++i) {
        seen.add(key(i));
    }
    int wrong = 0;
    for (int i = 0; i < 100000; ++i) {
        EXPECT_TRUE(seen.may_have(key(i)));
        wrong += seen.may_have(key(i + 100000)) ? 1 : 0;
    }
    EXPECT_LT(wrong, 3000);
}

}  // namespace
}  // namespace mail_relay
