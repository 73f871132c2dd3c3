#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent_plugin/delivery_record.h"
#include "agent_plugin/log_scope.h"

namespace mail_relay {

/// Tells which messages of a log are a Checkmk site's, from their submission to their end.
class SiteMailTally {
  public:
    SiteMailTally(DeliveryRecord &record, const LogScope &scope) : record_(record), scope_(scope) {}

    /// pickup(8) took a message of this user.
    void submitted(std::string_view queue_id, std::uint32_t uid, std::int64_t time);

    /// A message is tried: it is a site's if its sender is the site at a domain of this host.
    void queued(std::string_view queue_id, std::string_view sender, std::int64_t time);

    void removed(std::string_view queue_id);

    /// The counts that a message belongs to; null: it is no site's.
    SiteMail *of(std::string_view queue_id);

  private:
    void follow(std::string_view queue_id, const std::string &site, std::int64_t time);

    DeliveryRecord &record_;
    const LogScope &scope_;
};

}  // namespace mail_relay
