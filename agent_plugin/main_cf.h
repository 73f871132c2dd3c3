#pragma once

#include <map>
#include <string>
#include <string_view>

namespace mail_relay {

/// The parameters as main.cf writes them, $ unresolved, for when no postconf answers. Lines that
/// are not "name = value" are left out. Source: postconf(5), "main.cf parameter syntax".
std::map<std::string, std::string, std::less<>> parse_main_cf(std::string_view content);

}  // namespace mail_relay
