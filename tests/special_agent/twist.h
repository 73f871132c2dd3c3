#pragma once

#include <string>

#include "tests/common/scripted_server.h"

namespace mail_relay::test {

/// What a server does instead of its usual answer.
struct Twist {
    enum class End { kGoOn, kClose, kSilence };

    std::string say;
    End end = End::kGoOn;

    /// Whether the server may go on.
    bool play(Peer &peer) const {
        if (!say.empty()) {
            peer.say(say);
        }
        if (end == End::kSilence) {
            peer.be_silent();
        }
        return end == End::kGoOn;
    }
};

}  // namespace mail_relay::test
