#pragma once

#include <boost/json/fwd.hpp>
#include <string_view>
#include <vector>

#include "agent_plugin/look.h"
#include "agent_plugin/notification_facts.h"

namespace mail_relay {

/// Section mail_relay_notifications: what all instances of this host together tell of each
/// Checkmk site.
class NotificationLook {
  public:
    static constexpr std::string_view kSection = "mail_relay_notifications";

    explicit NotificationLook(const std::vector<SiteUser> &sites);

    /// Adds an instance, after its own looks: their facts and findings are used.
    void add(const Subject &subject);

    /// The objects of the sites, in the order in which they were given.
    std::vector<boost::json::object> render(std::int64_t now) const;

  private:
    std::vector<NotificationFacts> facts_;
    Findings findings_;
};

}  // namespace mail_relay
