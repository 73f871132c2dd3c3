#include "agent_plugin/scoped_tags.h"

#include <functional>

#include "agent_plugin/log_line.h"

namespace mail_relay {

ScopedTags::Tag ScopedTags::look_up(std::string_view tag) {
    Known &known = known_.at(std::hash<std::string_view>()(tag) % known_.size());
    if (known.text != tag) {
        known = look_into(tag);
    }
    Tag found = known.tag;
    found.program = tag.substr(known.program_at);
    return found;
}

ScopedTags::Known ScopedTags::look_into(std::string_view tag) const {
    Known known;
    known.text = tag;
    if (const auto ours = program_in_scope(scope_, tag)) {
        known.tag.is_ours = true;
        known.tag.is_shared = ours->is_shared;
        known.tag.is_bystander = is_bystander(ours->program);
        known.program_at = tag.size() - ours->program.size();
    }
    return known;
}

}  // namespace mail_relay
