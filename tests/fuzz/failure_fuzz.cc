#include <string>

#include "common/failure_class.h"
#include "common/failure_text.h"
#include "tests/fuzz/fuzz_target.h"

namespace mail_relay::fuzz {
namespace {

// Texts come from servers that anybody may run.
void parse_failure(std::string_view text) {
    classify_failure(text, text.substr(0, 6));
    const std::string key = normalise_failure_text(text);
    require(key.size() <= 160);
    require(normalise_failure_text(key) == key);
}

const Target kFailure("failure_class", parse_failure);

}  // namespace
}  // namespace mail_relay::fuzz
