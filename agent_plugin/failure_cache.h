#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "common/failure_class.h"

namespace mail_relay {

/// Classes of failure texts, remembered: a log repeats the same few texts a million times with
/// other hosts' ports, IDs, addresses and numbers in them. Bounded; nothing is kept but hashes.
class FailureCache {
  public:
    using Classify = std::function<FailureClass(std::string_view text, std::string_view dsn)>;

    explicit FailureCache(Classify classify = classify_failure);

    FailureClass classify(std::string_view text, std::string_view dsn_status);

    /// Texts that had to be classified because nothing alike was known.
    std::uint64_t misses() const { return misses_; }

  private:
    struct Entry {
        std::uint64_t key = 0;
        FailureClass failure = FailureClass::kOther;
    };

    Classify classify_;
    std::vector<Entry> entries_;  // none before there is a text
    std::uint64_t misses_ = 0;
};

/// Equal for texts that differ only in what no class depends on: addresses, long numbers and IDs.
std::uint64_t failure_text_key(std::string_view text, std::string_view dsn_status);

}  // namespace mail_relay
