#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "special_agent/state_directory.h"

namespace mail_relay::roundtrip {

/// The whole program. Returns its exit status: 0 whenever sections were printed.
int run(const std::vector<std::string> &arguments, const Environment &environment,
        std::ostream &out, std::ostream &err);

}  // namespace mail_relay::roundtrip
