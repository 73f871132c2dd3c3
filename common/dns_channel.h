#pragma once

#include <memory>

#include "common/deadline.h"
#include "common/dns_lookup.h"

namespace mail_relay {

/// Questions under way to DNS servers, all at once. The place that knows c-ares' event loop.
class DnsChannel {
  public:
    DnsChannel(const DnsSettings &settings, Deadline deadline);
    ~DnsChannel();
    DnsChannel(const DnsChannel &) = delete;
    DnsChannel &operator=(const DnsChannel &) = delete;

    /// Sends the question of `answer`, which must stay where it is until answer_all() has ended.
    void ask(DnsAnswer &answer);

    /// Waits until every answer is complete or the deadline has come: what is missing then is a
    /// time-out.
    void answer_all(Deadline deadline);

  private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace mail_relay
