#include "special_agent/app.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <condition_variable>
#include <sstream>

#include "tests/special_agent/loop_fixture.h"

namespace mail_relay::roundtrip {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

/// The whole program against scripted servers.
class App : public LoopTest {
  protected:
    App() {
        std::ofstream(directory_ / "password") << "hunter22secret\nsecond line\n";
        smtp_.ehlo = "250-mail.example.org\r\n250 AUTH PLAIN\r\n";
        environment_["OMD_ROOT"] = directory_.string();
    }

    json::object definition(const std::string &name) const {
        const json::object login{{"type", "password"}, {"user", "sentinel"}, {"secret", "1.login"}};
        return {{"name", name},
                {"kind", "internal"},
                {"from", "probe@example.org"},
                {"to", "sentinel@example.org"},
                {"submission", json::object{{"server", "127.0.0.1"},
                                            {"port", smtp_.port()},
                                            {"tls", "none"},
                                            {"auth", login}}},
                {"mailbox", json::object{{"server", "127.0.0.1"},
                                         {"port", imap_.port()},
                                         {"tls", "none"},
                                         {"auth", login}}}};
    }

    std::vector<std::string> arguments(const std::vector<json::object> &loops) const {
        std::vector<std::string> all{"--host", "mailhost", "--ca-file",
                                     (directory_ / "ca.pem").string()};
        for (const auto &loop : loops) {
            all.emplace_back("--loop");
            all.push_back(json::serialize(loop));
        }
        return all;
    }

    std::vector<std::string> with_password(std::vector<std::string> all) const {
        all.insert(all.end(), {"--secret-file", "1.login", (directory_ / "password").string()});
        return all;
    }

    Sections run_app(const std::vector<std::string> &all, int expected = 0) {
        std::ostringstream out;
        std::ostringstream err;
        const auto lookup = [this](const char *name) {
            const auto found = environment_.find(name);
            return found != environment_.end() ? found->second : std::string();
        };
        EXPECT_EQ(roundtrip::run(all, lookup, out, err), expected) << err.str();
        errors_ = err.str();
        return Sections(out.str());
    }

    std::map<std::string, std::string> environment_;
    std::string errors_;
};

TEST_F(App, RunsALoopAndKeepsItsStateUnderTheSite) {
    start();
    const auto seen = run_app(with_password(arguments({definition("lab")})));
    EXPECT_EQ(seen.at("", "/totals/completed"), 1) << seen.text();
    EXPECT_THAT(errors_, IsEmpty());
    const auto storage = directory_ / "var/check_mk/server_side_program_storage";
    EXPECT_TRUE(fs::exists(storage / "mailhost/agent_mail_roundtrip/lab.json"));
    run_app(with_password(arguments({definition("lab")})));
    EXPECT_EQ(smtp_.mails().size(), 1U);
}

TEST_F(App, HelpAndVersion) {
    EXPECT_THAT(run_app({"--help"}).text(), HasSubstr("--loop"));
    EXPECT_THAT(run_app({"--version"}).text(), StartsWith("agent_mail_roundtrip "));
}

TEST_F(App, RefusesWhatNoLoopIsToBlameFor) {
    run_app({"--nonsense"}, 2);
    EXPECT_THAT(errors_, HasSubstr("nonsense"));
    run_app({}, 2);
    EXPECT_THAT(errors_, HasSubstr("no loop was given"));
}

TEST_F(App, ABadDefinitionStaysWithItsLoop) {
    start();
    auto misspelt = definition("misspelt");
    misspelt["intervall_s"] = 60;
    const auto seen =
        run_app(with_password(arguments({misspelt, definition("good"), definition("good")})));
    EXPECT_THAT(seen.text(),
                AllOf(HasSubstr("intervall_s: is not a known key"),
                      HasSubstr("good names another loop already"), HasSubstr(R"("completed":1)")));
    EXPECT_EQ(smtp_.mails().size(), 1U);
}

TEST_F(App, TakesFiftyLoopsAndNoMore) {
    start();
    std::vector<json::object> loops;
    loops.reserve(51);
    for (int i = 0; i < 51; ++i) {
        loops.push_back(definition("loop" + std::to_string(i)));
    }
    const auto seen = run_app(with_password(arguments(loops)));
    EXPECT_THAT(seen.text(), HasSubstr("this is loop 51; one host can have 50"));
    EXPECT_EQ(smtp_.mails().size(), 50U);
}

TEST_F(App, RunsAllLoopsAtOnce) {
    // Nobody gets an answer before all have asked: in turn they would wait for ever.
    constexpr int kLoops = 20;
    std::mutex mutex;
    std::condition_variable all_are_here;
    int here = 0;
    smtp_.deliver = [&](const std::string &mail) {
        std::unique_lock lock(mutex);
        ++here;
        all_are_here.notify_all();
        EXPECT_TRUE(
            all_are_here.wait_for(lock, std::chrono::seconds(10), [&] { return here == kLoops; }));
        imap_.add("INBOX", received(mail));
    };
    start();
    std::vector<json::object> loops;
    loops.reserve(kLoops);
    for (int i = 0; i < kLoops; ++i) {
        loops.push_back(definition("loop" + std::to_string(i)));
    }
    const auto seen = run_app(with_password(arguments(loops)));
    EXPECT_EQ(here, kLoops);
    EXPECT_THAT(seen.text(), Not(HasSubstr(R"("completed":0)")));
}

TEST_F(App, AStrangersLoopIsToldApartByItsName) {
    // Two loops share a mailbox: each takes its own probes only.
    start();
    const auto seen =
        run_app(with_password(arguments({definition("first"), definition("second")})));
    EXPECT_EQ(smtp_.mails().size(), 2U);
    EXPECT_THAT(seen.text(), Not(HasSubstr(R"("duplicates":1)")));
}

TEST_F(App, TheSecretComesFromThePasswordStore) {
    // The vector of the format's description: my_stored -> p4ss:w0rd.
    const std::string blob =
        "0000000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f6f6efa5bbfb488451c64"
        "c5eef68a06c781215096cd40b24c2803119adaf2c70b4e6a9a85e0964273778fc06fde6e1145e4e0b4fd";
    std::string bytes;
    for (std::size_t i = 0; i < blob.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(blob.substr(i, 2), nullptr, 16));
    }
    const auto store = (directory_ / "stored_passwords").string();
    std::ofstream(store) << bytes;
    fs::create_directory(directory_ / "etc");
    std::ofstream(directory_ / "etc/password_store.secret") << "0123456789abcdef0123456789abcdef";
    start();
    auto all = arguments({definition("lab")});
    all.insert(all.end(), {"--secret", "1.login", "my_stored:" + store});
    auto seen = run_app(all);
    EXPECT_EQ(seen.at("mailbox", "/ok"), true) << seen.text();
    EXPECT_THAT(imap_.heard(), testing::Contains("LOGIN sentinel p4ss:w0rd"));

