#include "special_agent/state_directory.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>

#include "common/atomic_file.h"
#include "common/file_tree.h"
#include "common/unique_fd.h"

namespace mail_relay::roundtrip {

namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kLongestName = 150;
constexpr const char *kKeyFile = "mail_roundtrip.key";

Result<Secret> read_key(const std::string &path) {
    auto key = FileTree().read(path, kKeyBytes, FollowLinks::kNo);
    if (!key) {
        return key.error();
    }
    if (key->size() != kKeyBytes) {
        return failed(
            "cannot use the probe key {}: it has {} bytes instead of {}; remove it to "
            "have a new one made",
            path, key->size(), kKeyBytes);
    }
    return Secret::take(*key);
}

/// link(2) puts a complete key in place, or leaves the one that another run has put there.
Result<void> make_key(const std::string &path) {
    std::string bytes(kKeyBytes, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char *>(bytes.data()), kKeyBytes) != 1) {
        return failed("cannot make the probe key {}: no random numbers", path);
    }
    const Secret key = Secret::take(bytes);
    const std::string draft = fmt::format("{}.{}", path, ::getpid());
    if (auto written = write_file_atomically(draft, key.view()); !written) {
        return written;
    }
    const int linked = ::link(draft.c_str(), path.c_str());
    const int error = errno;
    ::unlink(draft.c_str());
    if (linked != 0 && error != EEXIST) {
        return failed("cannot make the probe key {}: {}", path, std::strerror(error));
    }
    return {};
}

}  // namespace

Result<std::string> storage_directory(const Environment &environment) {
    std::string storage = environment("SERVER_SIDE_PROGRAM_STORAGE_PATH");
    if (storage.starts_with('/')) {
        return storage;
    }
    const std::string site = environment("OMD_ROOT");
    if (site.starts_with('/')) {
        return site + "/var/check_mk/server_side_program_storage";
    }
    return failed(
        "cannot tell where to keep state: neither SERVER_SIDE_PROGRAM_STORAGE_PATH nor "
        "OMD_ROOT is set; outside a Checkmk site use --state DIR");
}

Result<std::string> make_host_directory(const std::string &storage, std::string_view host) {
    std::string directory =
        fmt::format("{}/{}/agent_mail_roundtrip", storage, quote_file_name(host));
    if (auto made = make_private_directory(directory); !made) {
        return made.error();
    }
    return directory;
}

std::string quote_file_name(std::string_view name) {
    std::string quoted;
    for (const char c : name) {
        const bool is_leading_dot = quoted.empty() && c == '.';
        const bool is_plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' ||
                              c == '_' || (c == '.' && !is_leading_dot);
        quoted +=
            is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    if (quoted.size() > kLongestName) {
        // FNV-1a tells long names with the same beginning apart.
        std::uint64_t hash = 0xcbf29ce484222325U;
        for (const char c : name) {
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
        }
        quoted = fmt::format("{}%{:016x}", quoted.substr(0, kLongestName), hash);
    }
    return quoted.empty() ? "%" : quoted;
}

Result<Secret> site_key(const std::string &storage) {
    if (auto made = make_private_directory(storage); !made) {
        return made.error();
    }
    const std::string path = fmt::format("{}/{}", storage, kKeyFile);
    if (::access(path.c_str(), F_OK) != 0) {
        if (auto made = make_key(path); !made) {
            return made.error();
        }
    }
    return read_key(path);
}

}  // namespace mail_relay::roundtrip
