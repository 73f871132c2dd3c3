#include "common/mail_session.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/deadline.h"
#include "common/mail_connection.h"

namespace mail_relay {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kMostAddresses = 16;

// Until its greeting a server is as good as not there: another address may do. What comes later is
// the server's answer.
bool next_may_do_better(const MailConnection &connection) {
    return connection.failure() && !connection.greeted() &&
           connection.failure()->kind != FailureClass::kTlsVerify &&
           connection.failure()->kind != FailureClass::kLocalDataError;
}

}  // namespace

class MailSession::Implementation {
  public:
    Implementation(SessionRequest request, Deadline deadline)
        : request_(std::move(request)), begin_(Clock::now()) {
        if (resolve(deadline)) {
            connect(deadline);
        }
        observation_.phases.total_s = seconds_since(begin_);
    }

    const SessionObservation &observation() const { return observation_; }
    MailConnection *connection() { return connection_.get(); }
    const MailConnection *connection() const { return connection_.get(); }

  private:
    bool resolve(Deadline deadline) {
        if (!request_.only_address.empty()) {
            observation_.addresses.push_back(
                {request_.only_address, request_.port, std::nullopt, ""});
            return true;
        }
        auto found = resolve_host(request_.server, request_.family, request_.dns, deadline);
        observation_.phases.resolve_s = seconds_since(begin_);
        if (found.addresses.empty()) {
            observation_.failure = {"resolve", FailureClass::kResolve, found.error, std::nullopt};
            return false;
        }
        found.addresses.resize(std::min(found.addresses.size(), kMostAddresses));
        for (auto &address : found.addresses) {
            observation_.addresses.push_back({std::move(address), request_.port, std::nullopt, ""});
        }
        return true;
    }

    void connect(Deadline deadline) {
        auto &addresses = observation_.addresses;
        for (std::size_t i = 0; i < addresses.size(); ++i) {
            // Each address gets its share of the time there is to greet in.
            const auto left = static_cast<milliseconds::rep>(addresses.size() - i);
            connection_ = std::make_unique<MailConnection>(request_, addresses[i].address);
            connection_->open(deadline, deadline.within(deadline.left() / left));
            connection_->describe(observation_);
            addresses[i].connected = observation_.phases.connect_s.has_value();
            if (observation_.failure) {
                addresses[i].error = observation_.failure->error;
            }
            if (!next_may_do_better(*connection_)) {
                return;
            }
        }
    }

    SessionRequest request_;
    Clock::time_point begin_;
    SessionObservation observation_;
    std::unique_ptr<MailConnection> connection_;
};

MailSession::MailSession(const SessionRequest &request, Deadline deadline)
    : implementation_(std::make_unique<Implementation>(request, deadline)) {}

MailSession::~MailSession() = default;
MailSession::MailSession(MailSession &&) noexcept = default;
MailSession &MailSession::operator=(MailSession &&) noexcept = default;

const SessionObservation &MailSession::observation() const {
    return implementation_->observation();
}

Result<void> MailSession::send(std::string_view bytes, Deadline deadline) {
    auto *connection = implementation_->connection();
    return connection != nullptr ? connection->send(bytes, deadline) : failed("not connected");
}

Result<std::string> MailSession::receive(Deadline deadline) {
    auto *connection = implementation_->connection();
    return connection != nullptr ? connection->receive(deadline)
                                 : Result<std::string>(failed("not connected"));
}

std::string MailSession::presentable(std::string_view reply) const {
    const auto *connection = implementation_->connection();
    return connection != nullptr ? connection->presentable(reply) : "";
}

}  // namespace mail_relay
