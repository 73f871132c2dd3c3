#include "agent_plugin/jail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace mail_relay {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class JailTest : public testing::Test {
  protected:
    JailTest() {
        std::array<char, 32> name{"/tmp/jail_XXXXXX"};
        root_ = ::mkdtemp(name.data());
        configuration_.parameters = {{"default_transport", "smtp"}, {"queue_directory", "/spool"}};
        configuration_.services = {{"smtp", "unix", true, "smtp", {}}};
        write("/etc/resolv.conf", "# made by something\nnameserver 192.0.2.53\nsearch a.test\n");
        write("/spool/etc/resolv.conf", "nameserver 192.0.2.53\n");
    }
    ~JailTest() override { fs::remove_all(root_); }

    void write(const std::string &path, const std::string &content) const {
        const fs::path file = root_ / path.substr(1);
        fs::create_directories(file.parent_path());
        std::ofstream(file) << content;
    }

    /// "PATH missing|differs|harmless" of every difference.
    std::vector<std::string> differences() const {
        Problems problems;
        std::vector<std::string> found;
        for (const auto &difference :
             find_jail_differences(FileTree(root_), configuration_, problems)) {
            const std::map<JailFault, std::string> words{{JailFault::kMissing, " missing"},
                                                         {JailFault::kUnreadable, " unreadable"},
                                                         {JailFault::kDiffers, " differs"},
                                                         {JailFault::kHarmless, " harmless"}};
            found.push_back(difference.path + words.at(difference.fault));
        }
        EXPECT_THAT(problems, IsEmpty());
        return found;
    }

    fs::path root_;
    Configuration configuration_;
};

TEST_F(JailTest, CommentsAndSearchListsDoNotCount) {
    EXPECT_THAT(differences(), IsEmpty());
}

TEST_F(JailTest, OtherNameServersDo) {
    write("/spool/etc/resolv.conf", "nameserver 192.0.2.1\n");
    EXPECT_THAT(differences(), ElementsAre("/etc/resolv.conf differs"));
    write("/spool/etc/resolv.conf", "nameserver 192.0.2.1\nnameserver 192.0.2.53\n");
    EXPECT_THAT(differences(), ElementsAre("/etc/resolv.conf harmless"));
    fs::remove(root_ / "spool/etc/resolv.conf");
    EXPECT_THAT(differences(), ElementsAre("/etc/resolv.conf missing"));
}

TEST_F(JailTest, WithoutAJailNothingDoes) {
    fs::remove(root_ / "spool/etc/resolv.conf");
    configuration_.services[0].chroot = false;
    EXPECT_THAT(differences(), IsEmpty());
    configuration_.services.clear();
    EXPECT_THAT(differences(), IsEmpty());
}

TEST_F(JailTest, NativeLookupsNeedHostsAndNsswitchAlone) {
    write("/etc/hosts", "192.0.2.7  relay\n");
    write("/etc/nsswitch.conf", "hosts: files dns\n");
    fs::remove(root_ / "spool/etc/resolv.conf");
    configuration_.parameters["smtp_host_lookup"] = "native";
    EXPECT_THAT(differences(), ElementsAre("/etc/hosts missing", "/etc/nsswitch.conf missing"));
    write("/spool/etc/hosts", "192.0.2.7 relay # comment\n");
    write("/spool/etc/nsswitch.conf", "hosts:   files dns\n");
    EXPECT_THAT(differences(), IsEmpty());
}

TEST_F(JailTest, ANamedPortNeedsServices) {
    write("/etc/services", "submission 587/tcp\n");
    configuration_.parameters["relayhost"] = "[smtp.example.org]:587";
    EXPECT_THAT(differences(), IsEmpty());
    configuration_.parameters["relayhost"] = "[smtp.example.org]:submission";
    EXPECT_THAT(differences(), ElementsAre("/etc/services missing"));
    write("/spool/etc/services", "submission 588/tcp\n");
    EXPECT_THAT(differences(), ElementsAre("/etc/services differs"));
    write("/spool/etc/services", "smtp 25/tcp\nsubmission 587/tcp\n");
    EXPECT_THAT(differences(), IsEmpty());
}

TEST_F(JailTest, ANamedPortThatPostfixKnowsItselfNeedsNone) {
    write("/etc/services", "submission 587/tcp\nodd 2525/tcp\n");
    configuration_.parameters["known_tcp_ports"] = "smtp=25, submission=587";
    configuration_.parameters["relayhost"] = "[smtp.example.org]:submission";
    EXPECT_THAT(differences(), IsEmpty());
    configuration_.parameters["relayhost"] = "[smtp.example.org]:odd";
    EXPECT_THAT(differences(), ElementsAre("/etc/services missing"));
}

TEST_F(JailTest, WhatMailOwnerMayNotReadIsTold) {
    write("/etc/passwd", "root:x:0:0::/:\npostfix:x:104:112::/:\n");
    configuration_.parameters["mail_owner"] = "postfix";
    EXPECT_THAT(differences(), IsEmpty());
    fs::permissions(root_ / "spool/etc/resolv.conf", fs::perms(0600));
    EXPECT_THAT(differences(), ElementsAre("/etc/resolv.conf unreadable"));
    fs::permissions(root_ / "spool/etc/resolv.conf", fs::perms(0644));
    fs::permissions(root_ / "spool/etc", fs::perms(0700));
    EXPECT_THAT(differences(), ElementsAre("/etc/resolv.conf unreadable"));
}

TEST(NameServers, AreThoseOfTheirLines) {
    EXPECT_THAT(parse_name_servers("search a.test\nnameserver\t192.0.2.1 # x\n;nameserver 1.1.1.1\n"
                                   "nameserver 2001:db8::1"),
                ElementsAre("192.0.2.1", "2001:db8::1"));
    EXPECT_THAT(parse_name_servers(""), IsEmpty());
}

}  // namespace
}  // namespace mail_relay
