#include <cstdint>

#include "tests/fuzz/queue_targets.h"

// libFuzzer's interface.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    mail_relay::fuzz::one_input({reinterpret_cast<const char *>(data), size});
    return 0;
}
