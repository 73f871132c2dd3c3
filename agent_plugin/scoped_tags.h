#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "agent_plugin/log_scope.h"

namespace mail_relay {

/// What the tags of a log's lines say. A log has few different ones, so each is looked into once.
class ScopedTags {
  public:
    explicit ScopedTags(const LogScope &scope) : scope_(scope) {}

    struct Tag {
        bool is_ours = false;
        bool is_shared = false;     ///< it may as well be another instance's
        bool is_bystander = false;  ///< see is_bystander()
        std::string_view program;   ///< leads into the tag that was asked for
    };
    Tag look_up(std::string_view tag);

  private:
    struct Known {
        std::string text;
        Tag tag;  // its program leads nowhere
        std::size_t program_at = 0;
    };
    Known look_into(std::string_view tag) const;

    const LogScope &scope_;
    std::array<Known, 64> known_;
};

}  // namespace mail_relay
