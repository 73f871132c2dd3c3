#include "agent_plugin/queue_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace mail_relay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string fixture(const std::string &name) {
    std::ifstream file(FIXTURE_DIRECTORY "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string record(char type, const std::string &text) {
    std::string bytes(1, type);
    std::size_t length = text.size();
    do {
        const auto group = static_cast<char>(length & 0x7FU);
        length >>= 7U;
        bytes += static_cast<char>(group | (length > 0 ? 0x80 : 0));
    } while (length > 0);
    return bytes + text;
}

std::string size_record(const std::string &bytes, int content_at, int recipients) {
    return record('C', fmt::format("{:>15} {:>15} {:>15} {:>15} {:>15} {:>15}", bytes, content_at,
                                   recipients, 0, bytes, 0));
}

std::vector<std::string> domains_of(const QueueFileHead &head) {
    return {head.domains.begin(), head.domains.begin() + head.domain_count};
}

TEST(QueueFile, TellsWhatPostfixWrote) {
    const std::string bytes = fixture("queue_file_one_recipient").substr(0, 2048);
    const auto head = parse_queue_file_head(bytes);
    EXPECT_EQ(head.arrival, 1795256143);
    EXPECT_EQ(head.content_bytes, 3095U);
    EXPECT_EQ(head.recipients, 1U);
    EXPECT_EQ(head.sender, "s0000@client.example.org");
    EXPECT_THAT(domains_of(head), ElementsAre("d0000.example.org"));
    EXPECT_EQ(head.recipients_at, 0U);
}

TEST(QueueFile, FindsRecipientsThatFollowTheContent) {
    const std::string bytes = fixture("queue_file_extracted_recipients");
    auto head = parse_queue_file_head(bytes.substr(0, 200));
    EXPECT_EQ(head.sender, "");
    EXPECT_THAT(domains_of(head), IsEmpty());
    ASSERT_EQ(head.recipients_at, 471U);
    parse_more_recipients(std::string_view(bytes).substr(head.recipients_at), head);
    EXPECT_THAT(domains_of(head), ElementsAre("example.org", "sub.example.org"));
    EXPECT_EQ(head.recipients_at, 0U);
}

TEST(QueueFile, FollowsAPointerOfAMilter) {
    const auto head = parse_queue_file_head(record('T', "1795256143 1") + record('S', "a@b.test") +
                                            record('p', "           4711"));
    EXPECT_EQ(head.recipients_at, 4711U);
}

TEST(QueueFile, AnEmptyPointerLeadsNowhere) {
    const std::string bytes =
        record('p', "              0") + record('R', "x@example.org") + record('M', "");
    const auto head = parse_queue_file_head(bytes);
    EXPECT_THAT(domains_of(head), ElementsAre("example.org"));
    EXPECT_EQ(head.recipients_at, 0U);
}

TEST(QueueFile, DeliveredRecipientsAreNotCounted) {
    const std::string bytes = record('D', "x@done.test") + record('R', "x@pending.test") +
                              record('R', "y@pending.test") + record('R', "local");
    EXPECT_THAT(domains_of(parse_queue_file_head(bytes)), ElementsAre("pending.test", ""));
}

TEST(QueueFile, KeepsTheFirstDomainsOnly) {
    std::string bytes;
    for (int i = 0; i < 10; ++i) {
        bytes += record('R', fmt::format("x@d{}.test", i));
    }
    EXPECT_THAT(domains_of(parse_queue_file_head(bytes)),
                ElementsAre("d0.test", "d1.test", "d2.test"));
}

TEST(QueueFile, TheFirstSizeCounts) {
    EXPECT_EQ(parse_queue_file_head(size_record("284", 280, 1) + size_record("999", 280, 1))
                  .content_bytes,
              284U);
}

TEST(QueueFile, EveryPrefixIsUnderstoodAsFarAsItGoes) {
    const std::string bytes = fixture("queue_file_one_recipient").substr(0, 400);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        const std::string part = bytes.substr(0, length);
        const auto head = parse_queue_file_head(part);
        EXPECT_EQ(head.content_bytes.has_value(), length >= 97) << length;
        EXPECT_EQ(head.arrival.has_value(), length >= 97 + 19) << length;
    }
}

struct DamagedCase {
    const char *what;
    std::string bytes;
};

class DamagedQueueFile : public testing::TestWithParam<DamagedCase> {};

TEST_P(DamagedQueueFile, SaysNothing) {
    const auto head = parse_queue_file_head(GetParam().bytes);
    EXPECT_EQ(head.arrival, std::nullopt);
    EXPECT_EQ(head.content_bytes, std::nullopt);
    EXPECT_EQ(head.recipients_at, 0U);
    EXPECT_THAT(domains_of(head), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    QueueFile, DamagedQueueFile,
    testing::Values(DamagedCase{"Empty", ""}, DamagedCase{"OneByte", "C"},
                    DamagedCase{"Zeros", std::string(2048, '\0')},
                    DamagedCase{"EndlessLength", "T" + std::string(100, '\xFF')},
                    DamagedCase{"LengthBeyondTheEnd",
                                "T\x7F"
                                "123"},
                    DamagedCase{"TimeIsNoNumber", record('T', "yesterday")},
                    DamagedCase{"NegativeTime", record('T', "-1 0")},
                    DamagedCase{"TimeOverflows", record('T', "99999999999999999999 0")},
                    DamagedCase{"SizeIsNegative", size_record("-1", 280, 1)},
                    DamagedCase{"SizeOverflows", size_record("9223372036854775807", 280, 1)},
                    DamagedCase{"SizeIsShort", record('C', "  284 ")},
                    DamagedCase{"ContentOnly", record('M', "") + record('R', "x@y.test")}),
    [](const auto &test) { return test.param.what; });

}  // namespace
}  // namespace mail_relay
