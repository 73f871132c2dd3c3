#include "agent_plugin/journal_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "agent_plugin/journal_entry.h"

namespace mail_relay {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char *kEntry =
    R"({"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"1795255325000001","_UID":"0","SYSLOG_IDENTIFIER":"postfix/smtp","MESSAGE":"AAAAAA1: removed"})";

TEST(JournalEntry, BecomesALogLine) {
    const auto entry = parse_journal_entry(kEntry);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->cursor, "s=1;i=2");
    EXPECT_EQ(entry->uid, 0U);
    EXPECT_EQ(log_line_of(*entry), "2026-11-21T10:02:05Z journal postfix/smtp: AAAAAA1: removed\n");
}

TEST(JournalEntry, ItsMessageCannotMakeALineOfItsOwn) {
    const auto entry = parse_journal_entry(
        R"({"__CURSOR":"c","__REALTIME_TIMESTAMP":"1","SYSLOG_IDENTIFIER":"postfix/smtp","MESSAGE":[97,10,255]})");
    ASSERT_TRUE(entry);
    EXPECT_EQ(log_line_of(*entry), "1970-01-01T00:00:00Z journal postfix/smtp: a \xff\n");
}

TEST(JournalEntry, AnIdentifierThatCouldNotStandInALineHasNone) {
    JournalEntry entry;
    entry.message = "x";
    for (const char *identifier : {"", "a b", "postfix/smtp[1]: x", "a:b", "a\nb"}) {
        entry.identifier = identifier;
        EXPECT_EQ(log_line_of(entry), "") << identifier;
    }
}

TEST(JournalEntry, DamagedOnesAreNone) {
    for (const std::string text :
         {"", "{", "[]", "null", R"({"MESSAGE":"x"})",
          R"({"__CURSOR":"c","__REALTIME_TIMESTAMP":"x"})",
          R"({"__CURSOR":"c","__REALTIME_TIMESTAMP":"-1"})",
          R"({"__CURSOR":"c","__REALTIME_TIMESTAMP":"9999999999999999999"})",
          R"({"__CURSOR":1,"__REALTIME_TIMESTAMP":"1"})"}) {
        EXPECT_FALSE(parse_journal_entry(text)) << text;
    }
    EXPECT_FALSE(parse_journal_entry(std::string(100000, '[')));
}

/// A journalctl that is a script.
class JournalReaderTest : public testing::Test {
  protected:
    JournalReaderTest() {
        std::array<char, 32> name{"/tmp/journal_XXXXXX"};
        folder_ = ::mkdtemp(name.data());
        access_.program = (folder_ / "journalctl").string();
        access_.trusted_uids = {0, 89};
    }
    ~JournalReaderTest() override { fs::remove_all(folder_); }

    void script(const std::string &text) const {
        std::ofstream(access_.program) << "#!/bin/sh\n" << text;
        ::chmod(access_.program.c_str(), 0700);
    }

    std::vector<std::string> read(std::chrono::milliseconds time = std::chrono::seconds(10)) {
        std::vector<std::string> lines;
        reading_ = read_journal(access_, progress_, {.deadline = Deadline::in(time)},
                                [&](std::string_view line) { lines.emplace_back(line); });
        return lines;
    }

    static std::string entry(const std::string &cursor, const std::string &uid,
                             const std::string &message) {
        return R"({"__CURSOR":")" + cursor +
               R"(","__REALTIME_TIMESTAMP":"1795255325000000","_UID":")" + uid +
               R"(","SYSLOG_IDENTIFIER":"postfix/smtp","MESSAGE":")" + message + "\"}";
    }

    fs::path folder_;
    JournalAccess access_;
    LogProgress progress_;
    LogReading reading_;
};

TEST_F(JournalReaderTest, GoesOnAfterTheCursor) {
    script("echo \"$@\" >>" + (folder_ / "asked").string() + "\ncat <<'END'\n" +
           entry("c1", "0", "one") + "\nEND\n");
    EXPECT_THAT(read(), ElementsAre(HasSubstr("one")));
    read();
    std::ifstream asked(folder_ / "asked");
    std::string first;
    std::string second;
    std::getline(asked, first);
    std::getline(asked, second);
    EXPECT_THAT(first, HasSubstr("--lines=20000 SYSLOG_FACILITY=2"));
    EXPECT_THAT(second, HasSubstr("--after-cursor=c1 SYSLOG_FACILITY=2"));
}

TEST_F(JournalReaderTest, EntriesThatAnybodyCouldWriteDoNotCount) {
    script("cat <<'END'\n" + entry("c1", "1000", "forged") + "\n" + entry("c2", "89", "real") +
           "\nEND\n");
    EXPECT_THAT(read(), ElementsAre(HasSubstr("real")));
    EXPECT_EQ(progress_.cursor, "c2");
}

TEST_F(JournalReaderTest, OneThatDoesNotAnswerIsAProblem) {
    script("exec sleep 60\n");
    EXPECT_THAT(read(std::chrono::milliseconds(100)), IsEmpty());
    EXPECT_FALSE(reading_.complete);
    ASSERT_THAT(reading_.problems, SizeIs(1));
    EXPECT_THAT(reading_.problems[0].error, HasSubstr("no answer"));
}

TEST_F(JournalReaderTest, OneThatFailsTellsWhy) {
    script("echo 'No journal files were opened' >&2\nexit 1\n");
    read();
    ASSERT_THAT(reading_.problems, SizeIs(1));
    EXPECT_THAT(reading_.problems[0].error, HasSubstr("No journal files"));
}

TEST_F(JournalReaderTest, OneThatStreamsWithoutEndIsCutOffAndGoneOnWith) {
    script("while :; do echo '" + entry("c7", "0", "again") + "'; done\n");
    EXPECT_FALSE(read(std::chrono::milliseconds(300)).empty());
    EXPECT_FALSE(reading_.complete);
    EXPECT_EQ(progress_.cursor, "c7");
}

TEST_F(JournalReaderTest, ALostCursorIsReplacedByItsTime) {
    progress_.cursor = "gone";
    progress_.cursor_time_us = 1795255324000000;
    script(
        "case \"$*\" in *--after-cursor*) echo 'Failed to seek' >&2; exit 1;; esac\n"
        "cat <<'END'\n" +
        entry("c3", "0", "later") + "\nEND\n");
    EXPECT_THAT(read(), ElementsAre(HasSubstr("later")));
    EXPECT_THAT(reading_.problems, IsEmpty());
}

TEST_F(JournalReaderTest, EndlessEntriesAndGarbageAreSkipped) {
    script("head -c 1000000 /dev/zero | tr '\\0' x\necho\necho '{\"a\":'\necho '" +
           entry("c9", "0", "good") + "'\n");
    EXPECT_THAT(read(), ElementsAre(HasSubstr("good")));
}

TEST(SyslogFacility, HasANumber) {
    EXPECT_EQ(syslog_facility("mail"), 2);
    EXPECT_EQ(syslog_facility("local7"), 23);
    EXPECT_EQ(syslog_facility("local8"), std::nullopt);
    EXPECT_EQ(syslog_facility(""), std::nullopt);
}

}  // namespace
}  // namespace mail_relay
