#pragma once

#include <string>
#include <string_view>

namespace mail_relay {

/// What a server says of a token that it does not take: JSON in base64, where else the next
/// question of the log-in stands. Empty if `question` is no such thing. Source: RFC 7628
/// section 3.2.2; XOAUTH2 has the same from Google.
std::string token_refusal(std::string_view question);

}  // namespace mail_relay
