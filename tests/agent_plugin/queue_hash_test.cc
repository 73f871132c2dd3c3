#include "agent_plugin/queue_hash.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace mail_relay {
namespace {

TEST(QueueHash, IsTheSameForTheSameSeedAlone) {
    const QueueHash hash(1);
    EXPECT_EQ(hash("4jWkNK3lHJz1cyVd"), QueueHash(1)("4jWkNK3lHJz1cyVd"));
    EXPECT_NE(hash("4jWkNK3lHJz1cyVd"), QueueHash(2)("4jWkNK3lHJz1cyVd"));
}

TEST(QueueHash, EveryByteAndTheLengthCount) {
    const QueueHash hash(1);
    std::set<std::uint64_t> seen;
    std::set<std::uint32_t> tags;
    std::string text;
    for (int size = 0; size <= 40; ++size) {
        seen.insert(hash(text));
        tags.insert(hash.tag(text));
        text += '\0';  // what pads the last word, too
    }
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string changed = text;
        changed[at] = '\1';
        seen.insert(hash(changed));
        tags.insert(hash.tag(changed));
    }
    EXPECT_EQ(seen.size(), 41U + 41U);
    EXPECT_EQ(tags.size(), seen.size());
}

TEST(QueueHash, ShortIdsSpreadOverItsUpperBits) {
    const QueueHash hash(4711);
    std::set<std::uint64_t> upper;
    for (int i = 0; i < 1000; ++i) {
        upper.insert(hash(std::to_string(i)) >> 40U);
    }
    EXPECT_GE(upper.size(), 995U);
}

TEST(QueueHash, SeedsDiffer) {
    EXPECT_NE(random_seed(), random_seed());
}

}  // namespace
}  // namespace mail_relay
