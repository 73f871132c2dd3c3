#include "common/version_text.h"

#include <fmt/format.h>

namespace mail_relay {

std::string version_text(std::string_view program, std::string_view linked) {
    std::string text = fmt::format("{} {}\n", program, MAIL_RELAY_VERSION);
    if (!linked.empty()) {
        text += fmt::format("linked in: {}\n", linked);
    }
    return text;
}

}  // namespace mail_relay
