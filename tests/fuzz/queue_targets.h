#pragma once

#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent_plugin/defer_log.h"
#include "agent_plugin/postfix_time.h"
#include "agent_plugin/queue_file.h"
#include "agent_plugin/queue_id.h"
#include "agent_plugin/queue_memory_format.h"
#include "agent_plugin/showq_parser.h"

/// What others write of the queue, for a fuzzer: the first byte chooses the parser, the rest is
/// what it parses. Sanitizers find what is wrong; `require` finds broken promises.
namespace mail_relay::fuzz {

inline void require(bool promise) {
    if (!promise) {
        std::abort();
    }
}

inline bool is_part_of(std::string_view part, std::string_view whole) {
    return part.empty() || (part.data() >= whole.data() &&
                            part.data() + part.size() <= whole.data() + whole.size());
}

inline void queue_file(std::string_view bytes) {
    auto head = parse_queue_file_head(bytes);
    require(!head.arrival || *head.arrival >= 0);
    if (head.recipients_at != 0) {
        require(head.domain_count == 0);
        parse_more_recipients(bytes.substr(bytes.size() / 2), head);
    }
    require(head.domain_count <= QueueFileHead::kMostDomains);
    for (std::size_t i = 0; i < head.domain_count; ++i) {
        require(is_part_of(head.domains.at(i), bytes));
    }
    require(is_part_of(head.sender.value_or(""), bytes));
}

inline void defer_log(std::string_view tail) {
    if (const auto entry = last_defer_log_entry(tail)) {
        require(!entry->reason.empty() && is_part_of(entry->reason, tail));
        require(is_part_of(entry->recipient, tail) && is_part_of(entry->dsn_status, tail));
    }
}

inline void queue_id(std::string_view name) {
    require(!is_queue_id(name) || name.size() <= 100);
    require(arrival_of_queue_id(name).value_or(0) >= 0);
    require(hashed_folder(name, 2).size() == 3);
    parse_postfix_time(name, 'd');
}

inline void showq(std::string_view stream) {
    std::size_t messages = 0;
    const auto visit = [&messages](const ShowqMessage &message) {
        ++messages;
        require(message.recipients.size() <= ShowqMessage::kMostRecipients);
    };
    ShowqParser whole(visit);
    const bool understood = whole.feed(stream).has_value() && whole.finish().has_value();
    const std::size_t first = messages;
    messages = 0;
    ShowqParser pieces(visit);
    bool understood_in_pieces = true;
    for (std::size_t at = 0; at < stream.size() && understood_in_pieces; ++at) {
        understood_in_pieces = pieces.feed(stream.substr(at, 1)).has_value();
    }
    understood_in_pieces = understood_in_pieces && pieces.finish().has_value();
    require(understood == understood_in_pieces && (!understood || first == messages));
}

inline void memory_texts(std::string_view bytes) {
    TextCounts senders;
    TextCounts domains;
    DeferralReasons reasons{QueueHash(1)};
    queue_memory_format::read_texts(bytes, senders, domains, reasons);
    require(reasons.groups().size() <= DeferralReasons::kMostReasons + kFailureClassCount);
}

inline void one_input(std::string_view input) {
    if (input.empty()) {
        return;
    }
    const std::string_view bytes = input.substr(1);
    switch (input.front()) {
        case 'f':
            return queue_file(bytes);
        case 'd':
            return defer_log(bytes);
        case 'i':
            return queue_id(bytes);
        case 's':
            return showq(bytes);
        case 'm':
            return memory_texts(bytes);
        default:
            return;
    }
}

}  // namespace mail_relay::fuzz
