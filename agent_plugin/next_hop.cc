#include "agent_plugin/next_hop.h"

namespace mail_relay {

std::string_view next_hop_of(const Configuration &configuration) {
    const std::string_view transport = configuration.get("default_transport");
    const auto colon = transport.find(':');
    const MasterService *service = configuration.delivery_service();
    if (service != nullptr && service->command != "smtp") {
        return "";
    }
    const bool has_next_hop = colon != std::string_view::npos && colon + 1 < transport.size();
    return has_next_hop && service != nullptr ? transport.substr(colon + 1)
                                              : configuration.get("relayhost");
}

}  // namespace mail_relay
