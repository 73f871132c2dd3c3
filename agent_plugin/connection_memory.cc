#include "agent_plugin/connection_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <exception>

#include "agent_plugin/connection_json.h"
#include "common/ascii.h"
#include "common/atomic_file.h"
#include "common/file_tree.h"

namespace mail_relay {

namespace json = boost::json;

namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::size_t kLongestName = 200;
constexpr std::size_t kFileLimit = 4U << 20U;

}  // namespace

std::string kept_look_path(const std::string &state_directory, const Instance &instance) {
    if (state_directory.empty()) {
        return "";
    }
    std::string name = instance.config_directory.substr(0, kLongestName);
    std::replace_if(
        name.begin(), name.end(), [](char c) { return !is_letter(c) && !is_digit(c); }, '_');
    return fmt::format("{}/connection{}.json", state_directory, name);
}

Result<std::optional<KeptLook>> read_kept_look(const std::string &path) {
    const FileTree files;
    const auto there = files.find(path, FollowLinks::kNo);
    if (there && !*there) {
        return std::optional<KeptLook>();
    }
    const auto content = files.read(path, kFileLimit, FollowLinks::kNo);
    if (!content) {
        return content.error();
    }
    try {
        const json::object object = json::parse(*content).as_object();
        if (object.at("version") != kVersion) {
            return std::optional<KeptLook>();
        }
        KeptLook kept{.identity = json::value_to<std::string>(object.at("identity")),
                      .looked_at = json::value_to<std::int64_t>(object.at("looked_at")),
                      .took_s = json::value_to<double>(object.at("took_s")),
                      .relays = {}};
        for (const auto &relay : object.at("relays").as_array()) {
            kept.relays.push_back(read_relay_look(relay.as_object()));
        }
        return std::optional(std::move(kept));
    } catch (const std::exception &error) {
        return failed("cannot read the look kept in {}: {}", path, error.what());
    }
}

Result<void> keep_look(const std::string &path, const KeptLook &kept) {
    json::array relays;
    for (const RelayLook &relay : kept.relays) {
        relays.emplace_back(render_relay_look(relay));
    }
    const json::object object{{"version", kVersion},
                              {"identity", kept.identity},
                              {"looked_at", kept.looked_at},
                              {"took_s", kept.took_s},
                              {"relays", std::move(relays)}};
    if (auto made = make_private_directory(path.substr(0, path.rfind('/'))); !made) {
        return made;
    }
    return write_file_atomically(path, json::serialize(object));
}

}  // namespace mail_relay
