#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/failure_class.h"
#include "common/failure_text.h"

// Texts come from servers that anybody may run.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    mail_relay::classify_failure(text, text.substr(0, 6));
    const std::string key = mail_relay::normalise_failure_text(text);
    if (key.size() > 160) std::abort();
    if (mail_relay::normalise_failure_text(key) != key) std::abort();
    return 0;
}
