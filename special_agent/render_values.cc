#include "special_agent/render_values.h"

namespace mail_relay::roundtrip {

namespace json = boost::json;

json::value text_or_null(const std::string &text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
}

json::array render_problems(const Problems &problems) {
    json::array list;
    for (const Problem &problem : problems) {
        list.push_back(json::object{{"what", problem.what}, {"error", problem.error}});
    }
    return list;
}

std::string_view role_name(FolderRole role) {
    switch (role) {
        case FolderRole::kInbox:
            return "inbox";
        case FolderRole::kJunk:
            return "junk";
        case FolderRole::kFurther:
            return "further";
    }
    return "inbox";
}

/// The object of an earlier run; empty if there is none.
json::object stored_object(const std::string &text) {
    boost::system::error_code error;
    const json::value value = json::parse(text, error);
    return !error && value.is_object() ? value.get_object() : json::object();
}

}  // namespace mail_relay::roundtrip
