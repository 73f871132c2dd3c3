#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/mail_session.h"

namespace mail_relay {

/// One try at one address of a mail server. The place that knows libcurl's mail protocols: it
/// connects, encrypts and logs in, then carries bytes (CURLOPT_CONNECT_ONLY).
class MailConnection {
  public:
    /// `request` must outlive the connection.
    MailConnection(const SessionRequest &request, const std::string &address);
    ~MailConnection();
    MailConnection(const MailConnection &) = delete;
    MailConnection &operator=(const MailConnection &) = delete;

    /// Opens the session. The server has to be connected and to have greeted by `greet_by`.
    void open(Deadline deadline, Deadline greet_by);

    /// Why the session is not ready; empty if it is.
    const std::optional<Failure> &failure() const;

    bool greeted() const;

    /// Fills in what was seen, apart from addresses, resolution and total time.
    void describe(SessionObservation &observation) const;

    Result<void> send(std::string_view bytes, Deadline deadline);
    Result<std::string> receive(Deadline deadline);
    std::string presentable(std::string_view reply) const;

  private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace mail_relay
