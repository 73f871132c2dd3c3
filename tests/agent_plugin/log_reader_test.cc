#include "agent_plugin/log_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <utime.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace mail_relay {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class LogReaderTest : public testing::Test {
  protected:
    LogReaderTest() {
        std::array<char, 32> name{"/tmp/log_reader_XXXXXX"};
        folder_ = ::mkdtemp(name.data());
        log_ = folder_ / "mail.log";
    }
    ~LogReaderTest() override { fs::remove_all(folder_); }

    /// Writes lines and dates the file: modification times of one test run differ too little.
    void write(const fs::path &path, const std::string &text,
               std::ios::openmode mode = std::ios::app) {
        std::ofstream(path, std::ios::binary | mode) << text;
        age(path);
    }
    void age(const fs::path &path) {
        const ::utimbuf times{clock_, clock_};
        ::utime(path.c_str(), &times);
        ++clock_;
    }

    static void pack(const std::string &program, const fs::path &path) {
        const std::string command = program + " " + path.string();
        ASSERT_EQ(std::system(command.c_str()), 0);  // NOLINT(cert-env33-c,concurrency-mt-unsafe)
    }

    /// The lines of one run.
    std::vector<std::string> read(std::uint64_t first_bytes = 1U << 20U,
                                  Deadline deadline = Deadline::in(std::chrono::minutes(1))) {
        std::vector<std::string> lines;
        reading_ = read_log(FileTree(), log_.string(), progress_,
                            {.first_bytes = first_bytes, .deadline = deadline}, 1000,
                            [&](std::string_view block) {
                                while (!block.empty()) {
                                    const auto end = block.find('\n');
                                    lines.emplace_back(block.substr(0, end));
                                    block.remove_prefix(end + 1);
                                }
                            });
        return lines;
    }

    fs::path folder_;
    fs::path log_;
    LogProgress progress_;
    LogReading reading_;
    std::time_t clock_ = 1000000;
};

TEST_F(LogReaderTest, EveryLineComesOnce) {
    write(log_, "one\ntwo\n");
    EXPECT_THAT(read(), ElementsAre("one", "two"));
    EXPECT_THAT(read(), IsEmpty());
    write(log_, "three\n");
    EXPECT_THAT(read(), ElementsAre("three"));
    EXPECT_TRUE(reading_.complete);
    EXPECT_THAT(reading_.problems, IsEmpty());
}

TEST_F(LogReaderTest, AnUnfinishedLineComesWhenItIsFinished) {
    write(log_, "one\ntw");
    EXPECT_THAT(read(), ElementsAre("one"));
    EXPECT_THAT(read(), IsEmpty());
    write(log_, "o\n");
    EXPECT_THAT(read(), ElementsAre("two"));
}

TEST_F(LogReaderTest, AFirstRunBeginsAtABoundedDistanceFromTheEnd) {
    write(log_, "first line\nsecond\nthird\n");
    EXPECT_THAT(read(10), ElementsAre("third"));
    EXPECT_EQ(reading_.skipped_bytes, 14U);
}

TEST_F(LogReaderTest, ARenamedFileIsReadToItsEndFirst) {
    write(log_, "one\n");
    read();
    write(log_, "two\n");
    fs::rename(log_, folder_ / "mail.log.1");
    write(log_, "three\n");
    EXPECT_THAT(read(), ElementsAre("two", "three"));
    EXPECT_EQ(reading_.gaps, 0U);
    EXPECT_THAT(read(), IsEmpty());
}

TEST_F(LogReaderTest, ADateInFrontOfTheExtensionIsRotationAnotherWordIsNot) {
    write(log_, "one\n");
    read();
    write(log_, "two\n");
    write(folder_ / "mail-errors.log", "foreign\n");
    fs::rename(log_, folder_ / "mail-20261121.log");
    pack("gzip", folder_ / "mail-20261121.log");
    age(folder_ / "mail-20261121.log.gz");
    write(log_, "three\n");
    EXPECT_THAT(read(), ElementsAre("two", "three"));
    EXPECT_EQ(reading_.gaps, 0U);
}

