#include "agent_plugin/file_permissions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace mail_relay {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

constexpr uid_t kPostfix = 110;
constexpr gid_t kPostdrop = 112;

/// A host's tree with the places of Postfix as Debian installs them.
class FilePermissionsTest : public testing::Test {
  protected:
    FilePermissionsTest() {
        std::array<char, 32> name{"/tmp/permissions_XXXXXX"};
        root_ = ::mkdtemp(name.data());
        write("/etc/passwd", "root:x:0:0::/root:/bin/sh\npostfix:x:110:111::/:/bin/false\n");
        write("/etc/group", "root:x:0:\npostdrop:x:112:\n");
        for (const char *queue : {"active", "deferred", "maildrop", "public"}) {
            put(std::string("/var/spool/postfix/") + queue, 0700, kPostfix, 0);
        }
        put("/var/spool/postfix/pid", 0755, 0, 0);
        put("/var/spool/postfix/maildrop", 01730, kPostfix, kPostdrop);
        put("/var/spool/postfix/public", 02710, kPostfix, kPostdrop);
        put("/var/lib/postfix", 0755, kPostfix, kPostfix);
        write("/etc/postfix/main.cf", "");
        write("/usr/sbin/postdrop", "");
        change("/usr/sbin/postdrop", 02555, 0, kPostdrop);
        configuration_.parameters = {{"queue_directory", "/var/spool/postfix"},
                                     {"data_directory", "/var/lib/postfix"},
                                     {"config_directory", "/etc/postfix"},
                                     {"command_directory", "/usr/sbin"},
                                     {"mail_owner", "postfix"},
                                     {"setgid_group", "postdrop"}};
    }
    ~FilePermissionsTest() override { fs::remove_all(root_); }

    void SetUp() override {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "only root can give files away";
        }
    }

    void write(const std::string &path, const std::string &content) {
        fs::create_directories((root_ + path).substr(0, (root_ + path).rfind('/')));
        std::ofstream(root_ + path) << content;
        change(path, 0644, 0, 0);
    }

    void put(const std::string &folder, mode_t mode, uid_t owner, gid_t group) {
        fs::create_directories(root_ + folder);
        change(folder, mode, owner, group);
    }

    void change(const std::string &path, mode_t mode, uid_t owner, gid_t group) {
        ASSERT_EQ(::chown((root_ + path).c_str(), owner, group), 0);
        ASSERT_EQ(::chmod((root_ + path).c_str(), mode), 0);
    }

    std::vector<std::string> repairs() {
        std::vector<std::string> all;
        for (const auto &fault : find_permission_faults(FileTree(root_), configuration_)) {
            all.push_back(fault.repair);
        }
        return all;
    }

    std::string root_;
    Configuration configuration_;
};

TEST_F(FilePermissionsTest, WhatDebianInstallsIsRight) {
    EXPECT_THAT(repairs(), IsEmpty());
}

TEST_F(FilePermissionsTest, AQueueOfAnotherOwner) {
    change("/var/spool/postfix/deferred", 0700, 0, 0);
    EXPECT_THAT(find_permission_faults(FileTree(root_), configuration_),
                ElementsAre(Field(&PermissionFault::what,
                                  "/var/spool/postfix/deferred is not owned by postfix")));
    EXPECT_THAT(repairs(), ElementsAre("chown postfix /var/spool/postfix/deferred"));
}

TEST_F(FilePermissionsTest, PlacesOfTheSetGidGroup) {
    change("/var/spool/postfix/maildrop", 01730, kPostfix, 0);
    change("/usr/sbin/postdrop", 0555, 0, kPostdrop);
    EXPECT_THAT(repairs(), ElementsAre("chgrp postdrop /var/spool/postfix/maildrop",
                                       "chmod g+s,a+x /usr/sbin/postdrop"));
}

TEST_F(FilePermissionsTest, AConfigurationThatOthersCanWrite) {
    change("/etc/postfix/main.cf", 0664, 1000, 0);
    EXPECT_THAT(repairs(),
                ElementsAre("chown root /etc/postfix/main.cf", "chmod go-w /etc/postfix/main.cf"));
}

TEST_F(FilePermissionsTest, AccountsThatAreNotKnownHereAreNotJudged) {
    write("/etc/passwd", "");
    write("/etc/group", "postdrop:x:many:\n");
    change("/var/spool/postfix/maildrop", 01730, 0, 0);
    EXPECT_THAT(repairs(), IsEmpty());
}

TEST_F(FilePermissionsTest, WithoutSettingsThereIsNothingToLookAt) {
    configuration_.parameters.clear();
    EXPECT_THAT(repairs(), IsEmpty());
}

TEST_F(FilePermissionsTest, WithoutAJailTheSmtpClientReadsTheHostsResolver) {
    write("/etc/resolv.conf", "nameserver 192.0.2.53\n");
    change("/etc/resolv.conf", 0600, 0, 0);
    configuration_.parameters["default_transport"] = "smtp";
    configuration_.services = {{"smtp", "unix", true, "smtp", {}}};
    EXPECT_THAT(find_permission_faults(FileTree(root_), configuration_), IsEmpty());
    configuration_.services[0].chroot = false;
    EXPECT_THAT(find_permission_faults(FileTree(root_), configuration_),
                ElementsAre(Field(&PermissionFault::repair, "chmod a+r /etc/resolv.conf")));
    change("/etc/resolv.conf", 0644, 0, 0);
    EXPECT_THAT(find_permission_faults(FileTree(root_), configuration_), IsEmpty());
}

}  // namespace
}  // namespace mail_relay
