#include "agent_plugin/queue_facts.h"

namespace mail_relay {

std::string_view queue_name(Queue queue) {
    switch (queue) {
        case Queue::kMaildrop:
            return "maildrop";
        case Queue::kIncoming:
            return "incoming";
        case Queue::kActive:
            return "active";
        case Queue::kDeferred:
            return "deferred";
        case Queue::kHold:
            return "hold";
        case Queue::kCorrupt:
            return "corrupt";
    }
    return "deferred";
}

}  // namespace mail_relay
