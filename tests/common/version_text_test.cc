#include "common/version_text.h"

#include <gtest/gtest.h>

namespace mail_relay {
namespace {

TEST(VersionText, NamesWhatIsLinkedIn) {
    EXPECT_EQ(version_text("mk_mail_relay", "glibc 2.36-9, openssl 3.0.22-1"),
              "mk_mail_relay " MAIL_RELAY_VERSION "\nlinked in: glibc 2.36-9, openssl 3.0.22-1\n");
}

TEST(VersionText, SaysNothingOfLibrariesOfTheHost) {
    EXPECT_EQ(version_text("mk_mail_relay", ""), "mk_mail_relay " MAIL_RELAY_VERSION "\n");
}

}  // namespace
}  // namespace mail_relay
