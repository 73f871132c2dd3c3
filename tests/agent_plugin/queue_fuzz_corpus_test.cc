#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "tests/fuzz/queue_targets.h"

namespace mail_relay {
namespace {

// The fuzzer's seeds, each also with some thousand random changes: what every compiler can do.
TEST(QueueFuzzCorpus, NoInputBreaksAParser) {
    std::minstd_rand random(4711);
    int seeds = 0;
    for (const auto &seed :
         std::filesystem::directory_iterator(FIXTURE_DIRECTORY "/../../fuzz/corpus/queue")) {
        std::ifstream file(seed.path(), std::ios::binary);
        const std::string input{std::istreambuf_iterator<char>(file), {}};
        ASSERT_FALSE(input.empty()) << seed.path();
        ++seeds;
        fuzz::one_input(input);
        for (int i = 0; i < 2000; ++i) {
            std::string changed = input;
            for (int changes = static_cast<int>(random() % 4); changes >= 0; --changes) {
                changed[1 + random() % (changed.size() - 1)] = static_cast<char>(random());
            }
            changed.resize(1 + random() % changed.size());
            fuzz::one_input(changed);
        }
    }
    EXPECT_GE(seeds, 8);
}

}  // namespace
}  // namespace mail_relay
