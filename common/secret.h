#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mail_relay {

/// Something nobody may see: a password, a token, a key. Lies in one place in memory, which is
/// overwritten when the owner ends. Cannot be formatted or printed.
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string_view secret);
    Secret(Secret &&other) noexcept = default;
    Secret &operator=(Secret &&other) noexcept;
    Secret(const Secret &other) : Secret(other.view()) {}
    Secret &operator=(const Secret &other);
    ~Secret() { wipe(); }

    /// Takes the secret out of `text`, which is overwritten.
    static Secret take(std::string &text);

    std::string_view view() const { return empty() ? "" : std::string_view(c_str(), size()); }
    const char *c_str() const { return bytes_.empty() ? "" : bytes_.data(); }
    bool empty() const { return size() == 0; }

  private:
    std::size_t size() const { return bytes_.empty() ? 0 : bytes_.size() - 1; }
    void wipe() noexcept;

    std::vector<char> bytes_;  // NUL-terminated; a moved-from vector is empty
};

/// Replaces every `secret` in `text` by "***", as well as its Base64 forms: servers repeat what
/// they were told. Secrets of fewer than four bytes are not looked for.
std::string hide_secret(std::string text, std::string_view secret);

/// Neither a core dump nor another process of this user can show our memory from now on.
void forbid_core_dumps();

}  // namespace mail_relay
