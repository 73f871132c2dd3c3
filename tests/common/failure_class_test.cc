#include "common/failure_class.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "common/failure_rules.h"

namespace mail_relay {
namespace {

using testing::Ge;
using testing::IsEmpty;

struct Sample {
    std::string failure;
    std::string dsn_status;
    std::string text;
    std::string source;
};

/// tests/common/fixtures/failure_texts.tsv: class, DSN status, text, source.
std::vector<Sample> read_samples() {
    std::ifstream file(FIXTURE_DIRECTORY "/failure_texts.tsv");
    std::vector<Sample> samples;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line.front() == '#') {
            continue;
        }
        std::array<std::string, 4> columns;
        std::size_t start = 0;
        for (std::string &column : columns) {
            const std::size_t end = std::min(line.find('\t', start), line.size());
            column = line.substr(start, end - start);
            start = std::min(end + 1, line.size());
        }
        samples.push_back({columns[0], columns[1], columns[2], columns[3]});
    }
    return samples;
}

std::string class_of(std::string_view text, std::string_view dsn_status = "") {
    return std::string(failure_class_name(classify_failure(text, dsn_status)));
}

TEST(FailureClass, EachClassHasItsOwnName) {
    std::set<std::string_view> names;
    for (int failure = 0; failure < kFailureClassCount; ++failure) {
        names.insert(failure_class_name(static_cast<FailureClass>(failure)));
    }
    EXPECT_EQ(names.size(), static_cast<std::size_t>(kFailureClassCount));
    EXPECT_EQ(failure_class_name(FailureClass::kSaslNoMechanism), "sasl_no_mechanism");
    EXPECT_EQ(failure_class_name(FailureClass::kOther), "other");
}

TEST(FailureClass, IsRightForEveryCollectedText) {
    const std::vector<Sample> samples = read_samples();
    ASSERT_THAT(samples.size(), Ge(700U));
    for (const Sample &sample : samples) {
        EXPECT_EQ(class_of(sample.text, sample.dsn_status), sample.failure)
            << sample.text << " [" << sample.source << "]";
    }
}

TEST(FailureClass, EveryClassIsCollected) {
    std::map<std::string, int> collected;
    for (const Sample &sample : read_samples()) {
        ++collected[sample.failure];
    }
    for (int failure = 0; failure < kFailureClassCount; ++failure) {
        const std::string name(failure_class_name(static_cast<FailureClass>(failure)));
        EXPECT_THAT(collected[name], Ge(8)) << name;
    }
}

TEST(FailureClass, ThePrefixOfASuspendedDestinationChangesNothing) {
    for (const Sample &sample : read_samples()) {
        EXPECT_EQ(class_of("delivery temporarily suspended: " + sample.text, sample.dsn_status),
                  sample.failure)
            << sample.text;
    }
}

TEST(FailureClass, CaseAndBlanksDoNotMatter) {
    EXPECT_EQ(class_of("CONNECT TO MX.EXAMPLE.ORG[192.0.2.1]:25: CONNECTION REFUSED"), "refused");
    EXPECT_EQ(class_of("connect to mx.example.org[192.0.2.1]:25:\n    Connection  refused"),
              "refused");
}

TEST(FailureClass, NamesOfHostsAndMailAddressesAreNoEvidence) {
    EXPECT_EQ(class_of("connect to greylist.spam.example[192.0.2.1]:25: Connection refused"),
              "refused");
    EXPECT_EQ(class_of("host quota.example[192.0.2.1] said: 550 5.1.1 <virus@spam.example>: "
                       "Recipient address rejected: User unknown (in reply to RCPT TO command)"),
              "recipient_rejected");
}

TEST(FailureClass, TheReplyDecidesAndNotTheStatus) {
    EXPECT_EQ(class_of("host mx.example.org[192.0.2.1] said: 550 5.7.1 mailbox is full", "5.7.1"),
              "mailbox_full");
    EXPECT_EQ(class_of("550 5.4.6 Unusual sending activity detected", "5.4.6"), "rate_limited");
}

TEST(FailureClass, TheStatusDecidesWhereTheReplySaysNothing) {
    EXPECT_EQ(class_of("host mx.example.org[192.0.2.1] said: 550 5.1.1 sorry"),
              "recipient_rejected");
    EXPECT_EQ(class_of("no luck today", "5.2.2"), "mailbox_full");
    EXPECT_EQ(class_of("no luck today", "4.4.4"), "resolve");
}

