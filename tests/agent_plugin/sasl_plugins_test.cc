#include "agent_plugin/sasl_plugins.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

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
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char *kRealFolder = "/usr/lib/x86_64-linux-gnu/sasl2";
constexpr const char *kRealSmtp = "/usr/lib/postfix/sbin/smtp";

/// A tree with the plug-ins and the smtp program of this machine.
class SaslPluginsTest : public testing::Test {
  protected:
    SaslPluginsTest() {
        std::array<char, 32> name{"/tmp/sasl_plugins_XXXXXX"};
        root_ = ::mkdtemp(name.data());
        configuration_.parameters = {{"daemon_directory", "/usr/lib/postfix/sbin"},
                                     {"smtp_sasl_type", "cyrus"}};
    }
    ~SaslPluginsTest() override { fs::remove_all(root_); }

    void SetUp() override {
        if (::access(kRealFolder, R_OK) != 0 || ::access(kRealSmtp, R_OK) != 0) {
            GTEST_SKIP() << "needs " << kRealFolder << " and " << kRealSmtp;
        }
        fs::create_directories(root_ / "usr/lib/postfix/sbin");
        fs::copy(kRealSmtp, root_ / "usr/lib/postfix/sbin/smtp");
    }

    fs::path add(const std::string &folder, const std::string &plugin) {
        auto target = root_ / folder.substr(1) / plugin;
        fs::create_directories(target.parent_path());
        fs::copy(fs::canonical(fs::path(kRealFolder) / plugin), target);
        return target;
    }

    SaslPlugins gather() const { return gather_sasl_plugins(FileTree(root_), configuration_); }

    fs::path root_;
    Configuration configuration_;
};

TEST_F(SaslPluginsTest, FindsTheMechanismsOfDebiansFolder) {
    for (const auto *plugin : {"libplain.so", "liblogin.so", "libsasldb.so", "libscram.so"}) {
        add(kRealFolder, plugin);
    }
    fs::copy_symlink(fs::path(kRealFolder) / "libplain.so.2",
                     root_ / std::string(kRealFolder).substr(1) / "libplain.so.2");
    const auto plugins = gather();
    EXPECT_EQ(machine_name(plugins.machine.value()), "x86-64");
    ASSERT_EQ(plugins.folders.size(), 1);
    EXPECT_THAT(plugins.folders[0].plugins,
                ElementsAre("liblogin.so", "libplain.so", "libsasldb.so", "libscram.so"));
    EXPECT_THAT(plugins.mechanisms.value(),
                ElementsAre("LOGIN", "PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-224", "SCRAM-SHA-256",
                            "SCRAM-SHA-384", "SCRAM-SHA-512"));
    EXPECT_THAT(plugins.folders[0].unusable, IsEmpty());
    EXPECT_THAT(plugins.problems, IsEmpty());
}

TEST_F(SaslPluginsTest, FindsTheFoldersOfOtherDistributions) {
    for (const auto *folder : {"/usr/lib64/sasl2", "/usr/lib/sasl2", "/usr/local/lib/sasl2"}) {
        add(folder, "libplain.so");
        const auto plugins = gather();
        ASSERT_EQ(plugins.folders.size(), 1) << folder;
        EXPECT_EQ(plugins.folders[0].path, folder);
        EXPECT_THAT(plugins.mechanisms.value(), ElementsAre("PLAIN"));
        fs::remove_all(root_ / (folder + 1));
    }
}

TEST_F(SaslPluginsTest, OneFolderUnderTwoNamesIsOne) {
    add("/usr/lib/sasl2", "libplain.so");
    fs::create_symlink("lib", root_ / "usr/lib64");
    EXPECT_EQ(gather().folders.size(), 1);
}

TEST_F(SaslPluginsTest, OnlyTheFolderBesideTheLibraryIsSearched) {
    add("/usr/lib64/sasl2", "libplain.so");
    add("/usr/local/lib/sasl2", "liblogin.so");
    std::ofstream(root_ / "usr/lib64/libsasl2.so.3") << "library";
    EXPECT_THAT(gather().mechanisms.value(), ElementsAre("PLAIN"));
}

TEST_F(SaslPluginsTest, NoFolderMeansNoMechanism) {
    const auto plugins = gather();
    EXPECT_THAT(plugins.folders, IsEmpty());
    EXPECT_THAT(plugins.mechanisms.value(), IsEmpty());
    EXPECT_THAT(plugins.problems, IsEmpty());
}

