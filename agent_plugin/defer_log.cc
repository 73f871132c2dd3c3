#include "agent_plugin/defer_log.h"

namespace mail_relay {

namespace {

void take_line(std::string_view line, DeferLogEntry &entry) {
    if (line.front() == '<') {
        const auto end = line.find(">: ");
        if (end != std::string_view::npos && entry.reason.empty()) {
            entry.recipient = line.substr(1, end - 1);
            entry.reason = line.substr(end + 3);
        }
        return;
    }
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) {
        return;
    }
    const auto name = line.substr(0, equals);
    const auto value = line.substr(equals + 1);
    if (name == "recipient") {
        entry.recipient = value;
    } else if (name == "status") {
        entry.dsn_status = value;
    } else if (name == "reason") {
        entry.reason = value;
    }
}

}  // namespace

std::optional<DeferLogEntry> last_defer_log_entry(std::string_view tail) {
    std::optional<DeferLogEntry> last;
    DeferLogEntry entry;
    for (auto end = tail.find('\n'); end != std::string_view::npos; end = tail.find('\n')) {
        const auto line = tail.substr(0, end);
        tail.remove_prefix(end + 1);
        if (!line.empty()) {
            take_line(line, entry);
            if (!entry.reason.empty()) {
                last = entry;
            }
        } else {
            entry = {};
        }
    }
    return last;
}

}  // namespace mail_relay
