#pragma once

#include <string_view>
#include <vector>

namespace mail_relay::fuzz {

/// One format that others write, and its parser fed with whatever bytes. Sanitizers find what is
/// wrong; require() finds broken promises. Registers itself when it is constructed; its seeds are
/// in corpus/<name>.txt.
struct Target {
    Target(std::string_view target_name, void (*target_parser)(std::string_view));

    std::string_view name;
    void (*parse)(std::string_view bytes);
};

const std::vector<Target> &targets();

/// Aborts, which is what a fuzzer looks for.
void require(bool promise);

/// Whether a view leads into the bytes that were parsed.
bool is_part_of(std::string_view part, std::string_view whole);

}  // namespace mail_relay::fuzz