TEST(FailureClass, TheCommandDecidesWhereNothingElseDoes) {
    const std::string reply = "host mx.example.org[192.0.2.1] said: 554 no thanks (in reply to ";
    EXPECT_EQ(class_of(reply + "MAIL FROM command)"), "sender_rejected");
    EXPECT_EQ(class_of(reply + "RCPT TO command)"), "recipient_rejected");
    EXPECT_EQ(class_of(reply + "end of DATA command)"), "content_rejected");
    EXPECT_EQ(class_of("host mx.example.org[192.0.2.1] refused to talk to me: 554 no thanks"),
              "reputation");
    EXPECT_EQ(class_of("host mx.example.org[192.0.2.1] said: 451 no thanks"), "server_error");
}

TEST(FailureClass, AtMailFromNothingIsSaidOfTheRecipient) {
    EXPECT_EQ(class_of("host mx.example.org[192.0.2.1] said: 550 5.1.0 User unknown (in reply to "
                       "MAIL FROM command)"),
              "sender_rejected");
}

TEST(FailureClass, AServerThatRefusesToTalkForGoodDistrustsUs) {
    const std::string refused = "host mx.example.org[192.0.2.1] refused to talk to me: ";
    EXPECT_EQ(class_of(refused + "554 Service unavailable"), "reputation");
    EXPECT_EQ(class_of(refused + "421 Service unavailable"), "server_error");
    EXPECT_EQ(class_of(refused + "554 too many connections"), "rate_limited");
}

TEST(FailureClass, UnknownTextIsOther) {
    EXPECT_EQ(class_of(""), "other");
    EXPECT_EQ(class_of(" \n\t"), "other");
    EXPECT_EQ(class_of("the dog ate it"), "other");
    EXPECT_EQ(class_of("550"), "other");
    EXPECT_EQ(class_of("the dog ate it", "not a status"), "other");
    EXPECT_EQ(class_of(std::string(1 << 20, '[')), "other");
}

TEST(FailureClass, ReadsOnlyTheFirstFourKilobytes) {
    const std::string padding(4096, '.');
    EXPECT_EQ(class_of(padding + " Connection to host lost: mailbox full"), "other");
}

TEST(FailureClass, AnyBytesWillDo) {
    std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): what fails once fails again
    const std::vector<Sample> samples = read_samples();
    for (const Sample &sample : samples) {
        std::string text = sample.text;
        for (int change = 0; change < 8; ++change) {
            text[random() % text.size()] = static_cast<char>(random() % 256);
        }
        classify_failure(text, text.substr(0, random() % 8));
        classify_failure(text.substr(random() % text.size()), "");
    }
}

std::vector<FailureRule> all_rules() {
    std::vector<FailureRule> rules;
    for (const auto table :
         {postfix_failure_rules(), exact_failure_rules(), server_failure_rules()}) {
        rules.insert(rules.end(), table.begin(), table.end());
    }
    return rules;
}

TEST(FailureRules, NoPhraseIsWrittenTwice) {
    std::vector<std::string_view> twice;
    std::set<std::pair<std::string_view, Said>> seen;
    for (const FailureRule &rule : all_rules()) {
        if (!seen.emplace(rule.phrase, rule.said).second) {
            twice.push_back(rule.phrase);
        }
    }
    EXPECT_THAT(twice, IsEmpty());
}

TEST(FailureRules, PhrasesAreWrittenAsTextsArePrepared) {
    for (const FailureRule &rule : all_rules()) {
        EXPECT_THAT(rule.phrase.size(), Ge(3U)) << rule.phrase;
        EXPECT_EQ(rule.phrase.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ'\"\t"), std::string::npos)
            << rule.phrase;
        EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(rule.phrase.front()))) << rule.phrase;
        EXPECT_EQ(rule.phrase.find("  "), std::string::npos) << rule.phrase;
        EXPECT_EQ(rule.phrase.find("**"), std::string::npos) << rule.phrase;
        EXPECT_FALSE(rule.phrase.ends_with(' ')) << rule.phrase;
    }
}

}  // namespace
}  // namespace mail_relay
