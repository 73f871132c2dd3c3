#include "tests/fuzz/fuzz_target.h"

#include <cstdlib>

namespace mail_relay::fuzz {

namespace {

std::vector<Target> &registry() {
    static std::vector<Target> registry;
    return registry;
}

}  // namespace

Target::Target(std::string_view target_name, void (*target_parser)(std::string_view))
    : name(target_name), parse(target_parser) {
    registry().push_back(*this);
}

const std::vector<Target> &targets() {
    return registry();
}

void require(bool promise) {
    if (!promise) {
        std::abort();
    }
}

bool is_part_of(std::string_view part, std::string_view whole) {
    return part.empty() || (part.data() >= whole.data() &&
                            part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace mail_relay::fuzz
