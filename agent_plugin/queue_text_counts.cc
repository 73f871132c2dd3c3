#include "agent_plugin/queue_text_counts.h"

#include <algorithm>
#include <utility>

namespace mail_relay {

namespace {

constexpr std::size_t kFirstSlots = 64;
constexpr std::uint32_t kForgetNone = 0xFFFFFFFF;

}  // namespace

std::size_t TextCounts::slot_of(std::uint32_t tag) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = ((tag * 0x9E3779B1U) >> 7U) & mask;
    while (slots_[slot].tag != 0 && slots_[slot].tag != tag) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

/// Moves the entries to a new table, without those counted at most `forgotten_count` times.
void TextCounts::rebuild(std::size_t slots, std::uint32_t forgotten_count) {
    const auto old_slots = std::exchange(slots_, std::vector<Entry>(slots));
    const auto old_texts = std::exchange(texts_, {});
    used_ = 0;
    for (Entry entry : old_slots) {
        if (entry.tag == 0 || (forgotten_count != kForgetNone && entry.count <= forgotten_count)) {
            continue;
        }
        const auto text = std::string_view(old_texts).substr(entry.text_at, entry.text_size);
        entry.text_at = static_cast<std::uint32_t>(texts_.size());
        texts_ += text;
        slots_[slot_of(entry.tag)] = entry;
        ++used_;
    }
}

void TextCounts::forget_rare() {
    std::vector<std::uint32_t> counts;
    counts.reserve(used_);
    for (const Entry &entry : slots_) {
        if (entry.tag != 0) {
            counts.push_back(entry.count);
        }
    }
    const auto middle = counts.begin() + static_cast<std::ptrdiff_t>(counts.size() / 2);
    std::nth_element(counts.begin(), middle, counts.end());
    rebuild(slots_.size(), *middle);
}

TextCounts::Entry &TextCounts::entry_of(std::uint32_t tag) {
    if (slots_.empty()) {
        slots_.resize(kFirstSlots);
    }
    std::size_t slot = slot_of(tag);
    if (slots_[slot].tag == 0) {
        if (used_ >= kCapacity) {
            forget_rare();
        } else if (used_ * 2 >= slots_.size()) {
            rebuild(slots_.size() * 2, kForgetNone);
        }
        slot = slot_of(tag);
        slots_[slot].tag = tag;
        ++used_;
    }
    return slots_[slot];
}

void TextCounts::count(std::uint32_t tag, std::uint32_t times) {
    entry_of(tag).count += times;
}

void TextCounts::learn(std::uint32_t tag, std::string_view text) {
    Entry &entry = entry_of(tag);
    if (entry.text_known) {
        return;
    }
    text = text.substr(0, kLongestText);
    entry.text_known = true;
    entry.text_at = static_cast<std::uint32_t>(texts_.size());
    entry.text_size = static_cast<std::uint16_t>(text.size());
    texts_ += text;
}

void TextCounts::merge(const TextCounts &other) {
    for (const Entry &entry : other.slots_) {
        if (entry.tag == 0) {
            continue;
        }
        count(entry.tag, entry.count);
        if (entry.text_known) {
            learn(entry.tag, other.text_of(entry));
        }
    }
}

std::vector<NamedCount> TextCounts::top(std::size_t limit) const {
    std::vector<const Entry *> entries;
    for (const Entry &entry : slots_) {
        if (entry.count > 0 && entry.text_known) {
            entries.push_back(&entry);
        }
    }
    const auto kept = std::min(limit, entries.size());
    std::partial_sort(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(kept),
                      entries.end(), [this](const Entry *a, const Entry *b) {
                          return a->count != b->count ? a->count > b->count
                                                      : text_of(*a) < text_of(*b);
                      });
    std::vector<NamedCount> top;
    top.reserve(kept);
    for (std::size_t i = 0; i < kept; ++i) {
        top.push_back({std::string(text_of(*entries[i])), entries[i]->count});
    }
    return top;
}

std::uint32_t TextCounts::count_of(std::uint32_t tag) const {
    if (slots_.empty()) {
        return 0;
    }
    const Entry &entry = slots_[slot_of(tag)];
    return entry.tag == tag ? entry.count : 0;
}

void TextCounts::visit_counted(
    const std::function<void(std::uint32_t tag, std::string_view text)> &visit) const {
    for (const Entry &entry : slots_) {
        if (entry.count > 0 && entry.text_known) {
            visit(entry.tag, text_of(entry));
        }
    }
}

}  // namespace mail_relay
