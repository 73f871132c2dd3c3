#include "common/section.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>

#include "common/json_text.h"

namespace mail_relay {

std::string render_section(std::string_view name, const std::vector<boost::json::object> &objects) {
    if (objects.empty()) {
        return "";
    }
    std::string section = fmt::format("<<<{}:sep(0)>>>\n", name);
    for (const auto &object : objects) {
        section += json_line(object);
        section += '\n';
    }
    return section;
}

}  // namespace mail_relay
