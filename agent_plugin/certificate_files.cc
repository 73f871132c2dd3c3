#include "agent_plugin/certificate_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>

#include "agent_plugin/word_list.h"
#include "common/certificate.h"
#include "common/child_process.h"
#include "common/result.h"

namespace mail_relay {

namespace {

constexpr std::size_t kBundleLimit = 16 << 20;
constexpr std::size_t kCertificateLimit = 1 << 20;
constexpr std::size_t kMostHashedNames = 2000;

/// When the certificates of a store end, or why it cannot be used.
struct Ends {
    std::vector<std::int64_t> not_after;
    std::string fault;
};

// Kept as "1795246145 1795246146 ..." or "! fault".
std::string encode(const Ends &ends) {
    return ends.fault.empty() ? fmt::format("{}", fmt::join(ends.not_after, " "))
                              : "! " + ends.fault;
}

Ends decode(const std::string &kept) {
    Ends ends;
    if (kept.starts_with("! ")) {
        ends.fault = kept.substr(2);
        return ends;
    }
    for (const auto &word : split_list(kept)) {
        std::int64_t time = 0;
        std::from_chars(word.data(), word.data() + word.size(), time);
        ends.not_after.push_back(time);
    }
    return ends;
}

Ends read_ends(std::string_view pem) {
    const auto certificates = parse_certificates(pem);
    Ends ends;
    if (!certificates) {
        ends.fault = certificates.error().message();
        return ends;
    }
    for (const auto &certificate : *certificates) {
        ends.not_after.push_back(certificate.not_after);
    }
    return ends;
}

void fill_in(const Ends &ends, std::int64_t now, CaStore &store) {
    store.fault = ends.fault;
    if (ends.fault.empty()) {
        store.certificates = static_cast<std::int64_t>(ends.not_after.size());
        store.expired = std::count_if(ends.not_after.begin(), ends.not_after.end(),
                                      [&](std::int64_t end) { return end < now; });
    }
}

bool is_hashed_name(std::string_view name) {
    const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
    const auto is_hex = [](unsigned char c) { return std::isxdigit(c) != 0; };
    return name.size() > 9 && name[8] == '.' &&
           std::all_of(name.begin(), name.begin() + 8, is_hex) &&
           std::all_of(name.begin() + 9, name.end(), is_digit);
}

/// Hashed names of a folder; nullopt when there is no such folder.
Result<std::optional<std::vector<std::string>>> list_hashed(const FileTree &files,
                                                            const std::string &path) {
    using Names = std::optional<std::vector<std::string>>;
    const auto status = files.find(path);
    if (!status) {
        return status.error();
    }
    if (!*status || !S_ISDIR((*status)->st_mode)) {
        return Names();
    }
    auto names = files.list(path);
    if (!names) {
        return names.error();
    }
    std::erase_if(*names, [](const auto &name) { return !is_hashed_name(name); });
    return Names(*std::move(names));
}

Ends read_folder(const FileTree &files, const std::string &path,
                 const std::vector<std::string> &names) {
    Ends ends;
    for (std::size_t i = 0; i < std::min(names.size(), kMostHashedNames); ++i) {
        // A damaged file is passed over by OpenSSL as well: it looks for the issuers it needs.
        const auto pem = files.read(fmt::format("{}/{}", path, names[i]), kCertificateLimit);
        if (pem) {
            const auto more = read_ends(*pem).not_after;
            ends.not_after.insert(ends.not_after.end(), more.begin(), more.end());
        }
    }
    return ends;
}

struct Pem {
    Pem() = default;
    Pem(const Pem &) = delete;
    Pem &operator=(const Pem &) = delete;
    ~Pem() { wipe(text); }

