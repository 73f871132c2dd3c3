#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/queue_facts.h"

namespace mail_relay {

/// How often each text (sender, domain) occurred, by tag, in bounded memory: exact up to kCapacity
/// different texts; beyond, the rarer ones are forgotten and counts are lower bounds, so that what
/// is frequent is still found among a million singular texts.
class TextCounts {
  public:
    static constexpr std::size_t kCapacity = 8192;
    static constexpr std::size_t kLongestText = 128;  ///< longer ones are cut off

    void count(std::uint32_t tag, std::uint32_t times = 1);

    /// Says what text a tag stands for; does not count it.
    void learn(std::uint32_t tag, std::string_view text);

    /// Adds the counts, and the texts that are not known here.
    void merge(const TextCounts &other);

    /// The most frequent texts that are known, most frequent first, equal ones by name.
    std::vector<NamedCount> top(std::size_t limit) const;

    std::uint32_t count_of(std::uint32_t tag) const;

    /// Visits (tag, text) of everything counted whose text is known.
    void visit_counted(
        const std::function<void(std::uint32_t tag, std::string_view text)> &visit) const;

  private:
    struct Entry {
        std::uint32_t tag = 0;  // 0: free
        std::uint32_t count = 0;
        std::uint32_t text_at = 0;
        std::uint16_t text_size = 0;
        bool text_known = false;
    };

    Entry &entry_of(std::uint32_t tag);
    std::size_t slot_of(std::uint32_t tag) const;
    void rebuild(std::size_t slots, std::uint32_t forgotten_count);
    void forget_rare();
    std::string_view text_of(const Entry &entry) const {
        return std::string_view(texts_).substr(entry.text_at, entry.text_size);
    }

    std::vector<Entry> slots_;
    std::size_t used_ = 0;
    std::string texts_;
};

}  // namespace mail_relay
