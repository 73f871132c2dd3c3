#include "special_agent/loop_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace mail_relay::roundtrip {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr std::int64_t kNow = 1'795'246'145'000;

LoopState example() {
    LoopState state;
    const Probe first = state.ledger.record_sent(kNow);
    state.ledger.record_sent(kNow + 1);
    state.ledger.record_sent(kNow + 2);
    state.ledger.record_arrival(
        {first, kNow + 500, Measured::kInternalDate, "Junk \"x\"", 42, 7, 9});
    state.ledger.declare_lost(kNow + 5002, 5000);
    state.positions = {{"INBOX", 7, 4'294'967'295}};
    state.clock_offset_s = -0.25;
    state.submission = R"({"ok":true})";
    return state;
}

class LoopStateTest : public testing::Test {
  protected:
    LoopStateTest() {
        std::array<char, 32> name{"/tmp/loop_state_XXXXXX"};
        directory_ = ::mkdtemp(name.data());
    }
    ~LoopStateTest() override { fs::remove_all(directory_); }

    Result<StateFile> lock(std::chrono::milliseconds patience = std::chrono::seconds(1)) const {
        return StateFile::lock(directory_, "external/1", Deadline::in(patience));
    }

    fs::path directory_;
    std::string problem_;
};

TEST_F(LoopStateTest, WhatIsWrittenIsReadBack) {
    const auto state = parse_state(serialize_state(example()));
    ASSERT_TRUE(state) << state.error().message();
    EXPECT_EQ(serialize_state(*state), serialize_state(example()));
    EXPECT_EQ(state->ledger.completions[0].arrival.folder, "Junk \"x\"");
    EXPECT_EQ(state->positions, example().positions);
}

TEST_F(LoopStateTest, AnyCutOffStateIsRefused) {
    const std::string text = serialize_state(example());
    for (std::size_t length = 0; length < text.size(); ++length) {
        EXPECT_FALSE(parse_state(text.substr(0, length))) << length;
    }
}

TEST_F(LoopStateTest, ForeignContentIsRefused) {
    for (const char *text :
         {"[]", "null", "{}", R"({"format": 2})", R"({"format": "1"})",
          R"({"format":1,"ledger":{},"positions":[],"submission":"","deliverability":""})"}) {
        EXPECT_FALSE(parse_state(text)) << text;
    }
    EXPECT_THAT(parse_state(R"({"format": 2})").error().message(), HasSubstr("format is 2"));
}

TEST_F(LoopStateTest, AFreshLoopHasAnEmptyState) {
    EXPECT_EQ(lock()->load(problem_).ledger.sent, 0U);
    EXPECT_EQ(problem_, "");
}

TEST_F(LoopStateTest, SurvivesTheRunAndIsPrivate) {
    ASSERT_TRUE(lock()->save(example()));
    EXPECT_EQ(lock()->load(problem_).ledger.sent, 3U);
    struct stat status {};
    ASSERT_EQ(::stat((directory_ / "external%2F1.json").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(LoopStateTest, ADamagedFileIsSetAsideAndReported) {
    std::ofstream(directory_ / "external%2F1.json") << R"({"format":1,"led)";
    EXPECT_EQ(lock()->load(problem_).ledger.sent, 0U);
    EXPECT_THAT(problem_, HasSubstr("set aside as"));
    EXPECT_TRUE(fs::exists(directory_ / "external%2F1.json.damaged"));
    problem_.clear();
    lock()->load(problem_);
    EXPECT_EQ(problem_, "");
}

TEST_F(LoopStateTest, ALinkInPlaceOfTheFileIsNotFollowed) {
    fs::create_symlink("/etc/passwd", directory_ / "external%2F1.json");
    lock()->load(problem_);
    EXPECT_THAT(problem_, HasSubstr("cannot use the state"));
}

TEST_F(LoopStateTest, ASecondRunWaitsForTheFirst) {
    auto first = lock();
    ASSERT_TRUE(first);
    EXPECT_THAT(lock(std::chrono::milliseconds(30)).error().message(),
                HasSubstr("another run still holds it"));
    std::thread second([this] {
        const auto file = lock(std::chrono::seconds(10));
        std::string problem;
        EXPECT_EQ(file->load(problem).ledger.sent, 3U);
    });
    ASSERT_TRUE(first->save(example()));
    first = failed("released");
    second.join();
}

TEST_F(LoopStateTest, AFolderThatIsGoneIsAnError) {
    const auto file = lock();
    fs::remove_all(directory_);
    EXPECT_FALSE(file->save(example()));
    EXPECT_FALSE(lock());
}

}  // namespace
}  // namespace mail_relay::roundtrip
