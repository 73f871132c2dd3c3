#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mail_relay::fuzz {

/// Seeds as text, so that a difference can be read: one a line; "\n", "\r", "\t", "\\" and "\xNN"
/// stand for bytes. Lines that begin with "# " say what the next seed is about.
std::vector<std::string> parse_seeds(std::string_view text);

/// Bytes as such a line.
std::string seed_line(std::string_view bytes);

std::string read_whole_file(const std::string &path);

}  // namespace mail_relay::fuzz
