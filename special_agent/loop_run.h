#pragma once

#include <functional>
#include <optional>
#include <string>

#include "common/deadline.h"
#include "common/dns_lookup.h"
#include "special_agent/deliverability.h"
#include "special_agent/loop_definition.h"
#include "special_agent/loop_secrets.h"
#include "special_agent/loop_state.h"
#include "special_agent/mailbox.h"
#include "special_agent/submission.h"

namespace mail_relay::roundtrip {

/// What all loops of one run share.
struct RunContext {
    std::string host;             ///< Checkmk host name
    std::string state_directory;  ///< of this host
    Secret key;                   ///< for probe tokens
    std::string ca_file;          ///< empty: default_ca_file()
    DnsSettings dns;
    std::function<std::int64_t()> clock_ms;  ///< Unix time in milliseconds
};

/// The last dialogue with the submission server.
struct SubmissionReport {
    std::int64_t at = 0;  ///< Unix time
    SubmissionObservation observation;
    std::optional<RelayAnswer> open_relay;  ///< empty: not asked
};

/// Everything one run of a loop has seen and knows. The state is that after the run.
struct LoopReport {
    std::int64_t time = 0;
    LoopState state;
    std::optional<SubmissionReport> submission;    ///< if a probe was due
    std::optional<MailboxObservation> mailbox;     ///< empty: not looked at, `problems` say why
    std::optional<Deliverability> deliverability;  ///< if a probe has arrived
    std::string state_problem;
    Problems problems;
};

/// One run of a loop: collect what has arrived, send a probe if it is due, wait for it, keep the
/// books. A failure of one side does not keep the other from being looked at. Ends by the deadline.
LoopReport run_loop(const LoopDefinition &loop, const SecretMap &secrets, const RunContext &context,
                    Deadline deadline);

}  // namespace mail_relay::roundtrip