TEST_F(LogReaderTest, LinesWrittenToARenamedFileAfterItsEndWasReadStillCome) {
    write(log_, "one\n");
    read();
    fs::rename(log_, folder_ / "mail.log-20261121");
    write(log_, "");
    EXPECT_THAT(read(), IsEmpty());
    write(folder_ / "mail.log-20261121", "two\n");
    write(log_, "three\n");
    EXPECT_THAT(read(), ElementsAre("two", "three"));
    EXPECT_THAT(read(), IsEmpty());
}

TEST_F(LogReaderTest, ARenamedFileWithoutASuccessorIsReadOnce) {
    write(log_, "one\n");
    read();
    write(log_, "two\n");
    fs::rename(log_, folder_ / "mail.log.1");
    EXPECT_THAT(read(), ElementsAre("two"));
    EXPECT_THAT(read(), IsEmpty());
    write(log_, "three\n");
    EXPECT_THAT(read(), ElementsAre("three"));
    EXPECT_EQ(reading_.gaps, 0U);
}

TEST_F(LogReaderTest, ALateLineOfAFileWithoutSuccessorComesOnce) {
    write(log_, "one\n");
    read();
    fs::rename(log_, folder_ / "mail.log.1");
    EXPECT_THAT(read(), IsEmpty());
    write(folder_ / "mail.log.1", "two\n");
    write(log_, "three\n");
    EXPECT_THAT(read(), ElementsAre("two", "three"));
    write(folder_ / "mail.log.1", "late\n");
    EXPECT_THAT(read(), ElementsAre("late"));
    EXPECT_THAT(read(), IsEmpty());
}

TEST_F(LogReaderTest, ALateLineIsReadFromTheCompressedFile) {
    write(log_, "one\n");
    read();
    fs::rename(log_, folder_ / "mail.log.1");
    write(log_, "two\n");
    EXPECT_THAT(read(), ElementsAre("two"));
    write(folder_ / "mail.log.1", "late\n");
    pack("gzip", folder_ / "mail.log.1");
    EXPECT_THAT(read(), ElementsAre("late"));
    EXPECT_THAT(read(), IsEmpty());
    EXPECT_FALSE(progress_.previous);
}

TEST_F(LogReaderTest, AWatchedFileIsFoundWhenItIsRenamedOnceMore) {
    write(log_, "one\n");
    read();
    fs::rename(log_, folder_ / "mail.log.1");
    write(log_, "two\n");
    read();
    fs::rename(folder_ / "mail.log.1", folder_ / "mail.log.2");
    write(folder_ / "mail.log.2", "late\n");
    EXPECT_THAT(read(), ElementsAre("late"));
    EXPECT_THAT(read(), IsEmpty());
}

TEST_F(LogReaderTest, AFileThatIsJustBeingCompressedIsReadOnce) {
    write(log_, "one\n");
    read();
    write(log_, "two\n");
    fs::rename(log_, folder_ / "mail.log.1");
    const fs::path packed = folder_ / "mail.log.1.gz";
    pack("gzip -k", folder_ / "mail.log.1");
    ASSERT_TRUE(fs::exists(packed));
    write(log_, "three\n");
    EXPECT_THAT(read(), ElementsAre("two", "three"));
    EXPECT_THAT(read(), IsEmpty());
}

TEST_F(LogReaderTest, AnEmptyLogThatWasFilledAndCompressedIsNotMistakenForAnOlderOne) {
    write(folder_ / "mail.log.2", "ancient\n");
    pack("gzip", folder_ / "mail.log.2");
    write(log_, "");
    read();
    write(log_, "one\n");
    fs::rename(log_, folder_ / "mail.log.1");
    write(log_, "two\n");
    pack("gzip", folder_ / "mail.log.1");
    EXPECT_THAT(read(), ElementsAre("one", "two"));
}

