#pragma once

#include <string_view>

namespace mail_relay {

/// True for the main.cf parameters that the product looks at. No other value is kept, shown or
/// written to a state file: main.cf may hold anything, passwords of databases for example.
bool is_known_parameter(std::string_view name);

}  // namespace mail_relay
