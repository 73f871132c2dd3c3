#include "agent_plugin/gather_service.h"

#include <fcntl.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>

namespace mail_relay {

namespace {

std::optional<std::int64_t> parse_bytes(std::string_view text) {
    std::int64_t bytes = 0;
    const char *end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, bytes);
    return parsed.ec == std::errc() && parsed.ptr == end ? std::optional(bytes) : std::nullopt;
}

Result<SpoolSpace> read_space(const FileTree &files, const std::string &directory) {
    const auto queue = files.open(directory, O_RDONLY | O_DIRECTORY);
    if (!queue) {
        return queue.error();
    }
    struct statvfs system {};
    if (::fstatvfs(queue->get(), &system) != 0) {
        return failed("cannot learn the space left in {}: {}", directory, std::strerror(errno));
    }
    SpoolSpace space;
    space.total_bytes = static_cast<std::int64_t>(system.f_blocks * system.f_frsize);
    space.free_bytes = static_cast<std::int64_t>(system.f_bavail * system.f_frsize);
    space.total_inodes = static_cast<std::int64_t>(system.f_files);
    space.free_inodes = static_cast<std::int64_t>(system.f_favail);
    return space;
}

}  // namespace

ServiceFacts gather_service(const FileTree &files, const Configuration &configuration,
                            const Distribution &distribution) {
    ServiceFacts facts;
    const std::string queue_directory(configuration.get("queue_directory"));
    facts.distribution = distribution;
    facts.role = role_of(configuration);
    facts.permissions = find_permission_faults(files, configuration);
    facts.master =
        read_master_state(files, queue_directory, std::string(configuration.get("data_directory")));
    facts.log = find_log_source(files, configuration, facts.master.started);
    auto space = queue_directory.empty() ? failed("queue_directory is not known")
                                         : read_space(files, queue_directory);
    if (!space) {
        facts.problems.push_back({"spool", space.error().message()});
        return facts;
    }
    facts.spool = *space;
    facts.spool->queue_minfree = parse_bytes(configuration.get("queue_minfree"));
    facts.spool->message_size_limit = parse_bytes(configuration.get("message_size_limit"));
    return facts;
}

}  // namespace mail_relay