TEST_F(LogReaderTest, NewFilesAreReadThoughTheOldOneIsGone) {
    write(log_, "one\n");
    read();
    fs::remove(log_);
    write(folder_ / "mail.log.1", "two\n");
    write(log_, "three\n");
    EXPECT_THAT(read(), ElementsAre("two", "three"));
    EXPECT_EQ(reading_.gaps, 1U);
    EXPECT_THAT(read(), IsEmpty());
}

TEST_F(LogReaderTest, ALogThatIsGoneForGoodIsAProblem) {
    write(log_, "one\n");
    read();
    fs::remove(log_);
    EXPECT_THAT(read(), IsEmpty());
    EXPECT_THAT(reading_.problems, SizeIs(1));
}

TEST_F(LogReaderTest, AChainOfFilesGoesOnWhereTimeWasUp) {
    write(log_, "one\n");
    read();
    write(log_, "two\n");
    fs::rename(log_, folder_ / "mail.log.3");
    write(folder_ / "mail.log.2", "three\n");
    pack("gzip", folder_ / "mail.log.2");
    write(folder_ / "mail.log.1", "four\n");
    write(log_, "five\n");
    EXPECT_THAT(read(1U << 20U, Deadline::in(std::chrono::milliseconds(0))), IsEmpty());
    EXPECT_THAT(read(), ElementsAre("two", "three", "four", "five"));
    EXPECT_EQ(reading_.gaps, 0U);
    EXPECT_THAT(read(), IsEmpty());
}

TEST_F(LogReaderTest, SeveralRotationsBetweenTwoRunsLoseNothing) {
    write(log_, "one\n");
    read();
    write(log_, "two\n");
    fs::rename(log_, folder_ / "mail.log.2");
    write(folder_ / "mail.log.1", "three\n");
    write(log_, "four\n");
    EXPECT_THAT(read(), ElementsAre("two", "three", "four"));
    EXPECT_THAT(read(), IsEmpty());
}

TEST_F(LogReaderTest, OlderRotatedFilesAreNotReadAgain) {
    write(folder_ / "mail.log.2", "ancient\n");
    write(folder_ / "mail.log.1", "old\n");
    write(log_, "one\n");
    EXPECT_THAT(read(), ElementsAre("one"));
    fs::rename(folder_ / "mail.log.2", folder_ / "mail.log.3");
    fs::rename(folder_ / "mail.log.1", folder_ / "mail.log.2");
    fs::rename(log_, folder_ / "mail.log.1");
    write(log_, "two\n");
    EXPECT_THAT(read(), ElementsAre("two"));
}

TEST_F(LogReaderTest, ACopiedAndTruncatedLogLosesNothing) {
    write(log_, "one\n");
    read();
    write(log_, "two\n");
    fs::copy(log_, folder_ / "mail.log.1");
    age(folder_ / "mail.log.1");
    write(log_, "", std::ios::trunc);
    write(log_, "three\n");
    EXPECT_THAT(read(), ElementsAre("two", "three"));
    EXPECT_THAT(read(), IsEmpty());
    EXPECT_EQ(reading_.gaps, 0U);
}

TEST_F(LogReaderTest, ATruncatedLogThatHasGrownPastTheOldPlaceIsNoticed) {
    write(log_, "one\n");
    read();
    write(log_, "a longer line than before\nanother\n", std::ios::trunc);
    EXPECT_THAT(read(), ElementsAre("a longer line than before", "another"));
    EXPECT_EQ(reading_.gaps, 1U);
    EXPECT_THAT(reading_.problems, SizeIs(1));
    EXPECT_THAT(read(), IsEmpty());
    EXPECT_EQ(reading_.gaps, 0U);
}

struct Packer {
    const char *program;
    const char *suffix;
};

