#include "common/network_setup.h"

#include <curl/curl.h>
#include <malloc.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace mail_relay {

namespace {

// What libcurl gives back may have been a password.
void wiping_free(void *memory) {
    if (memory != nullptr) {
        ::explicit_bzero(memory, ::malloc_usable_size(memory));
        std::free(memory);
    }
}

void *wiping_realloc(void *memory, std::size_t size) {
    void *larger = std::malloc(size);
    if (larger != nullptr && memory != nullptr) {
        std::memcpy(larger, memory, std::min(size, ::malloc_usable_size(memory)));
        wiping_free(memory);
    }
    return larger;
}

}  // namespace

void prepare_network() {
    // The configuration of the build machine's OpenSSL, or of the site's, is not ours.
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
    (void)std::signal(SIGPIPE, SIG_IGN);
    curl_global_init_mem(CURL_GLOBAL_ALL, std::malloc, wiping_free, wiping_realloc, ::strdup,
                         std::calloc);
}

}  // namespace mail_relay
