#include "common/hosts_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mail_relay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char *kText =
    "127.0.0.1\tlocalhost\n"
    "::1 localhost ip6-localhost # loopback\n"
    "# 192.0.2.9 commented.example.org\n"
    "192.0.2.1  mail.example.org mail\r\n"
    "2001:DB8:0::1 mail.example.org\n"
    "not-an-address strange.example.org\n"
    "192.0.2.7\n"
    "192.0.2.8 last.example.org";

TEST(HostsFile, KnowsAddressesOfBothFamilies) {
    EXPECT_THAT(HostsFile(kText).addresses_of("localhost"), ElementsAre("127.0.0.1", "::1"));
    EXPECT_THAT(HostsFile(kText).addresses_of("mail.example.org"),
                ElementsAre("192.0.2.1", "2001:db8::1"));
}

TEST(HostsFile, NamesHaveNoCase) {
    EXPECT_THAT(HostsFile(kText).addresses_of("MAIL"), ElementsAre("192.0.2.1"));
}

TEST(HostsFile, TheLastLineNeedsNoLineEnd) {
    EXPECT_THAT(HostsFile(kText).addresses_of("last.example.org"), ElementsAre("192.0.2.8"));
}

TEST(HostsFile, CommentsAndWhatIsNoAddressDoNotCount) {
    EXPECT_THAT(HostsFile(kText).addresses_of("commented.example.org"), IsEmpty());
    EXPECT_THAT(HostsFile(kText).addresses_of("strange.example.org"), IsEmpty());
    EXPECT_THAT(HostsFile(kText).addresses_of("loopback"), IsEmpty());
    EXPECT_THAT(HostsFile("").addresses_of("localhost"), IsEmpty());
}

TEST(HostsFile, KnowsNamesWhateverTheFormOfTheAddress) {
    EXPECT_THAT(HostsFile(kText).names_of("2001:db8::0001"), ElementsAre("mail.example.org"));
    EXPECT_THAT(HostsFile(kText).names_of("192.0.2.1"), ElementsAre("mail.example.org", "mail"));
    EXPECT_THAT(HostsFile(kText).names_of("192.0.2.7"), IsEmpty());
    EXPECT_THAT(HostsFile(kText).names_of("not-an-address"), IsEmpty());
}

TEST(HostsFile, GivesNoMoreThan64) {
    std::string text;
    for (int i = 0; i < 100; ++i) {
        text += "192.0.2." + std::to_string(i) + " same\n";
    }
    EXPECT_THAT(HostsFile(text).addresses_of("same"), SizeIs(64));
}

TEST(CanonicalAddress, IsEmptyForWhatIsNone) {
    EXPECT_EQ(canonical_address("0:0:0::1"), "::1");
    EXPECT_EQ(canonical_address("192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(canonical_address("192.0.2"), "");
    EXPECT_EQ(canonical_address(std::string_view("192.0.2.1\0x", 11)), "");
    EXPECT_EQ(canonical_address("localhost"), "");
}

}  // namespace
}  // namespace mail_relay
