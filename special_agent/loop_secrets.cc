#include "special_agent/loop_secrets.h"

#include <vector>

#include "common/file_tree.h"
#include "common/password_store.h"

namespace mail_relay::roundtrip {

namespace {

constexpr std::size_t kLargestStore = 4U << 20U;
constexpr std::size_t kLargestKeyFile = 64U << 10U;

std::string key_path(const Environment &environment) {
    const std::string path = environment("PASSWORD_STORE_SECRET_FILE");
    return path.empty() ? environment("OMD_ROOT") + "/etc/password_store.secret" : path;
}

/// The plain text of a store.
Result<Secret> open_store(const std::string &path, const Environment &environment) {
    const FileTree files;
    const auto blob = files.read(path, kLargestStore);
    if (!blob) {
        return failed("cannot read the password store: {}", blob.error().message());
    }
    auto key = files.read(key_path(environment), kLargestKeyFile);
    if (!key) {
        return failed("cannot read the key of the password store: {}", key.error().message());
    }
    const Secret key_bytes = Secret::take(*key);
    auto plain_text = decrypt_password_store(*blob, key_bytes.view());
    if (!plain_text) {
        return plain_text.error();
    }
    return Secret::take(*plain_text);
}

Result<Secret> read_first_line(const std::string &path) {
    auto content = FileTree().read(path, kLargestKeyFile);
    if (!content) {
        return content.error();
    }
    const Secret whole = Secret::take(*content);
    const Secret line(whole.view().substr(0, whole.view().find_first_of("\r\n")));
    if (line.empty()) {
        return failed("the first line of {} is empty", path);
    }
    return line;
}

class StoreReader {
  public:
    explicit StoreReader(const Environment &environment) : environment_(environment) {}

    Result<Secret> find(const std::string &text) {
        const auto reference = parse_password_reference(text);
        if (!reference) {
            return reference.error();
        }
        auto store = stores_.find(reference->file);
        if (store == stores_.end()) {
            store =
                stores_.emplace(reference->file, open_store(reference->file, environment_)).first;
        }
        if (!store->second) {
            return store->second.error();
        }
        auto password = find_password(store->second->view(), reference->id);
        if (!password) {
            return password.error();
        }
        return Secret::take(*password);
    }

  private:
    const Environment &environment_;
    std::map<std::string, Result<Secret>> stores_;
};

std::vector<std::string> slots_of(const Login &login) {
    std::vector<std::string> slots;
    for (const std::string *slot : {&login.secret, &login.client_secret, &login.refresh_token}) {
        if (!slot->empty()) {
            slots.push_back(*slot);
        }
    }
    return slots;
}

}  // namespace

SecretMap read_secrets(const std::map<std::string, SecretSource> &sources,
                       const Environment &environment) {
    SecretMap secrets;
    StoreReader stores(environment);
    for (const auto &[slot, source] : sources) {
        secrets.emplace(slot, source.is_plain_file ? read_first_line(source.reference)
                                                   : stores.find(source.reference));
    }
    return secrets;
}

std::string missing_secret(const LoopDefinition &loop, const SecretMap &secrets) {
    std::vector<std::string> slots = slots_of(loop.mailbox.login);
    if (loop.submission.login) {
        const std::vector<std::string> more = slots_of(*loop.submission.login);
        slots.insert(slots.end(), more.begin(), more.end());
    }
    for (const std::string &slot : slots) {
        const auto secret = secrets.find(slot);
        if (secret == secrets.end()) {
            return fmt::format("secret {}: none was given", slot);
        }
        if (!secret->second) {
            return fmt::format("secret {}: {}", slot, secret->second.error().message());
        }
    }
    return {};
}

}  // namespace mail_relay::roundtrip
