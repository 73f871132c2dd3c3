#include "common/tls_watch.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace mail_relay {

namespace {

constexpr std::size_t kLongestName = 300;

using Store = std::shared_ptr<X509_STORE>;

std::string openssl_error() {
    std::array<char, 256> text{};
    const auto code = ERR_peek_last_error();
    ERR_error_string_n(code, text.data(), text.size());
    const char *reason = ERR_reason_error_string(code);
    ERR_clear_error();
    return reason != nullptr ? reason : text.data();
}

using Files = std::vector<std::string>;

// Reading a bundle costs more than all the rest of a look: once per process and set of files.
Result<Store> load_store(const Files &ca_files, const std::string &ca_path) {
    static std::mutex mutex;
    static std::map<std::pair<Files, std::string>, Store> stores;
    const std::lock_guard lock(mutex);
    const std::pair key(ca_files, ca_path);
    if (const auto known = stores.find(key); known != stores.end()) {
        return known->second;
    }
    const Store store(X509_STORE_new(), X509_STORE_free);
    for (const auto &ca_file : ca_files) {
        if (X509_STORE_load_file(store.get(), ca_file.c_str()) != 1) {
            return failed("cannot load CA bundle {}: {}", ca_file, openssl_error());
        }
    }
    if (!ca_path.empty() && X509_STORE_load_path(store.get(), ca_path.c_str()) != 1) {
        return failed("cannot use CA folder {}: {}", ca_path, openssl_error());
    }
    return stores[key] = store;
}

Result<Store> store_of(const TlsPolicy &policy) {
    Files files = policy.more_ca_files;
    if (!policy.ca_file.empty()) {
        files.insert(files.begin(), policy.ca_file);
    }
    if (files.empty() && policy.ca_path.empty() && policy.default_ca) {
        files.push_back(default_ca_file());
        if (files.front().empty()) {
            return failed("no CA bundle found on this host");
        }
    }
    return load_store(files, policy.ca_path);
}

std::string show_name(const X509_NAME *name) {
    const std::unique_ptr<BIO, int (*)(BIO *)> text(BIO_new(BIO_s_mem()), BIO_free);
    X509_NAME_print_ex(text.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    char *bytes = nullptr;
    const auto size = BIO_get_mem_data(text.get(), &bytes);
    return {bytes, std::min(static_cast<std::size_t>(std::max(size, 0L)), kLongestName)};
}

std::optional<std::int64_t> unix_time(const ASN1_TIME *time) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
        return std::nullopt;
    }
    return ::timegm(&parts);
}

ChainCertificate describe(const X509 *certificate) {
    return {
        show_name(X509_get_subject_name(certificate)), show_name(X509_get_issuer_name(certificate)),
        unix_time(X509_get0_notBefore(certificate)), unix_time(X509_get0_notAfter(certificate))};
}

int watch_index() {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

TlsWatch *watch_of(const SSL *connection) {
    return static_cast<TlsWatch *>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), watch_index()));
}

bool exists(const std::string &path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

TlsWatch::TlsWatch(TlsPolicy policy, const std::string &server) : policy_(std::move(policy)) {
    if (policy_.names.empty()) {
        policy_.names = {server};
    }
}

Result<void> TlsWatch::install(SSL_CTX *context) {
    const auto store = store_of(policy_);
    if (store) {
        SSL_CTX_set1_cert_store(context, store->get());
    } else if (policy_.verify) {
        return store.error();
    }
    auto *wanted = SSL_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    for (const auto &name : policy_.names) {
        if (X509_VERIFY_PARAM_set1_ip_asc(wanted, name.c_str()) != 1) {
            X509_VERIFY_PARAM_add1_host(wanted, name.c_str(), name.size());
        }
    }
    if (policy_.partial_chain) {
        X509_VERIFY_PARAM_set_flags(wanted, X509_V_FLAG_PARTIAL_CHAIN);
    }
    if (policy_.depth >= 0) {
        X509_VERIFY_PARAM_set_depth(wanted, policy_.depth);
    }
    ERR_clear_error();
    if (policy_.allow_old) {
        SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
        SSL_CTX_set_security_level(context, 0);
    }
    SSL_CTX_set_ex_data(context, watch_index(), this);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, &TlsWatch::on_certificate);
    SSL_CTX_set_info_callback(context, &TlsWatch::on_progress);
    return {};
}

void TlsWatch::note(const SSL *connection) {
    if (!observation_) {
        observation_.emplace();
    }
    observation_->version = SSL_get_version(connection);
    const char *cipher = SSL_get_cipher_name(connection);
    observation_->cipher = cipher != nullptr ? cipher : "";
}

// Called once for each certificate of the chain, and for each fault.
int TlsWatch::on_certificate(int accepted, X509_STORE_CTX *store) {
    const auto *connection =
        static_cast<SSL *>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto &self = *watch_of(connection);
    self.note(connection);
    auto &seen = *self.observation_;
    if (seen.chain.empty()) {
        const auto *sent = X509_STORE_CTX_get0_untrusted(store);
        seen.chain_length = static_cast<std::size_t>(std::max(sk_X509_num(sent), 0));
        for (int i = 0; i < std::min(sk_X509_num(sent), static_cast<int>(kMostCertificates)); ++i) {
            seen.chain.push_back(describe(sk_X509_value(sent, i)));
            const auto end = seen.chain.back().not_after;
            seen.expires = seen.expires && end ? std::min(seen.expires, end)
                           : end               ? end
                                               : seen.expires;
        }
    }
    if (accepted != 1 && !seen.verify_error) {
        seen.verify_error = X509_verify_cert_error_string(X509_STORE_CTX_get_error(store));
        if (const auto *faulty = X509_STORE_CTX_get_current_cert(store);
            faulty != nullptr && X509_STORE_CTX_get_error_depth(store) > 0) {
            *seen.verify_error += ": " + show_name(X509_get_subject_name(faulty));
        }
        if (self.policy_.verify) {
            seen.verified = false;
        }
    }
    return self.policy_.verify ? accepted : 1;
}

void TlsWatch::on_progress(const SSL *connection, int where, int /*value*/) {
    auto &self = *watch_of(connection);
    if ((where & SSL_CB_HANDSHAKE_DONE) == 0 || self.finished_) {
        return;
    }
    self.note(connection);
    self.finished_ = Clock::now();
    if (self.policy_.verify) {
        self.observation_->verified = true;
    }
}

std::string default_ca_file() {
    const char *site = std::getenv("OMD_ROOT");
    const std::string of_site =
        site != nullptr ? std::string(site) + "/var/ssl/ca-certificates.crt" : "";
    for (const auto &path :
         {of_site, std::string("/etc/ssl/certs/ca-certificates.crt"),
          std::string("/etc/pki/tls/certs/ca-bundle.crt"), std::string("/etc/ssl/ca-bundle.pem")}) {
        if (!path.empty() && exists(path)) {
            return path;
        }
    }
    return "";
}

}  // namespace mail_relay
