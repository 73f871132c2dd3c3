#include "agent_plugin/report.h"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "agent_plugin/render_common.h"
#include "common/section.h"

namespace mail_relay {

struct Report::Entry {
    std::string section;
    std::string kind;
    std::string item;
    std::optional<boost::json::object> object;
};

namespace {

boost::json::object late_object(std::string_view section, std::string_view kind,
                                std::string_view item, std::int64_t now) {
    boost::json::object object{{kind, item}, {"time", now}};
    object["findings"] = boost::json::array();
    object["problems"] = render_problems(
        {{std::string(section), "the look was not finished when the time of the run was over"}});
    return object;
}

}  // namespace

Report::Report() = default;
Report::~Report() = default;

void Report::expect(std::string_view section, std::string_view item, std::string_view kind) {
    const std::lock_guard lock(mutex_);
    entries_.push_back(std::make_unique<Entry>(
        Entry{std::string(section), std::string(kind), std::string(item), std::nullopt}));
}

void Report::add(std::string_view section, std::string_view item, boost::json::object object) {
    const std::lock_guard lock(mutex_);
    const auto entry = std::find_if(entries_.begin(), entries_.end(), [&](const auto &candidate) {
        return candidate->section == section && candidate->item == item;
    });
    if (entry != entries_.end()) {
        (*entry)->object = std::move(object);
    }
}

void Report::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
}

std::vector<ReportPart> Report::wait(Deadline deadline, std::int64_t now) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, deadline.left(), [this] { return closed_; });
    std::vector<std::string> names;
    for (const auto &entry : entries_) {
        if (std::find(names.begin(), names.end(), entry->section) == names.end()) {
            names.push_back(entry->section);
        }
    }
    std::vector<ReportPart> parts;
    for (const std::string &name : names) {
        for (const auto &entry : entries_) {
            if (entry->section == name) {
                parts.push_back({name, entry->item,
                                 entry->object ? *std::move(entry->object)
                                               : late_object(name, entry->kind, entry->item, now)});
            }
        }
    }
    return parts;
}

std::string Report::wait_and_render(Deadline deadline, std::int64_t now) {
    auto parts = wait(deadline, now);
    std::string text;
    for (auto part = parts.begin(); part != parts.end();) {
        const std::string &section = part->section;
        std::vector<boost::json::object> objects;
        for (; part != parts.end() && part->section == section; ++part) {
            objects.push_back(std::move(part->object));
        }
        text += render_section(section, objects);
    }
    return text;
}

}  // namespace mail_relay
