#include "agent_plugin/gather_instances.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "settled_file.h"

namespace mail_relay {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// A tree with instances, read with the installed postconf.
class GatherInstancesTest : public testing::Test {
  protected:
    GatherInstancesTest() {
        std::array<char, 40> name{"/tmp/gather_instances_XXXXXX"};
        root_ = ::mkdtemp(name.data());
        fs::create_directories(root_ / "usr/sbin");
        std::ofstream(root_ / "usr/sbin/postconf") << "never run";
    }
    ~GatherInstancesTest() override { fs::remove_all(root_); }

    void make_instance(const std::string &directory, const std::string &main_cf) const {
        const fs::path folder = root_ / directory.substr(1);
        fs::create_directories(folder);
        write_settled(folder / "main.cf", "compatibility_level = 3.6\n" + main_cf);
        std::ofstream(folder / "master.cf") << "smtp unix - - y - - smtp\n";
    }

    std::vector<InstanceReading> gather(const std::vector<std::string> &directories = {}) const {
        const FileTree files(root_);
        return gather_instances({files, "/usr/sbin/postconf", ""}, directories,
                                Deadline::in(seconds(60)), 1795246145);
    }

    static std::vector<std::string> names(const std::vector<InstanceReading> &readings) {
        std::vector<std::string> found;
        found.reserve(readings.size());
        for (const auto &reading : readings) {
            found.push_back(reading.instance.name);
        }
        return found;
    }

    fs::path root_;
};

TEST_F(GatherInstancesTest, AHostWithoutPostfixHasNone) {
    EXPECT_THAT(gather(), IsEmpty());
    fs::create_directories(root_ / "etc/postfix");
    EXPECT_THAT(gather(), IsEmpty()) << "programs without main.cf";
    make_instance("/etc/postfix", "");
    fs::remove(root_ / "usr/sbin/postconf");
    EXPECT_THAT(gather(), IsEmpty()) << "a configuration left behind";
}

TEST_F(GatherInstancesTest, TheDefaultInstanceIsCalledPostfix) {
    make_instance("/etc/postfix", "multi_instance_name = postfix-other\n");
    const auto readings = gather();
    ASSERT_THAT(readings, SizeIs(1));
    EXPECT_EQ(readings[0].instance.name, "postfix");
    EXPECT_EQ(readings[0].instance.config_directory, "/etc/postfix");
    EXPECT_TRUE(readings[0].instance.is_default);
    EXPECT_TRUE(readings[0].instance.enabled);
    EXPECT_TRUE(readings[0].settings.is_resolved);
}

TEST_F(GatherInstancesTest, AMissingPostconfLeavesTheInstance) {
    make_instance("/etc/postfix", "");
    fs::remove(root_ / "usr/sbin/postconf");
    fs::create_directories(root_ / "usr/libexec/postfix");
    std::ofstream(root_ / "usr/libexec/postfix/master") << "";
    EXPECT_THAT(names(gather()), ElementsAre("postfix"));
}

TEST_F(GatherInstancesTest, EnabledInstancesOfPostmultiAreFound) {
    make_instance("/etc/postfix",
                  "multi_instance_directories = /etc/postfix-out, /etc/postfix-in\n"
                  "    /etc/postfix-off\n");
    make_instance("/etc/postfix-out", "multi_instance_enable = yes\nmulti_instance_name = out\n");
    make_instance("/etc/postfix-in", "multi_instance_enable = yes\n");
    make_instance("/etc/postfix-off", "multi_instance_enable = no\n");
    const auto readings = gather();
    EXPECT_THAT(names(readings), ElementsAre("postfix", "out", "postfix-in"));
    EXPECT_FALSE(readings[1].instance.is_default);
    EXPECT_EQ(readings[1].instance.config_directory, "/etc/postfix-out");
}

TEST_F(GatherInstancesTest, UnderPostmultiTheDefaultInstanceMayBeDisabled) {
    make_instance("/etc/postfix", "multi_instance_wrapper = /usr/sbin/postmulti -p --\n");
    EXPECT_FALSE(gather()[0].instance.enabled);
    make_instance("/etc/postfix",
                  "multi_instance_wrapper = /usr/sbin/postmulti -p --\n"
                  "multi_instance_enable = yes\n");
    EXPECT_TRUE(gather()[0].instance.enabled);
}

TEST_F(GatherInstancesTest, TwoInstancesNeverShareAName) {
    make_instance("/etc/postfix", "multi_instance_directories = /etc/a /etc/b\n");
    make_instance("/etc/a", "multi_instance_enable = yes\nmulti_instance_name = postfix\n");
    make_instance("/etc/b", "multi_instance_enable = yes\nmulti_instance_name = postfix\n");
    EXPECT_THAT(names(gather()), ElementsAre("postfix", "/etc/a", "/etc/b"));
}

TEST_F(GatherInstancesTest, ADirectoryThatIsNamedTwiceIsOneInstance) {
    make_instance("/etc/postfix",
                  "multi_instance_directories = /etc/a /etc/postfix /etc/a/ /etc/a\n"
                  "multi_instance_enable = yes\n");
    make_instance("/etc/a", "multi_instance_enable = yes\n");
    EXPECT_THAT(names(gather()), ElementsAre("postfix", "a"));
    EXPECT_THAT(names(gather({"/etc/a", "/etc/a"})), ElementsAre("a"));
}

TEST_F(GatherInstancesTest, AListedDirectoryThatIsNoInstanceIsAProblem) {
    make_instance("/etc/postfix", "multi_instance_directories = /etc/none, relative\n");
    const auto readings = gather();
    ASSERT_THAT(readings, SizeIs(1));
    EXPECT_THAT(readings[0].problems,
                Contains(Field(&Problem::error, HasSubstr("/etc/none has no main.cf"))));
    EXPECT_THAT(readings[0].problems,
                Contains(Field(&Problem::error, HasSubstr("relative is not an absolute path"))));
}

TEST_F(GatherInstancesTest, NamedDirectoriesAreTheOnlyOnes) {
    make_instance("/etc/postfix", "multi_instance_directories = /etc/postfix-out\n");
    make_instance("/etc/postfix-out", "multi_instance_enable = yes\n");
    make_instance("/srv/relay", "");
    const auto readings = gather({"/srv/relay", "/etc/postfix"});
    EXPECT_THAT(names(readings), ElementsAre("relay", "postfix"));
    EXPECT_TRUE(readings[0].instance.enabled) << "was asked for";
    EXPECT_TRUE(readings[1].instance.is_default);
}

TEST_F(GatherInstancesTest, ANamedDirectoryWithoutMainCfIsReportedWithProblems) {
    const auto readings = gather({"/etc/none"});
    ASSERT_THAT(readings, SizeIs(1));
    EXPECT_FALSE(readings[0].settings.is_resolved);
    EXPECT_FALSE(readings[0].settings.problems.empty());
}

}  // namespace
}  // namespace mail_relay
