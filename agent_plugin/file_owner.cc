#include "agent_plugin/file_owner.h"

#include <charconv>
#include <cstddef>

namespace mail_relay {

namespace {

constexpr std::size_t kPasswdLimit = 1 << 20;

std::string_view take_until(std::string_view &text, char separator) {
    const auto end = text.find(separator);
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return taken;
}

}  // namespace

std::string find_user_name(std::string_view passwd, uid_t uid) {
    std::string wanted = std::to_string(uid);
    while (!passwd.empty()) {
        std::string_view line = take_until(passwd, '\n');
        const std::string_view name = take_until(line, ':');
        take_until(line, ':');  // the password
        if (!name.empty() && take_until(line, ':') == wanted) {
            return std::string(name);
        }
    }
    return wanted;
}

std::optional<uid_t> find_user_id(std::string_view passwd, std::string_view name) {
    while (!passwd.empty()) {
        std::string_view line = take_until(passwd, '\n');
        if (take_until(line, ':') != name) {
            continue;
        }
        take_until(line, ':');  // the password
        const std::string_view number = take_until(line, ':');
        uid_t uid = 0;
        const auto [end, error] =
            std::from_chars(number.data(), number.data() + number.size(), uid);
        const bool is_number =
            !number.empty() && error == std::errc() && end == number.data() + number.size();
        return is_number ? std::optional(uid) : std::nullopt;
    }
    return std::nullopt;
}

std::string read_user_name(const FileTree &files, uid_t uid) {
    if (uid == 0) {
        return "root";
    }
    const auto passwd = files.read("/etc/passwd", kPasswdLimit);
    return find_user_name(passwd ? std::string_view(*passwd) : std::string_view(), uid);
}

}  // namespace mail_relay
