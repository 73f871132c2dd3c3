#include "agent_plugin/gather_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>

namespace mail_relay {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

class GatherServiceTest : public testing::Test {
  protected:
    GatherServiceTest() {
        std::array<char, 32> name{"/tmp/gather_service_XXXXXX"};
        folder_ = ::mkdtemp(name.data());
        configuration_.parameters = {{"queue_directory", folder_},
                                     {"data_directory", folder_ / "data"},
                                     {"queue_minfree", "0"},
                                     {"message_size_limit", "10240000"},
                                     {"inet_interfaces", "all"}};
        configuration_.services = {{"smtp", "inet", true, "smtpd", {}}};
    }
    ~GatherServiceTest() override { fs::remove_all(folder_); }

    fs::path folder_;
    Configuration configuration_;
};

TEST_F(GatherServiceTest, MeasuresTheFileSystemOfTheQueue) {
    const auto facts = gather_service(FileTree(), configuration_, {});
    ASSERT_TRUE(facts.spool);
    const auto space = fs::space(folder_);
    EXPECT_EQ(facts.spool->total_bytes, static_cast<std::int64_t>(space.capacity));
    EXPECT_GT(facts.spool->free_bytes, 0);
    EXPECT_LE(facts.spool->free_bytes, facts.spool->total_bytes);
    EXPECT_GE(facts.spool->total_inodes, facts.spool->free_inodes);
    EXPECT_EQ(facts.spool->queue_minfree, 0);
    EXPECT_EQ(facts.spool->message_size_limit, 10240000);
    EXPECT_EQ(facts.master.running, false);
    EXPECT_EQ(facts.role, Role::kServer);
    EXPECT_THAT(facts.problems, IsEmpty());
}

TEST_F(GatherServiceTest, AnUnusableLimitIsUnknown) {
    configuration_.parameters["queue_minfree"] = "1x";
    configuration_.parameters.erase("message_size_limit");
    const auto facts = gather_service(FileTree(), configuration_, {});
    EXPECT_EQ(facts.spool->queue_minfree, std::nullopt);
    EXPECT_EQ(facts.spool->message_size_limit, std::nullopt);
}

TEST_F(GatherServiceTest, AMissingQueueDirectoryIsAProblem) {
    fs::remove(folder_);
    const auto facts = gather_service(FileTree(), configuration_, {});
    EXPECT_FALSE(facts.spool);
    EXPECT_EQ(facts.master.running, std::nullopt);
    EXPECT_THAT(facts.problems, ElementsAre(Field(&Problem::what, "spool")));
}

}  // namespace
}  // namespace mail_relay
