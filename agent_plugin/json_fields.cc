#include "agent_plugin/json_fields.h"

#include <boost/json.hpp>

namespace mail_relay {

namespace json = boost::json;

const json::value *find_at(const json::object &object, std::string_view path) {
    const json::object *inner = &object;
    for (;;) {
        const auto dot = path.find('.');
        const json::value *const value = inner->if_contains(path.substr(0, dot));
        if (value == nullptr || dot == std::string_view::npos) {
            return value;
        }
        inner = value->if_object();
        if (inner == nullptr) {
            return nullptr;
        }
        path.remove_prefix(dot + 1);
    }
}

std::string text_at(const json::object &object, std::string_view path) {
    const json::value *const value = find_at(object, path);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

const json::array &rows_at(const json::object &object, std::string_view path) {
    static const json::array none;
    const json::value *const value = find_at(object, path);
    return value != nullptr && value->is_array() ? value->get_array() : none;
}

}  // namespace mail_relay