class CompressedLog : public LogReaderTest, public testing::WithParamInterface<Packer> {};

TEST_P(CompressedLog, LosesNothing) {
    if (!fs::exists(std::string("/usr/bin/") + GetParam().program)) {
        GTEST_SKIP() << "needs " << GetParam().program;
    }
    write(log_, "one\n");
    read();
    write(log_, "two\n");
    const fs::path rotated = folder_ / "mail.log.1";
    fs::rename(log_, rotated);
    pack(GetParam().program, rotated);
    age(rotated.string() + GetParam().suffix);
    write(log_, "three\n");
    EXPECT_THAT(read(), ElementsAre("two", "three"));
    EXPECT_EQ(reading_.gaps, 0U);
    EXPECT_THAT(read(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Programs, CompressedLog,
                         testing::Values(Packer{"gzip", ".gz"}, Packer{"xz", ".xz"},
                                         Packer{"bzip2", ".bz2"}),
                         [](const auto &test) { return std::string(test.param.program); });

TEST_F(LogReaderTest, ACompressedFileOfOtherContentIsNotOurs) {
    write(folder_ / "mail.log.1.gz", "no gzip file at all");
    write(log_, "one\n");
    read();
    clock_ += 100;
    age(folder_ / "mail.log.1.gz");
    fs::remove(log_);
    write(log_, "two two two\n");
    EXPECT_THAT(read(), ElementsAre("two two two"));
    EXPECT_EQ(reading_.gaps, 1U);
}

TEST_F(LogReaderTest, AnOverlongLineIsLeftOutAndTheNextOneComes) {
    write(log_, "one\n" + std::string(600000, 'x'));
    EXPECT_THAT(read(), ElementsAre("one"));
    EXPECT_THAT(read(), IsEmpty());
    write(log_, "rest of it\ntwo\n");
    EXPECT_THAT(read(), ElementsAre("two"));
}

TEST_F(LogReaderTest, LinesAcrossBlocksStayWhole) {
    std::string text;
    for (int i = 0; i < 40000; ++i) {
        text += "a line with the number " + std::to_string(i) + "\n";
    }
    write(log_, text);
    const auto lines = read(1U << 30U);
    ASSERT_THAT(lines, SizeIs(40000));
    EXPECT_EQ(lines[39999], "a line with the number 39999");
}

TEST_F(LogReaderTest, WithoutTimeNothingIsReadAndNothingLost) {
    write(log_, "one\ntwo\n");
    EXPECT_THAT(read(1U << 20U, Deadline::in(std::chrono::milliseconds(0))), IsEmpty());
    EXPECT_FALSE(reading_.complete);
    EXPECT_THAT(read(), ElementsAre("one", "two"));
}

TEST_F(LogReaderTest, WhatIsNoLogIsAProblem) {
    EXPECT_THAT(read(), IsEmpty());
    EXPECT_THAT(reading_.problems, SizeIs(1));
    fs::create_directory(log_);
    read();
    EXPECT_THAT(reading_.problems, SizeIs(1));
    fs::remove(log_);
    ASSERT_EQ(::mkfifo(log_.c_str(), 0600), 0);
    read();
    EXPECT_THAT(reading_.problems, SizeIs(1));
}

TEST_F(LogReaderTest, AnyRememberedPlaceIsSurvived) {
    write(log_, "one\ntwo\n");
    for (const std::uint64_t offset :
         {std::uint64_t{0}, std::uint64_t{3}, std::uint64_t{1000}, ~std::uint64_t{0}}) {
        progress_ = {};
        progress_.file = LogPosition{.device = 1, .inode = 2, .offset = offset, .tail_bytes = 512};
        progress_.previous = progress_.file;
        progress_.previous_path = log_.string();
        read();
        EXPECT_EQ(progress_.file->offset, 8U);
    }
}

}  // namespace
}  // namespace mail_relay
