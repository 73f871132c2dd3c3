#include "agent_plugin/site_mail_tally.h"

#include <algorithm>

namespace mail_relay {

void SiteMailTally::submitted(std::string_view queue_id, std::uint32_t uid, std::int64_t time) {
    const auto site = std::find_if(scope_.sites.begin(), scope_.sites.end(),
                                   [uid](const SiteUser &known) { return known.uid == uid; });
    if (site != scope_.sites.end()) {
        follow(queue_id, site->name, time);
    }
}

void SiteMailTally::queued(std::string_view queue_id, std::string_view sender, std::int64_t time) {
    if (scope_.sites.empty()) {
        return;
    }
    const std::size_t at = std::min(sender.rfind('@'), sender.size());
    const std::string_view user = sender.substr(0, at);
    const std::string_view domain = sender.substr(std::min(at + 1, sender.size()));
    const auto site = std::find_if(scope_.sites.begin(), scope_.sites.end(),
                                   [user](const SiteUser &known) { return known.name == user; });
    const bool is_own = std::find(scope_.own_domains.begin(), scope_.own_domains.end(), domain) !=
                        scope_.own_domains.end();
    if (site != scope_.sites.end() && is_own) {
        follow(queue_id, site->name, time);
    }
}

void SiteMailTally::removed(std::string_view queue_id) {
    const auto found = record_.site_messages.find(queue_id);
    if (found != record_.site_messages.end()) {
        record_.site_messages.erase(found);
    }
}

SiteMail *SiteMailTally::of(std::string_view queue_id) {
    if (record_.site_messages.empty()) {
        return nullptr;
    }
    const auto found = record_.site_messages.find(queue_id);
    return found == record_.site_messages.end() ? nullptr : &record_.sites[found->second.site];
}

void SiteMailTally::follow(std::string_view queue_id, const std::string &site, std::int64_t time) {
    make_room(record_.site_messages, DeliveryRecord::kMostSiteMessages,
              [](const SiteMessage &message) { return message.time; });
    record_.site_messages.insert_or_assign(std::string(queue_id), SiteMessage{site, time});
}

}  // namespace mail_relay
