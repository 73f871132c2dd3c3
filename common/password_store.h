#pragma once

#include <string>
#include <string_view>

#include "common/result.h"

namespace mail_relay {

/// Opens a Checkmk password store: lines "ID:password". `blob` is the file's content, `key_file`
/// the raw bytes of the site's password_store.secret. An empty file has no entries. The plain text
/// holds every password of the site: wipe it after use. Source: Checkmk cmk/utils/password_store: 2
/// bytes version 0 (big-endian), 16 bytes salt, 16 bytes nonce, 16 bytes tag, AES-256-GCM; the key
/// is scrypt(key file, salt, 2^14, 8, 1).
Result<std::string> decrypt_password_store(std::string_view blob, std::string_view key_file);

/// The password of `id` in the plain text of a store. Blanks around it do not belong to it.
Result<std::string> find_password(std::string_view plain_text, std::string_view id);

/// A reference as Checkmk writes it on command lines: "ID:FILE".
struct PasswordReference {
    std::string id;
    std::string file;
};

Result<PasswordReference> parse_password_reference(std::string_view text);

}  // namespace mail_relay
