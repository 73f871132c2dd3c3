#include "agent_plugin/queue_memory_format.h"

#include <gtest/gtest.h>

#include <string>

namespace mail_relay::queue_memory_format {
namespace {

class QueueMemoryFormatTest : public testing::Test {
  protected:
    QueueMemoryFormatTest() {
        senders_.learn(1, "a@example.org");
        senders_.count(1);
        senders_.learn(2, "never counted");
        domains_.learn(3, std::string("x\0y", 3));
        domains_.count(3);
        reason_ = reasons_.learn("connect to x[192.0.2.1]:25: Connection refused", "4.4.1");
        reasons_.count(reason_, 1000);
    }

    bool read(std::string_view bytes) {
        read_senders_ = TextCounts();
        read_domains_ = TextCounts();
        read_reasons_ = DeferralReasons(QueueHash(1));
        return read_texts(bytes, read_senders_, read_domains_, read_reasons_);
    }

    TextCounts senders_;
    TextCounts domains_;
    DeferralReasons reasons_{QueueHash(1)};
    std::uint32_t reason_ = 0;
    TextCounts read_senders_;
    TextCounts read_domains_;
    DeferralReasons read_reasons_{QueueHash(1)};
};

TEST_F(QueueMemoryFormatTest, GivesBackWhatWasCounted) {
    ASSERT_TRUE(read(write_texts(senders_, domains_, reasons_)));
    read_senders_.count(1);
    read_senders_.count(2);
    read_domains_.count(3);
    ASSERT_EQ(read_senders_.top(5).size(), 1U);
    EXPECT_EQ(read_senders_.top(5)[0].name, "a@example.org");
    ASSERT_EQ(read_domains_.top(5).size(), 1U);
    EXPECT_EQ(read_domains_.top(5)[0].name, std::string("x\0y", 3));
    ASSERT_TRUE(read_reasons_.knows(reason_));
    const DeferralReason &group = read_reasons_.groups().at(reason_);
    EXPECT_EQ(group.failure, FailureClass::kRefused);
    EXPECT_EQ(group.dsn_status, "4.4.1");
    EXPECT_EQ(group.sample, "connect to x[192.0.2.1]:25: Connection refused");
    EXPECT_EQ(group.messages, 0U);
}

TEST_F(QueueMemoryFormatTest, NothingIsNothing) {
    EXPECT_EQ(write_texts(TextCounts(), TextCounts(), DeferralReasons(QueueHash(1))), "");
    EXPECT_TRUE(read(""));
}

TEST_F(QueueMemoryFormatTest, WhatIsCutOffIsDamaged) {
    const std::string bytes = write_texts(senders_, domains_, reasons_);
    std::size_t whole = 0;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        whole += read(std::string_view(bytes).substr(0, size)) ? 1U : 0U;
    }
    EXPECT_EQ(whole, 3U);  // before each of the three texts
}

TEST_F(QueueMemoryFormatTest, UnknownKindsClassesAndTagsAreDamaged) {
    std::string bytes = write_texts(senders_, TextCounts(), DeferralReasons(QueueHash(1)));
    bytes[0] = 3;
    EXPECT_FALSE(read(bytes));
    bytes[0] = 0;
    bytes[1] = 0;  // tag 1 becomes 0, which stands for none
    EXPECT_FALSE(read(bytes));
    bytes = write_texts(TextCounts(), TextCounts(), reasons_);
    bytes[5] = static_cast<char>(kFailureClassCount);
    EXPECT_FALSE(read(bytes));
}

TEST_F(QueueMemoryFormatTest, EveryBitOfAHeaderIsInItsChecksum) {
    const Header header;
    Header changed = header;
    changed.record_count ^= 1U;
    EXPECT_NE(header_checksum(header), header_checksum(changed));
    changed = header;
    changed.baseline.parts.back().messages ^= 0x80000000U;
    EXPECT_NE(header_checksum(header), header_checksum(changed));
    changed = header;
    changed.header_checksum ^= 1U;
    EXPECT_EQ(header_checksum(header), header_checksum(changed));
}

}  // namespace
}  // namespace mail_relay::queue_memory_format
