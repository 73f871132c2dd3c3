#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <set>
#include <string>

#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/seeds.h"

namespace mail_relay::fuzz {
namespace {

constexpr int kChangesOfEachSeed = 100;

/// A seed with some bytes changed, and cut off somewhere.
std::string change(std::string bytes, std::minstd_rand &random) {
    for (auto changes = random() % 4; changes > 0 && !bytes.empty(); --changes) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (random() % 2 == 0) {
        bytes.resize(random() % (bytes.size() + 1));
    }
    return bytes;
}

class FuzzCorpusTest : public testing::TestWithParam<Target> {};

// What the fuzzer begins with and what it found once, each also with some changes: this much every
// compiler can do.
TEST_P(FuzzCorpusTest, BreaksNothing) {
    const std::string path = "corpus/" + std::string(GetParam().name) + ".txt";
    std::minstd_rand random(4711);  // NOLINT(cert-msc51-cpp): each run tries the same changes
    GetParam().parse("");
    const auto seeds = parse_seeds(read_whole_file(path));
    EXPECT_FALSE(seeds.empty());
    for (const std::string &seed : seeds) {
        GetParam().parse(seed);
        for (int i = 0; i < kChangesOfEachSeed; ++i) {
            GetParam().parse(change(seed, random));
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Target, FuzzCorpusTest, testing::ValuesIn(targets()),
                         [](const auto &tested) { return std::string(tested.param.name); });

TEST(FuzzTargets, EachCorpusHasItsTarget) {
    std::set<std::string> names;
    for (const Target &target : targets()) {
        EXPECT_TRUE(names.emplace(target.name).second) << target.name;
    }
    std::set<std::string> corpora;
    for (const auto &file : std::filesystem::directory_iterator("corpus")) {
        corpora.insert(file.path().stem());
    }
    EXPECT_EQ(corpora, names);
}

TEST(FuzzSeeds, AreTextForAnyBytes) {
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) {
        bytes += static_cast<char>(byte);
    }
    const std::string file = "# all bytes\n" + seed_line(bytes) + "\n\n" + seed_line("# x") + "\n";
    EXPECT_EQ(parse_seeds(file), (std::vector<std::string>{bytes, "# x"}));
    EXPECT_THROW(parse_seeds("\\q"), std::invalid_argument);
    EXPECT_THROW(parse_seeds("\\x1"), std::invalid_argument);
}

}  // namespace
}  // namespace mail_relay::fuzz