    std::string text;  // may be a private key
};

/// Reads files one after the other. False sets the fault of a missing one, or a problem.
bool read_all(const FileTree &files, const std::vector<std::string> &paths, Pem &pem,
              ClientCertificate &certificate, Problems &problems) {
    for (const auto &path : paths) {
        const auto status = files.find(path);
        if (status && !*status) {
            certificate.fault = fmt::format("{} does not exist", path);
            return false;
        }
        auto text = files.read(path, kCertificateLimit);
        if (!text) {
            problems.push_back({"client_certificate", text.error().message()});
            return false;
        }
        pem.text += *text;
        wipe(*text);
    }
    return true;
}

/// Source: postconf(5), smtp_tls_chain_files.
bool is_key_first(std::string_view chain) {
    return chain.find("PRIVATE KEY-----") < chain.find("-----BEGIN CERTIFICATE");
}

/// Kept as "END MATCHES SUBJECT" or "! fault". nullptr: keys that may not be read.
std::string describe(const Pem &certificates, const Pem *keys, bool is_chain) {
    const auto parsed = parse_certificates(certificates.text);
    if (!parsed) {
        return "! " + parsed.error().message();
    }
    if (parsed->empty()) {
        return "! no certificate";
    }
    if (is_chain && !is_key_first(certificates.text)) {
        return "! a private key has to stand before its certificates";
    }
    std::string_view matching = "?";
    if (keys != nullptr) {
        const auto matches = key_matches(certificates.text, keys->text);
        if (!matches) {
            return "! " + matches.error().message();
        }
        matching = *matches ? "yes" : "no";
    }
    return fmt::format("{} {} {}", parsed->front().not_after, matching, parsed->front().subject);
}

void read_description(const std::string &kept, std::int64_t now, ClientCertificate &certificate) {
    if (kept.starts_with("! ")) {
        certificate.fault = kept.substr(2);
        return;
    }
    const auto first = std::min(kept.find(' '), kept.size());
    const auto second = std::min(kept.find(' ', first + 1), kept.size());
    std::int64_t not_after = 0;
    std::from_chars(kept.data(), kept.data() + first, not_after);
    certificate.not_after = not_after;
    const std::string matching = kept.substr(first, second - first);
    if (matching != " ?") {
        certificate.matches_key = matching == " yes";
    }
    certificate.subject = kept.substr(std::min(second + 1, kept.size()));
    if (certificate.matches_key == false) {
        certificate.fault = fmt::format("the private key in {} does not belong to the certificate",
                                        certificate.key_path);
    } else if (not_after < now) {
        certificate.fault = fmt::format("expired {} days ago", (now - not_after) / 86400);
    }
}

ClientCertificate examine_pair(const FileTree &files, const std::vector<std::string> &paths,
                               const std::vector<std::string> &key_paths, bool is_chain,
                               FactCache &cache, std::int64_t now, Problems &problems) {
    ClientCertificate certificate;
    certificate.path = fmt::format("{}", fmt::join(paths, ", "));
    certificate.key_path = fmt::format("{}", fmt::join(key_paths, ", "));
    std::string identity;
    for (const auto *all : {&paths, &key_paths}) {
        for (const auto &path : *all) {
            identity += identity_at(files, path) + " ";
        }
    }
    const std::string question =
        fmt::format("client_certificate {} {}", certificate.path, certificate.key_path);
    auto description = cache.find(question, identity);
    if (!description) {
        Pem pem;
        Pem keys;
        if (!read_all(files, paths, pem, certificate, problems)) {
            return certificate;
        }
        const bool has_keys = read_all(files, key_paths, keys, certificate, problems);
        if (!certificate.fault.empty()) {
            return certificate;
        }
        description = describe(pem, has_keys ? &keys : nullptr, is_chain);
        if (has_keys) {
            cache.keep(question, identity, *description);
        }
    }
    read_description(*description, now, certificate);
    return certificate;
}

}  // namespace

CaStore examine_ca_file(const FileTree &files, const std::string &path, FactCache &cache,
                        std::int64_t now, Problems &problems) {
    CaStore store;
    store.path = path;
    const auto status = files.find(path);
    if (!status) {
        problems.push_back({"ca_file", status.error().message()});
        return store;
    }
    store.present = status->has_value();
    if (!*status) {
        store.fault = "it does not exist";
        return store;
    }
    if (S_ISDIR((*status)->st_mode)) {
        store.fault = "it is a folder, which smtp_tls_CApath may name";
        return store;
    }
    const std::string question = "ca_file " + path;
    const std::string identity = identity_text(identity_of(**status));
    auto kept = cache.find(question, identity);
    if (!kept) {
        const auto pem = files.read(path, kBundleLimit);
        if (!pem) {
            problems.push_back({"ca_file", pem.error().message()});
            return store;
        }
        kept = encode(read_ends(*pem));
        cache.keep(question, identity, *kept);
    }
    fill_in(decode(*kept), now, store);
    store.in_jail = true;  // read before the jail is entered
    return store;
}

CaStore examine_ca_path(const FileTree &files, const std::string &path, const std::string &jail,
                        FactCache &cache, std::int64_t now, Problems &problems) {
    CaStore store;
    store.path = path;
    const auto names = list_hashed(files, path);
    if (!names) {
        problems.push_back({"ca_path", names.error().message()});
        return store;
    }
    store.present = names->has_value();
    if (*names) {
        const std::string question = "ca_path " + path;
        const std::string identity = identity_at(files, path);
        auto kept = cache.find(question, identity);
        if (!kept) {
            kept = encode(read_folder(files, path, **names));
            cache.keep(question, identity, *kept);
        }
        fill_in(decode(*kept), now, store);
    }
    if (jail.empty()) {
        store.in_jail = store.present;
        return store;
    }
    const auto inside = list_hashed(files, jail + path);
    if (!inside) {
        problems.push_back({"ca_path.in_jail", inside.error().message()});
    } else {
        store.in_jail = *inside && !(*inside)->empty();
    }
    return store;
}

std::vector<ClientCertificate> examine_client_certificates(const FileTree &files,
                                                           const Configuration &configuration,
                                                           FactCache &cache, std::int64_t now,
                                                           Problems &problems) {
    std::vector<ClientCertificate> certificates;
    const auto chain = split_list(configuration.smtp_client("smtp_tls_chain_files"));
    if (!chain.empty()) {
        certificates.push_back(examine_pair(files, chain, chain, true, cache, now, problems));
        return certificates;  // Postfix ignores the other parameters then
    }
    for (const auto &[parameter, key_parameter] :
         {std::pair{"smtp_tls_cert_file", "smtp_tls_key_file"},
          std::pair{"smtp_tls_dcert_file", "smtp_tls_dkey_file"},
          std::pair{"smtp_tls_eccert_file", "smtp_tls_eckey_file"}}) {
        const std::string path(configuration.smtp_client(parameter));
        if (path.empty()) {
            continue;
        }
        const std::string key_path(configuration.smtp_client(key_parameter));
        certificates.push_back(examine_pair(files, {path}, {key_path.empty() ? path : key_path},
                                            false, cache, now, problems));
    }
    return certificates;
}

}  // namespace mail_relay
