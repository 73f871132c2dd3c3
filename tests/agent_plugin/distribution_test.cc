#include "agent_plugin/distribution.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace mail_relay {
namespace {

namespace fs = std::filesystem;
using enum DistributionFamily;

struct Case {
    std::string name;
    std::string os_release;
    DistributionFamily family;
    std::string install;
};

class DistributionTest : public testing::TestWithParam<Case> {};

TEST_P(DistributionTest, KnowsItsPackageManager) {
    const auto distribution = parse_os_release(GetParam().os_release);
    EXPECT_EQ(distribution.family, GetParam().family);
    EXPECT_EQ(
        install_command(distribution, "libsasl2-modules", "cyrus-sasl-plain", "cyrus-sasl-plain"),
        GetParam().install);
}

INSTANTIATE_TEST_SUITE_P(
    Known, DistributionTest,
    testing::Values(
        Case{"Debian", "ID=debian\nVERSION_ID=\"12\"\n", kDebian, "apt install libsasl2-modules"},
        Case{"Ubuntu", "ID=ubuntu\nID_LIKE=debian\n", kDebian, "apt install libsasl2-modules"},
        Case{"Rocky", "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=\"9.4\"\n", kRedHat,
             "dnf install cyrus-sasl-plain"},
        Case{"CentOs7", "ID=\"centos\"\nVERSION_ID=\"7\"\n", kRedHat,
             "yum install cyrus-sasl-plain"},
        Case{"Amazon2", "ID=\"amzn\"\nVERSION_ID=\"2\"\n", kRedHat, "yum install cyrus-sasl-plain"},
        Case{"Amazon2023", "ID=\"amzn\"\nVERSION_ID=\"2023\"\n", kRedHat,
             "dnf install cyrus-sasl-plain"},
        Case{"Leap", "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n", kSuse,
             "zypper install cyrus-sasl-plain"},
        Case{"LikeSomething", "ID=nobara\nID_LIKE='exotic fedora'\n", kRedHat,
             "dnf install cyrus-sasl-plain"},
        Case{"Unknown", "ID=alpine\n", kOther,
             "# install what Debian calls libsasl2-modules, Red Hat cyrus-sasl-plain and SUSE "
             "cyrus-sasl-plain"},
        Case{"Empty", "", kOther,
             "# install what Debian calls libsasl2-modules, Red Hat cyrus-sasl-plain and SUSE "
             "cyrus-sasl-plain"}),
    [](const auto &row) { return row.param.name; });

TEST(Distribution, ReadsNamesInAnyQuoting) {
    const auto distribution = parse_os_release(
        "# comment\nPRETTY_NAME=\"A \\\"B\\\" \\$1\"\nID='x'\nVERSION_ID=3 \n=\nID");
    EXPECT_EQ(distribution.pretty_name, "A \"B\" $1");
    EXPECT_EQ(distribution.id, "x");
    EXPECT_EQ(distribution.version_id, "3");
}

TEST(Distribution, IsReadFromTheExaminedTree) {
    std::array<char, 32> name{"/tmp/distribution_XXXXXX"};
    const fs::path root = ::mkdtemp(name.data());
    EXPECT_EQ(read_distribution(FileTree(root)).id, "");
    fs::create_directories(root / "usr/lib");
    fs::create_directories(root / "etc");
    std::ofstream(root / "usr/lib/os-release") << "ID=sles\n";
    EXPECT_EQ(read_distribution(FileTree(root)).id, "sles");
    std::ofstream(root / "etc/os-release") << "ID=debian\n";
    EXPECT_EQ(read_distribution(FileTree(root)).id, "debian");
    fs::remove_all(root);
}

TEST(Distribution, KnowsWhereItsCertificateAuthoritiesAre) {
    EXPECT_EQ(system_ca_file(parse_os_release("ID=debian")), "/etc/ssl/certs/ca-certificates.crt");
    EXPECT_EQ(system_ca_file(parse_os_release("ID=rocky")), "/etc/pki/tls/certs/ca-bundle.crt");
    EXPECT_EQ(system_ca_file(parse_os_release("ID=sles")), "/etc/ssl/ca-bundle.pem");
}

TEST(Distribution, APackageThatOneFamilyLacksIsNamedAsDebianDoes) {
    EXPECT_EQ(install_command({}, "postfix-cdb", "postfix-cdb", ""),
              "# install what Debian calls postfix-cdb");
}

TEST(Distribution, WhatIsEditedIsEditedWithWhatIsThere) {
    EXPECT_EQ(edit_command(parse_os_release("ID=debian"), "/etc/a b", "x"),
              "editor '/etc/a b'  # x");
    EXPECT_EQ(edit_command(parse_os_release("ID=rocky"), "/etc/a", "x"), "vi /etc/a  # x");
}

TEST(Distribution, AnotherInstanceIsStartedByPostmulti) {
    EXPECT_EQ(restart_command("postfix"), "systemctl restart postfix");
    EXPECT_EQ(restart_command("postfix-out"), "postmulti -i postfix-out -p start");
    EXPECT_EQ(restart_command("a;b"), "postmulti -i 'a;b' -p start");
}

}  // namespace
}  // namespace mail_relay
