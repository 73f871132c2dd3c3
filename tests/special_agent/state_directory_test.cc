#include "special_agent/state_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

namespace mail_relay::roundtrip {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

Environment environment(std::map<std::string, std::string> values) {
    return [values = std::move(values)](const char *name) {
        const auto found = values.find(name);
        return found == values.end() ? std::string() : found->second;
    };
}

TEST(StateDirectory, IsCheckmksOwnPlaceForIt) {
    EXPECT_EQ(*storage_directory(environment({{"OMD_ROOT", "/omd/sites/a"}})),
              "/omd/sites/a/var/check_mk/server_side_program_storage");
    EXPECT_EQ(*storage_directory(environment(
                  {{"OMD_ROOT", "/omd/sites/a"}, {"SERVER_SIDE_PROGRAM_STORAGE_PATH", "/x"}})),
              "/x");
    EXPECT_FALSE(storage_directory(environment({})));
    EXPECT_FALSE(storage_directory(environment({{"OMD_ROOT", "relative"}})));
}

TEST(StateDirectory, ANameCannotLeaveItsFolder) {
    EXPECT_EQ(quote_file_name("mail-1.example.org"), "mail-1.example.org");
    EXPECT_EQ(quote_file_name("../../etc"), "%2E.%2F..%2Fetc");
    EXPECT_EQ(quote_file_name("."), "%2E");
    EXPECT_EQ(quote_file_name(""), "%");
    EXPECT_EQ(quote_file_name("ä b"), "%C3%A4%20b");
    const std::string a(1000, 'a');
    EXPECT_LT(quote_file_name(a).size(), 200U);
    EXPECT_NE(quote_file_name(a), quote_file_name(a + "b"));
}

class SiteKey : public testing::Test {
  protected:
    SiteKey() {
        std::array<char, 32> name{"/tmp/site_key_XXXXXX"};
        directory_ = ::mkdtemp(name.data());
    }
    ~SiteKey() override { fs::remove_all(directory_); }

    fs::path directory_;
};

TEST_F(SiteKey, IsMadeOnceAndKept) {
    const auto first = site_key(directory_ / "storage");
    ASSERT_TRUE(first) << first.error().message();
    EXPECT_EQ(first->view().size(), 32U);
    EXPECT_EQ(site_key(directory_ / "storage")->view(), first->view());
    struct stat status {};
    ASSERT_EQ(::stat((directory_ / "storage/mail_roundtrip.key").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(std::distance(fs::directory_iterator(directory_ / "storage"), {}), 1);
}

TEST_F(SiteKey, DiffersFromSiteToSite) {
    EXPECT_NE(site_key(directory_ / "a")->view(), site_key(directory_ / "b")->view());
}

TEST_F(SiteKey, ACutOffKeyIsRefused) {
    std::ofstream(directory_ / "mail_roundtrip.key") << "short";
    EXPECT_THAT(site_key(directory_).error().message(), HasSubstr("5 bytes instead of 32"));
}

TEST_F(SiteKey, HostsHaveFoldersOfTheirOwn) {
    const auto folder = make_host_directory(directory_, "../mail");
    ASSERT_TRUE(folder);
    EXPECT_EQ(*folder, (directory_ / "%2E.%2Fmail/agent_mail_roundtrip").string());
    EXPECT_TRUE(fs::is_directory(*folder));
}

}  // namespace
}  // namespace mail_relay::roundtrip
