#include "agent_plugin/fact_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <cctype>
#include <exception>

#include "common/atomic_file.h"

namespace mail_relay {

namespace json = boost::json;

namespace {

constexpr std::size_t kFileLimit = 1 << 20;
constexpr std::size_t kMostFacts = 1000;
constexpr std::int64_t kVersion = 1;
// Long unused facts go, and the others are found out anew once a month.
constexpr std::int64_t kLifetimeSeconds = std::int64_t{30} * 24 * 3600;

std::string file_name(std::string_view owner) {
    std::string name = "facts_";
    std::transform(owner.begin(), owner.end(), std::back_inserter(name), [](unsigned char c) {
        return std::isalnum(c) != 0 ? static_cast<char>(c) : '_';
    });
    return name.substr(0, 200) + ".json";
}

}  // namespace

FactCache::FactCache(const FileTree &files, const Instance &instance,
                     const std::string &state_directory, std::int64_t now)
    : owner_(files.outside(instance.config_directory)), directory_(state_directory), now_(now) {
    if (state_directory.empty()) {
        return;
    }
    path_ = fmt::format("{}/{}", state_directory, file_name(owner_));
    load();
    changed_ = !damage_.empty();
}

void FactCache::load() {
    const FileTree host;
    const auto status = host.find(path_, FollowLinks::kNo);
    if (status && !*status) {
        return;
    }
    const auto content = host.read(path_, kFileLimit, FollowLinks::kNo);
    if (!content) {
        damage_ = content.error().message();
        return;
    }
    try {
        const json::object kept = json::parse(*content).as_object();
        // Two owners may have to share a file name.
        if (kept.at("version") != kVersion || kept.at("owner").as_string() != owner_) {
            return;
        }
        for (const auto &[question, fields] : kept.at("facts").as_object()) {
            const auto &fact = fields.as_object();
            const std::int64_t when = fact.at("kept").as_int64();
            if (when <= now_ && now_ - when < kLifetimeSeconds && facts_.size() < kMostFacts) {
                facts_[question] = {json::value_to<std::string>(fact.at("identity")),
                                    json::value_to<std::string>(fact.at("answer")), when};
            }
        }
    } catch (const std::exception &) {
        facts_.clear();  // everything is found out anew
        damage_ = fmt::format("{} is damaged", path_);
    }
}

std::optional<std::string> FactCache::find(const std::string &question,
                                           const std::string &identity) const {
    const auto found = facts_.find(question);
    if (found == facts_.end() || found->second.identity != identity) {
        return std::nullopt;
    }
    return found->second.answer;
}

void FactCache::keep(const std::string &question, const std::string &identity,
                     const std::string &answer) {
    if (path_.empty() || (facts_.size() >= kMostFacts && !facts_.contains(question))) {
        return;
    }
    facts_[question] = {identity, answer, now_};
    changed_ = true;
}

Result<void> FactCache::save() {
    if (!changed_) {
        return {};
    }
    json::object facts;
    for (const auto &[question, fact] : facts_) {
        facts[question] =
            json::object{{"identity", fact.identity}, {"answer", fact.answer}, {"kept", fact.kept}};
    }
    const json::object kept{{"version", kVersion}, {"owner", owner_}, {"facts", std::move(facts)}};
    if (auto made = make_private_directory(directory_); !made) {
        return made;
    }
    changed_ = false;
    return write_file_atomically(path_, json::serialize(kept));
}

std::string identity_text(const FileIdentity &identity) {
    return fmt::format("{}:{}:{}:{}:{}", identity.device, identity.inode, identity.size,
                       identity.modified_ns, identity.changed_ns);
}

std::string identity_at(const FileTree &files, const std::string &path) {
    const auto status = files.find(path);
    return status && *status ? identity_text(identity_of(**status)) : "-";
}

}  // namespace mail_relay
