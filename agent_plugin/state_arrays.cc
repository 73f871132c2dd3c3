#include "agent_plugin/state_arrays.h"

namespace mail_relay {

void write(StateWriter &to, const std::string &text) {
    std::string latin;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            latin.push_back(c);
        } else {
            latin.push_back(static_cast<char>(0xC0U | (byte >> 6U)));
            latin.push_back(static_cast<char>(0x80U | (byte & 0x3FU)));
        }
    }
    to.append(boost::json::string(latin));
}

void read(StateReader &from, std::string &text) {
    const boost::json::string &stored = from.next().as_string();
    text.clear();
    for (std::size_t i = 0; i < stored.size(); ++i) {
        const auto byte = static_cast<unsigned char>(stored[i]);
        if (byte < 0x80) {
            text.push_back(stored[i]);
        } else {
            const auto low = static_cast<unsigned char>(stored.at(++i));
            text.push_back(static_cast<char>(((byte & 0x03U) << 6U) | (low & 0x3FU)));
        }
    }
}

}  // namespace mail_relay
