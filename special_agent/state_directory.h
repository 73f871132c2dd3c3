#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/result.h"
#include "common/secret.h"

namespace mail_relay::roundtrip {

/// Looks up an environment variable; "" if it is not set.
using Environment = std::function<std::string(const char *)>;

/// Where the state of all hosts of this site lies: $SERVER_SIDE_PROGRAM_STORAGE_PATH, else the same
/// place below $OMD_ROOT. Fails outside a site.
Result<std::string> storage_directory(const Environment &environment);

/// The folder for one host's state: "<storage>/<host>/agent_mail_roundtrip", made if it is missing.
/// Checkmk removes it with the host.
Result<std::string> make_host_directory(const std::string &storage, std::string_view host);

/// `name` as one component of a path: letters, digits, '-', '_' and '.' as they are, the rest as
/// %XX. Never "." or "..", never too long for a file name.
std::string quote_file_name(std::string_view name);

/// The site's key for probe tokens, 32 random bytes in a file of mode 0600. Made on first use; of
/// several runs that make it at once one wins.
Result<Secret> site_key(const std::string &storage);

}  // namespace mail_relay::roundtrip
