#include "common/file_identity.h"

#include <gtest/gtest.h>

namespace mail_relay {
namespace {

struct stat status_of_a_file() {
    struct stat status {};
    status.st_dev = 1;
    status.st_ino = 2;
    status.st_size = 3;
    status.st_mtim = {4, 5};
    status.st_ctim = {6, 7};
    return status;
}

TEST(FileIdentity, IsWhatChangesWithTheFile) {
    const FileIdentity identity = identity_of(status_of_a_file());
    EXPECT_EQ(identity.device, 1U);
    EXPECT_EQ(identity.inode, 2U);
    EXPECT_EQ(identity.size, 3);
    EXPECT_EQ(identity.modified_ns, 4'000'000'005);
    EXPECT_EQ(identity.changed_ns, 6'000'000'007);
}

TEST(FileIdentity, ANanosecondMakesAnotherFile) {
    struct stat status = status_of_a_file();
    ++status.st_ctim.tv_nsec;
    EXPECT_NE(identity_of(status), identity_of(status_of_a_file()));
    EXPECT_EQ(identity_of(status_of_a_file()), identity_of(status_of_a_file()));
}

TEST(FileIdentity, WhoReadTheFileDoesNotMatter) {
    struct stat status = status_of_a_file();
    status.st_atim = {100, 100};
    status.st_nlink = 7;
    EXPECT_EQ(identity_of(status), identity_of(status_of_a_file()));
}

TEST(FileIdentity, TimesBeforeTheEpochAreTimes) {
    struct stat status = status_of_a_file();
    status.st_mtim = {-1, 999'999'999};
    EXPECT_EQ(identity_of(status).modified_ns, -1);
}

}  // namespace
}  // namespace mail_relay
