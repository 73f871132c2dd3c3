#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "agent_plugin/instance.h"
#include "agent_plugin/lookup_table.h"
#include "common/file_tree.h"
#include "common/result.h"

namespace mail_relay {

/// Answers that were dear to get (a child process, a parsed bundle), kept from run to run for as
/// long as what they were taken from stays the same. Never holds a secret, nor anything derived
/// from one but its form.
class FactCache {
  public:
    /// Kept in a file below `state_directory`, one for each instance of each tree. An empty
    /// directory keeps nothing. A damaged or foreign file counts as empty.
    FactCache(const FileTree &files, const Instance &instance, const std::string &state_directory,
              std::int64_t now);

    /// The answer to `question`, if it was kept under this very `identity`.
    std::optional<std::string> find(const std::string &question, const std::string &identity) const;

    void keep(const std::string &question, const std::string &identity, const std::string &answer);

    /// Why the kept file could not be used; "" if it could, or if there was none of this version.
    const std::string &damage() const { return damage_; }

    /// Writes the file if anything changed since it was read, or if it was damaged.
    Result<void> save();

  private:
    void load();

    struct Fact {
        std::string identity;
        std::string answer;
        std::int64_t kept = 0;  // when
    };

    std::string owner_;
    std::string directory_;
    std::string path_;
    std::int64_t now_;
    std::map<std::string, Fact> facts_;
    bool changed_ = false;
    std::string damage_;
};

/// A text that is the same as long as the file is.
std::string identity_text(const FileIdentity &identity);

/// identity_text() of the file at `path`; "-" when there is none or it cannot be examined.
std::string identity_at(const FileTree &files, const std::string &path);

}  // namespace mail_relay
