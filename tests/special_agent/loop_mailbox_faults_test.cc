// What can go wrong in a mailbox behind the log-in, each seen from the sections of a whole run.

#include <gmock/gmock.h>

#include "tests/special_agent/loop_fixture.h"

namespace mail_relay::roundtrip {
namespace {

using test::StoredFolder;
using test::Twist;
using testing::HasSubstr;
using End = test::Twist::End;

struct ImapFault {
    const char *name;
    const char *command;
    Twist twist;
    const char *phase;
    const char *kind;
    const char *words;

    // NOLINTNEXTLINE(readability-identifier-naming): the name is GoogleTest's.
    friend void PrintTo(const ImapFault &fault, std::ostream *out) { *out << fault.name; }
};

class MailboxFault : public LoopTest, public testing::WithParamInterface<ImapFault> {};

TEST_P(MailboxFault, IsToldWithItsPhaseAndTheServersWords) {
    const auto &fault = GetParam();
    imap_.twists[fault.command] = fault.twist;
    imap_.add("INBOX", "Subject: somebody else's\r\n\r\nhello\r\n");
    start();
    const auto seen = run(Milliseconds(4'000));
    EXPECT_EQ(seen.at("mailbox", "/ok"), false) << seen.text();
    EXPECT_EQ(seen.word("mailbox", "/failure/phase"), fault.phase);
    EXPECT_EQ(seen.word("mailbox", "/failure/class"), fault.kind);
    EXPECT_THAT(seen.word("mailbox", "/failure/error"), HasSubstr(fault.words));
    EXPECT_EQ(seen.word("", "/mailbox_failure/phase"), fault.phase);
    // The probe was sent all the same, and nothing is lost for not being seen.
    EXPECT_EQ(seen.at("submission", "/ok"), true);
    EXPECT_EQ(seen.at("", "/totals/sent"), 1);
    EXPECT_EQ(seen.at("", "/outstanding/probes"), 1);
    clock_shift_ms_ += 2 * loop_.lost_after.count();
    EXPECT_EQ(run(Milliseconds(4'000)).at("", "/totals/lost"), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Refusals, MailboxFault,
    testing::Values(ImapFault{"Bye",
                              "NOOP",
                              {"* BYE [UNAVAILABLE] Going down\r\n", End::kClose},
                              "look",
                              "server_error",
                              "closed the connection"},
                    ImapFault{"ByeAtOnce",
                              "greeting",
                              {"* BYE Too many connections\r\n", End::kClose},
                              "greeting",
                              "rate_limited",
                              "Too many connections"},
                    ImapFault{"FolderIsMissing",
                              "EXAMINE",
                              {"{tag} NO [NONEXISTENT] No such mailbox\r\n"},
                              "select",
                              "other",
                              "INBOX: EXAMINE: NO [NONEXISTENT] No such mailbox"},
                    ImapFault{"Bad",
                              "UID SEARCH",
                              {"{tag} BAD Unknown command\r\n"},
                              "look",
                              "other",
                              "UID SEARCH: BAD Unknown command"},
                    ImapFault{"Throttled",
                              "NOOP",
                              {"{tag} NO [THROTTLED] Request is throttled\r\n"},
                              "look",
                              "rate_limited",
                              "NO [THROTTLED] Request is throttled"},
                    ImapFault{"OverQuota",
                              "EXAMINE",
                              {"{tag} NO [OVERQUOTA] Quota exceeded\r\n"},
                              "select",
                              "mailbox_full",
                              "NO [OVERQUOTA] Quota exceeded"},
                    ImapFault{"InUse",
                              "EXAMINE",
                              {"{tag} NO [INUSE] Mailbox in use\r\n"},
                              "select",
                              "server_error",
                              "Mailbox in use"}),
    [](const auto &fault) { return fault.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Ends, MailboxFault,
    testing::Values(ImapFault{"BeforeTheAnswer",
                              "EXAMINE",
                              {"", End::kClose},
                              "select",
                              "lost_connection",
                              "closed the connection"},
                    ImapFault{"InTheAnswer",
                              "EXAMINE",
                              {"* 3 EXI", End::kClose},
                              "select",
                              "lost_connection",
                              "closed the connection"},
                    ImapFault{
                        "AfterTheAnswer",
                        "EXAMINE",
                        {"* 0 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n{tag} OK x\r\n", End::kClose},
                        "look",
                        "lost_connection",
                        "closed the connection"},
                    ImapFault{"Silence",
                              "NOOP",
                              {"", End::kSilence},
                              "look",
                              "lost_connection",
                              "did not answer in time"},
                    ImapFault{"SilenceInALiteral",
                              "UID SEARCH",
                              {"* SEARCH {10}\r\n123", End::kSilence},
                              "look",
                              "lost_connection",
                              "did not answer in time"}),
    [](const auto &fault) { return fault.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Nonsense, MailboxFault,
    testing::Values(ImapFault{"AbsurdLiteral",
                              "UID SEARCH",
                              {"* SEARCH {99999999999}\r\n"},
                              "look",
                              "lost_connection",
                              "IMAP literal of 99999999999 bytes: more than 65536"},
                    ImapFault{"LineWithoutEnd",
                              "NOOP",
                              {"* " + std::string(1'100'000, 'x')},
                              "look",
                              "lost_connection",
                              "more than 1000000 bytes"},
                    ImapFault{"NulBytes",
                              "NOOP",
                              {std::string("* 3\0EXISTS\r\n", 12)},
                              "look",
                              "lost_connection",
                              "NUL byte"},
                    ImapFault{"AnotherTag",
                              "NOOP",
                              {"x99 OK done\r\n"},
                              "look",
                              "lost_connection",
                              "answered what was not asked"},
                    ImapFault{"NestedWithoutEnd",
                              "NOOP",
                              {"* " + std::string(500, '(') + "\r\n"},
                              "look",
                              "lost_connection",
                              "nested"},
                    ImapFault{"TalksWithoutEnd",
                              "NOOP",
                              {[] {
                                  std::string lines;
                                  for (int i = 0; i < 60'000; ++i) {
                                      lines += "* 1 RECENT\r\n";
                                  }
                                  return lines;
                              }()},
                              "look",
                              "lost_connection",
                              "talks without end"}),
    [](const auto &fault) { return fault.param.name; });

class LoopMailbox : public LoopTest {};

TEST_F(LoopMailbox, AHundredMegabyteHeaderEndsTheVisitAndNothingElse) {
    start();
    run();
    // The server ignores how much was asked for.
    imap_.twists["UID FETCH"] = {
        "* 2 FETCH (UID 2 INTERNALDATE \"21-Nov-2026 09:02:05 +0000\" "
        "BODY[HEADER] {104857600}\r\n" +
        std::string(200'000, 'x')};
    imap_.add("INBOX", "X-Mail-Relay-Probe: " + std::string(100'000, 'x') + "\r\n\r\n\r\n");
    const auto seen = run(Milliseconds(4'000));
    EXPECT_EQ(seen.word("mailbox", "/failure/phase"), "fetch") << seen.text();
    EXPECT_THAT(seen.word("mailbox", "/failure/error"),
                HasSubstr("IMAP literal of 104857600 bytes"));
    EXPECT_EQ(seen.at("", "/totals/completed"), 1);
}

TEST_F(LoopMailbox, AHugeHeaderIsReadInPart) {
    start();
    imap_.add("INBOX", "X-Mail-Relay-Probe: " + std::string(3'000'000, 'x') + "\r\n\r\n\r\n");
    const auto seen = run();
    EXPECT_EQ(seen.at("mailbox", "/ok"), true) << seen.text();
    EXPECT_EQ(seen.at("", "/totals/completed"), 1);
}

TEST_F(LoopMailbox, AFolderThatIsMissingConcernsNoOther) {
    loop_.mailbox.junk_folder = "Spam";
    loop_.mailbox.further_folders = {"Archive"};
    imap_.add("Archive", "Subject: x\r\n\r\n\r\n");
    start();
    const auto seen = run();
    EXPECT_EQ(seen.at("mailbox", "/ok"), true) << seen.text();
    EXPECT_EQ(seen.word("mailbox", "/folders/1/name"), "Spam");
    EXPECT_THAT(seen.word("mailbox", "/folders/1/error"), HasSubstr("Spam: STATUS: NO cannot"));
    EXPECT_EQ(seen.at("mailbox", "/folders/2/messages"), 1);
    EXPECT_EQ(seen.at("", "/totals/completed"), 1);
}

TEST_F(LoopMailbox, CapabilitiesThatAreNotToldAreAProblem) {
    imap_.twists["CAPABILITY"] = {"{tag} NO not for you\r\n"};
    imap_.twists["greeting"] = {"* OK hi\r\n"};
    imap_.capabilities = "IMAP4rev1";
    start();
    const auto seen = run();
    EXPECT_EQ(seen.at("mailbox", "/ok"), true) << seen.text();
    EXPECT_THAT(seen.word("mailbox", "/problems"), HasSubstr("not for you"));
    EXPECT_EQ(seen.at("", "/totals/completed"), 1);
}

TEST_F(LoopMailbox, QuotaIsToldAndARefusedQuotaIsAProblem) {
    start();
    auto seen = run();
    EXPECT_EQ(seen.at("mailbox", "/quota/storage/used_bytes"), 10'240) << seen.text();
    EXPECT_EQ(seen.at("mailbox", "/quota/messages/limit"), 100);
    imap_.twists["GETQUOTAROOT"] = {"{tag} NO no quota here\r\n"};
    seen = run();
    EXPECT_EQ(seen.at("mailbox", "/ok"), true) << seen.text();
    EXPECT_EQ(seen.at("mailbox", "/quota"), boost::json::value());
    EXPECT_THAT(seen.word("mailbox", "/problems/0/error"), HasSubstr("no quota here"));
}

TEST_F(LoopMailbox, WhatIsNewIsFetchedAndNothingElse) {
    for (int i = 0; i < 500; ++i) {
        imap_.add("INBOX", "Subject: somebody else's\r\n\r\nhello\r\n");
    }
    start();
    run();
    const auto before = imap_.count("UID FETCH") + imap_.count("UID SEARCH");
    run();
    EXPECT_EQ(imap_.count("UID FETCH") + imap_.count("UID SEARCH"), before);
    imap_.add("INBOX", "Subject: one more\r\n\r\nhello\r\n");
    run();
    EXPECT_THAT(imap_.heard(),
                testing::Contains("UID FETCH 502:* (UID INTERNALDATE "
                                  "BODY.PEEK[HEADER.FIELDS (X-Mail-Relay-Probe)]<0.1000>)"));
}

TEST_F(LoopMailbox, GmailShowsWhatIsNewOnlyAfterNoop) {
    start();
    loop_.wait = Milliseconds(0);
    smtp_.deliver = nullptr;
    run();
    imap_.shows_new_only_after_noop = true;
    imap_.add("INBOX", received(smtp_.mails().at(0)));
    EXPECT_EQ(run().at("", "/totals/completed"), 1);
}

TEST_F(LoopMailbox, AServerThatTellsNoUidnextIsAskedForTheLastMail) {
    imap_.tells_uid_next = false;
    imap_.add("INBOX", "Subject: somebody else's\r\n\r\nhello\r\n");
    start();
    EXPECT_EQ(run().at("", "/totals/completed"), 1);
    let_the_interval_pass();
    const auto seen = run();
    EXPECT_EQ(seen.at("", "/totals/completed"), 2) << seen.text();
    EXPECT_EQ(seen.at("", "/totals/duplicates"), 0);
}

TEST_F(LoopMailbox, ARenumberedFolderIsSearchedForOwnProbes) {
    start();
    smtp_.deliver = nullptr;
    loop_.wait = Milliseconds(0);
    run();
    imap_.with_folder("INBOX", [](StoredFolder &inbox) {
        inbox.uid_validity = 77;
        inbox.uid_next = 1;
    });
    imap_.add("INBOX", received(smtp_.mails().at(0)));
    auto seen = run();
    EXPECT_EQ(seen.at("", "/totals/completed"), 1) << seen.text();
    // Renumbered once more: the same mail is no second one.
    imap_.with_folder("INBOX", [](StoredFolder &inbox) { inbox.uid_validity = 78; });
    seen = run();
    EXPECT_EQ(seen.at("", "/totals/completed"), 1);
    EXPECT_EQ(seen.at("", "/totals/duplicates"), 0);
}

TEST_F(LoopMailbox, JunkIsFoundByItsSpecialUseAndTold) {
    imap_.junk = "Unerw&APw-nscht";
    imap_.add("Unerw&APw-nscht", "Subject: spam\r\n\r\n\r\n");
    smtp_.deliver = [this](const std::string &mail) {
        imap_.add("Unerw&APw-nscht", received(mail));
    };
    start();
    const auto seen = run();
    EXPECT_EQ(seen.at("", "/totals/completed"), 1) << seen.text();
    EXPECT_EQ(seen.word("deliverability", "/folder/name"), "Unerwünscht");
    EXPECT_EQ(seen.word("deliverability", "/folder/role"), "junk");
}

TEST_F(LoopMailbox, AProbeWithoutItsHeaderIsKnownByItsBody) {
    smtp_.deliver = [this](const std::string &mail) {
        imap_.add("INBOX", "Subject: stripped" + mail.substr(mail.find("\r\n\r\n")));
    };
    start();
    EXPECT_EQ(run().at("", "/totals/completed"), 1);
}

TEST_F(LoopMailbox, AProbeWithAnotherSubjectIsKnownByItsHeader) {
    smtp_.deliver = [this](const std::string &mail) {
        auto changed = mail;
        changed.replace(changed.find("Subject: "), 9, "Subject: [EXTERNAL] ");
        imap_.add("INBOX", received(changed));
    };
    start();
    EXPECT_EQ(run().at("", "/totals/completed"), 1);
}

class LookAlikes : public LoopTest {
  protected:
    LookAlikes() {
        loop_.mailbox.delete_probes = true;
        for (int i = 0; i < 1'500; ++i) {
            imap_.add("INBOX", fmt::format("X-Mail-Relay-Probe: mrp1-{}-1795251725000-{}\r\n"
                                           "Subject: Checkmk mail roundtrip lab #{}\r\n\r\n"
                                           "Probe: mrp1-1-1-0123456789abcdef0123456789abcdef\r\n",
                                           i, std::string(32, 'a'), i));
        }
    }

    std::size_t strangers() {
        return imap_.with_folder("INBOX", [](const StoredFolder &inbox) {
            return static_cast<std::size_t>(
                std::count_if(inbox.mails.begin(), inbox.mails.end(), [](const auto &mail) {
                    return !mail.deleted && mail.header.find("aaaa") != std::string::npos;
                }));
        });
    }
};

TEST_F(LookAlikes, AreNeverTouched) {
    start();
    const auto seen = run();
    EXPECT_EQ(seen.at("", "/totals/completed"), 1) << seen.text();
    EXPECT_EQ(seen.at("mailbox", "/deletion/deleted"), 1);
    EXPECT_EQ(strangers(), 1'500U);
    EXPECT_EQ(imap_.mails("INBOX"), 1'500U);
}

TEST_F(LookAlikes, AreNeverTouchedWhenTheyAreNew) {
    start();
    run();
    for (int i = 0; i < 1'500; ++i) {
        imap_.add("INBOX", "X-Mail-Relay-Probe: mrp1-2-1795251725000-" + std::string(32, 'a') +
                               "\r\n\r\n\r\n");
    }
    let_the_interval_pass();
    const auto seen = run();
    EXPECT_EQ(seen.at("", "/totals/completed"), 2) << seen.text();
    EXPECT_EQ(strangers(), 3'000U);
}

class Deletion : public LoopTest {
  protected:
    Deletion() {
        loop_.mailbox.delete_probes = true;
        imap_.add("INBOX", "Subject: somebody else's\r\n\r\nhello\r\n");
        // Another client has marked it, and not yet expunged.
        imap_.with_folder("INBOX", [](StoredFolder &inbox) { inbox.mails[0].deleted = true; });
    }
};

TEST_F(Deletion, TakesOwnProbesByUidAndNothingElse) {
    start();
    const auto seen = run();
    EXPECT_EQ(seen.at("mailbox", "/deletion/deleted"), 1) << seen.text();
    EXPECT_EQ(seen.at("mailbox", "/deletion/left"), 0);
    EXPECT_EQ(imap_.mails("INBOX"), 1U);
    EXPECT_EQ(imap_.count("EXPUNGE"), 0);
    EXPECT_EQ(imap_.count("UID EXPUNGE 2"), 1);
}

TEST_F(Deletion, IsNotDoneUnlessAskedFor) {
    loop_.mailbox.delete_probes = false;
    start();
    const auto seen = run();
    EXPECT_EQ(seen.at("mailbox", "/deletion"), boost::json::value());
    EXPECT_EQ(imap_.mails("INBOX"), 2U);
    EXPECT_EQ(imap_.count("SELECT") + imap_.count("UID STORE"), 0);
}

TEST_F(Deletion, IsNotDoneWithoutUidplus) {
    imap_.capabilities = "IMAP4rev1";
    start();
    const auto seen = run();
    EXPECT_EQ(seen.at("mailbox", "/deletion/left"), 1) << seen.text();
    EXPECT_THAT(seen.word("mailbox", "/deletion/why_left"), HasSubstr("lacks UIDPLUS"));
    EXPECT_EQ(imap_.mails("INBOX"), 2U);
    EXPECT_EQ(imap_.count("UID STORE"), 0);
}

TEST_F(Deletion, IsNotDoneInAReadOnlyFolder) {
    imap_.with_folder("INBOX", [](StoredFolder &inbox) { inbox.read_only = true; });
    start();
    const auto seen = run();
    EXPECT_EQ(seen.at("mailbox", "/ok"), true) << seen.text();
    EXPECT_EQ(seen.at("mailbox", "/folders/0/read_only"), true);
    EXPECT_THAT(seen.word("mailbox", "/deletion/why_left"), HasSubstr("read-only"));
    EXPECT_EQ(imap_.mails("INBOX"), 2U);
}

TEST_F(Deletion, ThatIsRefusedIsTold) {
    imap_.twists["UID STORE"] = {"{tag} NO [OVERQUOTA] no room for a flag\r\n"};
    start();
    const auto seen = run();
    EXPECT_THAT(seen.word("mailbox", "/deletion/why_left"), HasSubstr("no room for a flag"))
        << seen.text();
    EXPECT_EQ(seen.at("", "/totals/completed"), 1);
}

}  // namespace
}  // namespace mail_relay::roundtrip
