#include "tests/fuzz/seeds.h"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace mail_relay::fuzz {

namespace {

/// Takes what follows a backslash off the front of `rest`.
char take_escaped(std::string_view &rest) {
    const char kind = rest.empty() ? '\0' : rest.front();
    rest.remove_prefix(rest.empty() ? 0 : 1);
    switch (kind) {
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        case '\\':
            return '\\';
        default:
            break;
    }
    unsigned byte = 0;
    const auto digits = rest.substr(0, 2);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (kind != 'x' || read.ptr != digits.data() + 2) {
        throw std::invalid_argument(fmt::format("\\{} stands for no byte", kind));
    }
    rest.remove_prefix(2);
    return static_cast<char>(byte);
}

std::string parse_seed(std::string_view line) {
    std::string bytes;
    while (!line.empty()) {
        const char c = line.front();
        line.remove_prefix(1);
        bytes += c == '\\' ? take_escaped(line) : c;
    }
    return bytes;
}

}  // namespace

std::vector<std::string> parse_seeds(std::string_view text) {
    std::vector<std::string> seeds;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (!line.empty() && !line.starts_with("# ")) {
            seeds.push_back(parse_seed(line));
        }
    }
    return seeds;
}

std::string seed_line(std::string_view bytes) {
    std::string line;
    for (const char c : bytes) {
        if (c == '\n') {
            line += "\\n";
        } else if (c == '\\') {
            line += "\\\\";
        } else if (c < ' ' || c > '~' || (line.empty() && c == '#')) {
            line += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        } else {
            line += c;
        }
    }
    return line;
}

std::string read_whole_file(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw std::runtime_error("cannot open " + path);
    }
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace mail_relay::fuzz
