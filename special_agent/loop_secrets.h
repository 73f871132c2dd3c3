#pragma once

#include <map>
#include <string>
#include <string_view>

#include "common/result.h"
#include "common/secret.h"
#include "special_agent/loop_definition.h"
#include "special_agent/state_directory.h"

namespace mail_relay::roundtrip {

/// Where the secret of a slot ("1.submission") is to be had.
struct SecretSource {
    bool is_plain_file = false;  ///< the first line of a file (--secret-file), for use by hand
    std::string reference;       ///< its path, or "ID:FILE" into a Checkmk password store
};

/// The secrets of all loops by slot. Those that could not be read are an Error each.
using SecretMap = std::map<std::string, Result<Secret>, std::less<>>;

/// Opens each password store once, whatever the number of secrets in it: deriving its key is meant
/// to be expensive. The key file is $PASSWORD_STORE_SECRET_FILE, else
/// $OMD_ROOT/etc/password_store.secret.
SecretMap read_secrets(const std::map<std::string, SecretSource> &sources,
                       const Environment &environment);

/// The first reason why a loop cannot have one of the secrets it names; "" if it has all of them.
std::string missing_secret(const LoopDefinition &loop, const SecretMap &secrets);

}  // namespace mail_relay::roundtrip