TEST_F(SaslPluginsTest, WhatCannotBeLoadedDoesNotCount) {
    const auto good = add(kRealFolder, "liblogin.so");
    const auto foreign = add(kRealFolder, "libplain.so");
    std::fstream(foreign).seekp(18).put('\xb7');  // e_machine: aarch64
    const auto other_class = add(kRealFolder, "libanonymous.so");
    std::fstream(other_class).seekp(4).put('\x01');
    fs::resize_file(add(kRealFolder, "libcrammd5.so"), 14000);
    fs::resize_file(add(kRealFolder, "libntlm.so"), 100);
    std::ofstream(good.parent_path() / "libotp.so") << "";
    fs::create_symlink("libgone.so.2.0.25", good.parent_path() / "libgone.so");
    ASSERT_EQ(::mkfifo((good.parent_path() / "libpipe.so").c_str(), 0600), 0);
    fs::create_directory(good.parent_path() / "libdir.so");

    const auto plugins = gather();
    EXPECT_THAT(plugins.mechanisms.value(), ElementsAre("LOGIN"));
    std::map<std::string, UnusablePlugin> unusable;
    for (const auto &plugin : plugins.folders.at(0).unusable) {
        unusable[plugin.file] = plugin;
    }
    EXPECT_EQ(unusable.size(), 8);
    EXPECT_EQ(unusable["libplain.so"].why, "for aarch64, but Postfix is for x86-64");
    EXPECT_THAT(unusable["libanonymous.so"].why, HasSubstr("damaged"));
    EXPECT_THAT(unusable["libcrammd5.so"].why, HasSubstr("truncated"));
    EXPECT_TRUE(unusable["libcrammd5.so"].crashes);
    EXPECT_THAT(unusable["libntlm.so"].why, HasSubstr("truncated"));
    EXPECT_FALSE(unusable["libntlm.so"].crashes);  // the loader refuses it without harm
    EXPECT_EQ(unusable["libotp.so"].why, "empty");
    EXPECT_EQ(unusable["libgone.so"].why, "the link leads nowhere");
    EXPECT_THAT(unusable["libpipe.so"].why, HasSubstr("not a regular file"));
    EXPECT_THAT(unusable["libdir.so"].why, HasSubstr("not a regular file"));
}

TEST_F(SaslPluginsTest, TheRightArchitectureIsThatOfPostfix) {
    std::fstream(root_ / "usr/lib/postfix/sbin/smtp").seekp(18).put('\xb7');
    add("/usr/lib/aarch64-linux-gnu/sasl2", "libplain.so");
    std::fstream(root_ / "usr/lib/aarch64-linux-gnu/sasl2/libplain.so").seekp(18).put('\xb7');
    add(kRealFolder, "liblogin.so");
    EXPECT_THAT(gather().mechanisms.value(), ElementsAre("PLAIN"));
}

TEST_F(SaslPluginsTest, WithoutAnSmtpProgramAnyArchitectureCountsAndAProblemSaysSo) {
    fs::remove(root_ / "usr/lib/postfix/sbin/smtp");
    add(kRealFolder, "libplain.so");
    const auto plugins = gather();
    EXPECT_THAT(plugins.mechanisms.value(), ElementsAre("PLAIN"));
    ASSERT_EQ(plugins.problems.size(), 1);
    EXPECT_EQ(plugins.problems[0].what, "plugin_folders");
}

TEST_F(SaslPluginsTest, AnUnknownPluginIsReadForNames) {
    fs::rename(add(kRealFolder, "libplain.so"),
               root_ / std::string(kRealFolder).substr(1) / "libmystery.so");
    fs::copy(fs::canonical(fs::path(kRealFolder) / "libsasldb.so"),
             root_ / std::string(kRealFolder).substr(1) / "libenigma.so");
    const auto plugins = gather();
    EXPECT_THAT(plugins.mechanisms.value(), ElementsAre("PLAIN"));
    EXPECT_THAT(plugins.folders.at(0).unknown, ElementsAre("libenigma.so"));
}

TEST_F(SaslPluginsTest, ImportedSaslPathReplacesTheFolders) {
    add(kRealFolder, "libplain.so");
    add("/opt/sasl", "liblogin.so");
    configuration_.parameters["import_environment"] =
        "MAIL_CONFIG TZ LANG=C SASL_PATH=/opt/none:/opt/sasl";
    const auto plugins = gather();
    EXPECT_THAT(plugins.mechanisms.value(), ElementsAre("LOGIN"));
    ASSERT_EQ(plugins.folders.size(), 2);
    EXPECT_EQ(plugins.folders[0].path, "/opt/none");
    EXPECT_THAT(plugins.problems, IsEmpty());
}

TEST_F(SaslPluginsTest, SmtpSaslPathIsShownButPostfixDoesNotLookThere) {
    add(kRealFolder, "libplain.so");
    add("/opt/sasl", "liblogin.so");
    configuration_.parameters["smtp_sasl_path"] = "/opt/sasl";
    const auto plugins = gather();
    EXPECT_THAT(plugins.mechanisms.value(), ElementsAre("PLAIN"));
    ASSERT_EQ(plugins.folders.size(), 2);
    EXPECT_FALSE(plugins.folders[1].searched);
    EXPECT_THAT(plugins.folders[1].mechanisms, ElementsAre("LOGIN"));
}

TEST_F(SaslPluginsTest, AFolderThatCannotBeReadLeavesTheMechanismsUnknown) {
    std::ofstream(root_ / "file") << "";
    configuration_.parameters["import_environment"] = "SASL_PATH=/file";
    const auto plugins = gather();
    EXPECT_EQ(plugins.mechanisms, std::nullopt);
    ASSERT_EQ(plugins.problems.size(), 1);
}

TEST(SaslPath, IsTakenFromImportEnvironment) {
    EXPECT_EQ(imported_sasl_path("TZ LANG=C"), std::nullopt);
    EXPECT_EQ(imported_sasl_path("TZ SASL_PATH LANG=C"), "");
    EXPECT_EQ(imported_sasl_path("TZ, SASL_PATH=/a:/b"), "/a:/b");
    EXPECT_EQ(imported_sasl_path("TZ {SASL_PATH = /a b} X"), "/a b");
    EXPECT_EQ(imported_sasl_path("MY_SASL_PATH=/a {SASL_PATH"), std::nullopt);
}

}  // namespace
}  // namespace mail_relay
