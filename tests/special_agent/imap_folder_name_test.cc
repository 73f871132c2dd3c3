#include "special_agent/imap_folder_name.h"

#include <gtest/gtest.h>

#include <string>

namespace mail_relay::roundtrip {
namespace {

struct NameCase {
    const char *name;
    const char *utf8;
    const char *imap;
};

class FolderName : public testing::TestWithParam<NameCase> {};

TEST_P(FolderName, GoesBothWays) {
    EXPECT_EQ(*encode_folder_name(GetParam().utf8), GetParam().imap);
    EXPECT_EQ(decode_folder_name(GetParam().imap), GetParam().utf8);
}

INSTANTIATE_TEST_SUITE_P(Table, FolderName,
                         testing::Values(NameCase{"ascii", "INBOX", "INBOX"},
                                         NameCase{"ampersand", "This & That", "This &- That"},
                                         NameCase{"umlaut", "Entwürfe", "Entw&APw-rfe"},
                                         NameCase{"of_rfc_3501", "~peter/mail/台北/日本語",
                                                  "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
                                         NameCase{"beyond_16_bits", "Spam 🗑", "Spam &2D3d0Q-"},
                                         NameCase{"empty", "", ""}),
                         [](const auto &case_) { return case_.param.name; });

TEST(FolderNameEncoding, RefusesWhatCouldBeACommand) {
    EXPECT_FALSE(encode_folder_name("INBOX\r\nA1 DELETE INBOX"));
    EXPECT_FALSE(encode_folder_name(std::string_view("a\0b", 3)));
    EXPECT_FALSE(encode_folder_name("\x7f"));
}

TEST(FolderNameEncoding, RefusesInvalidUtf8) {
    for (const auto *name : {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80"}) {
        EXPECT_FALSE(encode_folder_name(name)) << name;
    }
}

TEST(FolderNameDecoding, ShowsWhatIsNoSuchFormAsItStands) {
    for (const auto *name : {"a&b", "&", "&!-", "&2D0-x", "&3dE-", "&AAAAA-"}) {
        EXPECT_EQ(decode_folder_name(name), name);
    }
}

}  // namespace
}  // namespace mail_relay::roundtrip