    all.back() = "other:" + store;
    EXPECT_THAT(run_app(all).word("", "/definition_error"),
                AllOf(HasSubstr("secret 1.login"), HasSubstr("other")));
    std::ofstream(store) << bytes.substr(0, bytes.size() - 1);
    all.back() = "my_stored:" + store;
    EXPECT_THAT(run_app(all).word("", "/definition_error"), HasSubstr("secret 1.login"));
    fs::remove(store);
    EXPECT_THAT(run_app(all).word("", "/definition_error"),
                HasSubstr("cannot read the password store"));
    environment_["PASSWORD_STORE_SECRET_FILE"] = "/nonexistent";
    std::ofstream(store) << bytes;
    EXPECT_THAT(run_app(all).word("", "/definition_error"),
                HasSubstr("cannot read the key of the password store"));
}

TEST_F(App, WithoutASecretTheLoopSaysSo) {
    start();
    EXPECT_THAT(run_app(arguments({definition("lab")})).word("", "/definition_error"),
                HasSubstr("secret 1.login: none was given"));
}

TEST_F(App, ExplainsTheRunToAPerson) {
    start();
    auto all = with_password(arguments({definition("lab")}));
    all.emplace_back("--explain");
    EXPECT_THAT(run_app(all).text(),
                AllOf(HasSubstr("Loop lab: ok"), HasSubstr("Submission to 127.0.0.1 port"),
                      HasSubstr("250 2.0.0 Ok: queued as 4XyZ"), HasSubstr("seen arriving"),
                      Not(HasSubstr("hunter22secret"))));
    smtp_.twists["RCPT"] = {"550 5.1.1 \x1b[31mUser unknown\r\n"};
    fs::remove_all(directory_ / "var");
    EXPECT_THAT(run_app(all).text(),
                AllOf(HasSubstr("Loop lab: failing"), HasSubstr("FAILED"),
                      HasSubstr("in step rcpt"), HasSubstr("550 5.1.1 ?[31mUser unknown")));
}

TEST_F(App, OutsideASiteEveryLoopSaysWhereStateIsMissing) {
    environment_.clear();
    start();
    const auto seen = run_app(with_password(arguments({definition("a"), definition("b")})));
    EXPECT_THAT(seen.word("", "/state_problem"), HasSubstr("use --state DIR"));
    EXPECT_THAT(smtp_.mails(), IsEmpty());
}

TEST_F(App, KeepsNoSecretInAFile) {
    start();
    run_app(with_password(arguments({definition("lab")})));
    int files = 0;
    for (const auto &entry : fs::recursive_directory_iterator(directory_ / "var")) {
        if (!entry.is_regular_file()) {
            continue;
        }
        ++files;
        std::ifstream file(entry.path());
        const std::string content((std::istreambuf_iterator<char>(file)), {});
        EXPECT_THAT(content, Not(HasSubstr("hunter22secret"))) << entry.path();
        EXPECT_EQ(entry.status().permissions() & fs::perms(077), fs::perms::none) << entry.path();
    }
    EXPECT_GE(files, 2);
}

}  // namespace
}  // namespace mail_relay::roundtrip
