#pragma once

#include <string>
#include <string_view>

#include "common/result.h"

namespace mail_relay::roundtrip {

/// A folder name (UTF-8) as IMAP writes it: "Entwürfe" is "Entw&APw-rfe". Fails on invalid UTF-8
/// and control characters. Source: RFC 3501 section 5.1.3.
Result<std::string> encode_folder_name(std::string_view name);

/// The folder name that IMAP's form means. What is no such form is shown as it stands.
std::string decode_folder_name(std::string_view encoded);

}  // namespace mail_relay::roundtrip
