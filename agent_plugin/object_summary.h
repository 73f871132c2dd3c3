#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace mail_relay {

/// What a person calls a section: "Mail queue" for mail_relay_queue; the section's name if it is
/// not known here.
std::string section_title(std::string_view section);

/// The facts of a section's object in one line; "" where there is nothing to tell.
std::string summarise_object(std::string_view section, const boost::json::object &object);

/// Whether mail waits that has been tried in vain, or a site's notifications wait.
bool has_waiting_mail(std::string_view section, const boost::json::object &object);

/// "3 hours", "2 days"
std::string format_span(std::int64_t seconds);

}  // namespace mail_relay
