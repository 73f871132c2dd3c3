#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent_plugin/queue_facts.h"
#include "agent_plugin/queue_hash.h"

namespace mail_relay {

/// Why messages wait, grouped by failure class and normalised text, and how many for each reason.
/// Bounded: once kMostReasons are known, further ones share one entry for each class.
class DeferralReasons {
  public:
    static constexpr std::size_t kMostReasons = 512;
    static constexpr std::size_t kLongestSample = 400;

    explicit DeferralReasons(QueueHash hash);

    /// The tag of the group that a reason belongs to; does not count it.
    std::uint32_t learn(std::string_view reason, std::string_view dsn_status);

    /// Makes a group known that was learned in an earlier look.
    void restore(std::uint32_t tag, DeferralReason group);

    bool knows(std::uint32_t tag) const;

    /// One more message; `arrival` 0 for unknown.
    void count(std::uint32_t tag, std::uint32_t arrival);

    /// Adds the counts, and the groups that are not known here.
    void merge(const DeferralReasons &other);

    /// Groups that were counted and are known, most messages first.
    std::vector<DeferralReason> counted() const;

    const std::unordered_map<std::uint32_t, DeferralReason> &groups() const { return groups_; }

  private:
    /// Real queues repeat the same text a thousand times: it is not classified each time.
    struct Recent {
        std::uint64_t text_hash = 0;
        std::uint32_t tag = 0;
    };

    std::uint32_t classify(std::string_view reason, std::string_view dsn_status);

    QueueHash hash_;
    std::unordered_map<std::uint32_t, DeferralReason> groups_;
    std::array<Recent, 256> recent_{};
};

}  // namespace mail_relay
