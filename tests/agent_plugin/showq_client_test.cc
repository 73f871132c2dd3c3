#include "agent_plugin/showq_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

#include "common/unique_fd.h"
#include "tests/agent_plugin/queue_tree.h"

namespace mail_relay {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kNow = 1795256400;
constexpr const char *kRefused = "connect to h[192.0.2.1]:25: Connection refused";

/// A showq that sends what it is given to its one client.
class FakeShowq {
  public:
    FakeShowq(const std::filesystem::path &spool, std::string stream, bool hang = false)
        : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        std::filesystem::create_directories(spool / "public");
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const auto path = (spool / "public/showq").string();
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr *>(&address), sizeof address),
                  0);
        EXPECT_EQ(::listen(listener_.get(), 1), 0);
        server_ = std::jthread([this, stream = std::move(stream), hang] {
            const UniqueFd client(::accept(listener_.get(), nullptr, nullptr));
            EXPECT_EQ(::send(client.get(), stream.data(), stream.size(), MSG_NOSIGNAL),
                      static_cast<ssize_t>(stream.size()));
            if (hang) {
                char byte = 0;
                EXPECT_EQ(::read(client.get(), &byte, 1), 0);  // until the client gives up
            }
        });
    }

  private:
    UniqueFd listener_;
    std::jthread server_;
};

std::string message(const std::string &queue, const std::string &id, const std::string &reason) {
    std::string stream;
    for (const std::string &word :
         {std::string("queue_name"), queue, std::string("queue_id"), id, std::string("time"),
          std::to_string(kNow - 100), std::string("size"), std::string("284"),
          std::string("sender"), std::string("a@example.org"), std::string("recipient"),
          std::string("x@Example.org"), std::string("reason"), reason, std::string()}) {
        stream += word + '\0';
    }
    return stream;
}

const std::string kEnd(1, '\0');

class ShowqClientTest : public testing::Test {
  protected:
    QueueFacts ask(std::chrono::milliseconds limit = std::chrono::seconds(5)) const {
        QueueSettings settings;
        settings.queue_directory = tree_.spool();
        return gather_queue_from_showq(settings, Deadline::in(limit), kNow);
    }

    QueueTree tree_;
};

TEST_F(ShowqClientTest, CountsWhatShowqLists) {
    const FakeShowq showq(tree_.spool(), message("active", "ABCDE1", "") +
                                             message("deferred", "ABCDE2", kRefused) + kEnd);
    const auto facts = ask();
    EXPECT_EQ(facts.source, QueueSource::kShowq);
    EXPECT_EQ(facts[Queue::kActive]->messages, 1U);
    EXPECT_EQ(facts[Queue::kDeferred]->messages, 1U);
    EXPECT_EQ(facts[Queue::kDeferred]->bytes, 284U);
    EXPECT_EQ(facts[Queue::kDeferred]->oldest_arrival, kNow - 100);
    EXPECT_EQ(facts[Queue::kHold]->messages, 0U);
    EXPECT_FALSE(facts[Queue::kCorrupt]);
    ASSERT_EQ(facts.reasons.size(), 1U);
    EXPECT_EQ(facts.reasons[0].failure, FailureClass::kRefused);
    ASSERT_EQ(facts.domains.size(), 1U);
    EXPECT_EQ(facts.domains[0].name, "example.org");
    EXPECT_EQ(facts.problems.size(), 2U);
}

TEST_F(ShowqClientTest, AMessageThatMovesWhileItListsCountsOnce) {
    const FakeShowq showq(tree_.spool(), message("active", "ABCDE1", "") +
                                             message("deferred", "ABCDE1", kRefused) + kEnd);
    EXPECT_EQ(ask().messages.total, 1U);
}

TEST_F(ShowqClientTest, AListThatBreaksOffIsUnknownAndNotShort) {
    const FakeShowq showq(tree_.spool(), message("active", "ABCDE1", ""));
    const auto facts = ask();
    EXPECT_FALSE(facts[Queue::kActive]);
    EXPECT_EQ(facts.messages.total, 0U);
    ASSERT_EQ(facts.problems.size(), kQueueCount);
    EXPECT_THAT(facts.problems[0].error, HasSubstr("ended before the list did"));
}

TEST_F(ShowqClientTest, AHangingShowqIsUnknown) {
    const FakeShowq showq(tree_.spool(), message("active", "ABCDE1", ""), true);
    const auto facts = ask(std::chrono::milliseconds(50));
    EXPECT_FALSE(facts[Queue::kActive]);
    EXPECT_THAT(facts.problems.at(0).error, HasSubstr("did not finish in time"));
}

TEST_F(ShowqClientTest, AStoppedPostfixIsUnknown) {
    std::filesystem::create_directories(tree_.spool() / "public");
    const auto facts = ask();
    EXPECT_FALSE(facts[Queue::kDeferred]);
    EXPECT_THAT(facts.problems.at(0).error, HasSubstr("public/showq: No such file or directory"));
}

}  // namespace
}  // namespace mail_relay
