#include "special_agent/explain.h"

#include <algorithm>
#include <cctype>

#include "special_agent/mail_date.h"

namespace mail_relay::roundtrip {

namespace {

/// Lines of the form "  label   text", with the labels under each other.
class Story {
  public:
    void heading(std::string_view text) {
        text_ += fmt::format("{}{}\n", text_.empty() ? "" : "\n", text);
    }

    void part(std::string_view text) { text_ += fmt::format("  {}\n", text); }

    void step(std::string_view label, std::string_view text) {
        text_ += fmt::format("    {:<16}{}", label, printable(text));
        text_.resize(text_.find_last_not_of(' ') + 1);
        text_ += '\n';
    }

    /// Words with commas between them, on as many lines as they need.
    void list(std::string_view label, const std::vector<std::string> &words) {
        std::string line;
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (!line.empty() && line.size() + words[i].size() > kLongestList) {
                step(label, line);
                label = "";
                line.clear();
            }
            line += words[i] + (i + 1 < words.size() ? ", " : "");
        }
        step(label, line);
    }

    void timed(std::string_view label, const std::optional<double> &seconds,
               std::string_view text = "") {
        if (seconds) {
            step(label, fmt::format("{:>7.1f} ms  {}", *seconds * 1000.0, text));
        }
    }

    std::string text() && { return std::move(text_); }

  private:
    static constexpr std::size_t kLongestList = 78;

    /// A server's words must not steer the terminal.
    static std::string printable(std::string_view text) {
        std::string safe(text);
        std::replace_if(
            safe.begin(), safe.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
        return safe;
    }

    std::string text_;
};

std::string counted(std::uint64_t number, std::string_view what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

std::string_view continuity_words(Continuity continuity) {
    switch (continuity) {
        case Continuity::kHealthy:
            return "healthy";
        case Continuity::kDeliverabilityIssue:
            return "deliverability issue, mail arrives inside but not outside";
        case Continuity::kLocalInfrastructureIssue:
            return "local infrastructure issue, internal mail does not arrive";
        case Continuity::kTotalOutage:
            return "total outage, no mail arrives";
        case Continuity::kNotEnoughData:
            return "no verdict, which takes internal and external loops that have run";
    }
    return "";
}

std::string_view tls_words(TlsMode mode) {
    switch (mode) {
        case TlsMode::kNone:
            return "without TLS";
        case TlsMode::kStartTls:
            return "with STARTTLS";
        case TlsMode::kImplicit:
            return "with implicit TLS";
    }
    return "";
}

std::string describe(const Endpoint &endpoint) {
    return fmt::format("{} port {} {}", endpoint.server, endpoint.port, tls_words(endpoint.tls));
}

void tell_failure(Story &story, const std::optional<Failure> &failure) {
    if (!failure) {
        return;
    }
    story.step("FAILED", fmt::format("in step {} ({}): {}", failure->phase,
                                     failure_class_name(failure->kind), failure->error));
    if (failure->reply) {
        story.step("it said", *failure->reply);
    }
}

void tell_problems(Story &story, const Problems &problems) {
    for (const Problem &problem : problems) {
        story.step("PROBLEM", fmt::format("{}: {}", problem.what, problem.error));
    }
}

void tell_tls(Story &story, const SessionObservation &session) {
    if (!session.tls) {
        return;
    }
    const TlsObservation &tls = *session.tls;
    story.timed("TLS", session.phases.tls_s, fmt::format("{}, {}", tls.version, tls.cipher));
    if (!tls.chain.empty()) {
        story.step("certificate", fmt::format("{}, issued by {}", tls.chain.front().subject,
                                              tls.chain.front().issuer));
    }
    if (tls.expires) {
        story.step("", fmt::format("valid until {}", format_mail_date(*tls.expires)));
    }
    if (tls.verify_error) {
        story.step("", fmt::format("{}: {}", tls.verified ? "not accepted" : "not verified",
                                   *tls.verify_error));
    }
}

void tell_session(Story &story, const SessionObservation &session) {
    for (const AddressAttempt &attempt : session.addresses) {
        if (attempt.connected) {
            story.step("address", fmt::format("{}: {}", attempt.address,
                                              *attempt.connected ? "connected" : attempt.error));
        }
    }
    story.timed("resolve", session.phases.resolve_s);
    story.timed("connect", session.phases.connect_s);
    story.timed("greeting", session.phases.greeting_s, session.banner.value_or(""));
    tell_tls(story, session);
    if (session.capabilities) {
        story.list("offers", *session.capabilities);
    }
    if (session.auth_mechanisms && !session.auth_mechanisms->empty()) {
        story.list("AUTH offered", *session.auth_mechanisms);
    }
    story.timed("log-in", session.phases.auth_s, session.authenticated_with.value_or(""));
}

void tell_relay_answer(Story &story, const RelayAnswer &answer) {
    const char *words = answer.kind == RelayAnswer::Kind::kRefused ? "no, strangers are refused"
                        : answer.kind == RelayAnswer::Kind::kAccepted
                            ? "YES: it takes mail of strangers for strangers"
                            : "not known";
    story.step("open relay?", fmt::format("{} ({})", words, answer.reply.value_or("no answer")));
}

void tell_why_not_sent(Story &story, const LoopDefinition &loop, const LoopReport &report) {
    if (!report.state_problem.empty()) {
        story.step("not sent", "the state cannot be used, see below");
    } else if (const auto last_ms = report.state.ledger.last_sent_ms; last_ms) {
        const auto interval = loop.interval.count() / 1000;
        const auto passed = report.time - *last_ms / 1000;
        story.step("not due",
                   fmt::format("the last probe was tried {} s ago, one is sent every {} s", passed,
                               interval));
    }
}

void tell_submission(Story &story, const LoopDefinition &loop, const LoopReport &report) {
    story.part(fmt::format("Submission to {}", describe(loop.submission.endpoint)));
    if (!report.submission) {
        tell_why_not_sent(story, loop, report);
        return;
    }
    const SubmissionObservation &seen = report.submission->observation;
    tell_session(story, seen.session);
    story.timed("accepted", seen.accept_s, seen.queued_as.value_or(""));
    tell_failure(story, seen.session.failure);
    if (seen.submitted == Submitted::kUnknown) {
        story.step("unclear", "the answer to the mail never came: it may arrive or not");
    }
    if (report.submission->open_relay) {
        tell_relay_answer(story, *report.submission->open_relay);
    }
}

void tell_mailbox(Story &story, const LoopDefinition &loop, const LoopReport &report) {
    story.part(fmt::format("Mailbox on {}", describe(loop.mailbox.endpoint)));
    if (!report.mailbox) {
        story.step("not seen", "the run ended before");
        return;
    }
    const MailboxObservation &seen = *report.mailbox;
    tell_session(story, seen.session);
    for (const FolderObservation &folder : seen.folders) {
        const std::string messages =
            folder.messages ? counted(*folder.messages, "message") : "messages not told";
        story.step("folder", fmt::format("{}: {}", folder.name, folder.error.value_or(messages)));
    }
    story.timed("select", seen.select_s);
    story.timed("look", seen.look_s);
    story.timed("wait", seen.wait_s, "for the probe that was sent");
    if (!seen.session.failure || !seen.found.empty()) {
        story.step("found", counted(seen.found.size(), "own probe"));
    }
    if (seen.deletion && !seen.found.empty()) {
        story.step("deleted",
                   fmt::format("{}, left {} {}", seen.deletion->deleted, seen.deletion->left,
                               seen.deletion->why_left.value_or("")));
    }
    tell_failure(story, seen.session.failure);
    tell_problems(story, seen.problems);
}

void tell_verdict(Story &story, const char *name, const std::optional<MethodResult> &verdict) {
    if (verdict) {
        story.step(name,
                   fmt::format("{} {} {}", verdict->result, verdict->domain, verdict->reason));
    }
}

void tell_deliverability(Story &story, const Deliverability &seen) {
    story.part("How it was received");
    story.step("folder", seen.arrival.folder);
    if (seen.authentication) {
        tell_verdict(story, "SPF", seen.authentication->spf);
        tell_verdict(story, "DKIM", seen.authentication->dkim);
        tell_verdict(story, "DMARC", seen.authentication->dmarc);
    }
    for (const Hop &hop : seen.hops) {
        story.step("hop", fmt::format("{} -> {} {}{}", hop.from, hop.by, hop.protocol,
                                      hop.delay_s ? fmt::format(", {:.0f} s", *hop.delay_s) : ""));
    }
    if (seen.sender) {
        story.step("seen as", fmt::format("{} {}", seen.sender->address,
                                          seen.sender->reverse_name.value_or("(no reverse name)")));
    }
    for (const BlockListAnswer &answer : seen.block_lists) {
        const bool is_listed = answer.kind == BlockListAnswer::Kind::kListed;
        const bool is_clear = answer.kind == BlockListAnswer::Kind::kNotListed;
        story.step("block list", fmt::format("{}: {} {}", answer.zone,
                                             is_listed  ? "LISTED"
                                             : is_clear ? "not listed"
                                                        : "cannot say",
                                             answer.text));
    }
    tell_problems(story, seen.problems);
}

void tell_books(Story &story, const LoopReport &report) {
    const ProbeLedger &ledger = report.state.ledger;
    story.part("Books");
    if (!ledger.completions.empty()) {
        const Completion &last = ledger.completions.back();
        story.step(
            "last probe",
            fmt::format("#{} took {:.3f} s ({})", last.arrival.probe.sequence, last.latency_s(),
                        last.arrival.measured == Measured::kObserved ? "seen arriving"
                                                                     : "by the mailbox's clock"));
    }
    story.step("in all",
               fmt::format("{} sent, {} arrived, {} on their way, {} lost, {} late, {} twice",
                           ledger.sent, ledger.completed, ledger.outstanding.size(), ledger.lost,
                           ledger.late, ledger.duplicates));
    if (!report.state_problem.empty()) {
        story.step("PROBLEM", report.state_problem);
    }
    tell_problems(story, report.problems);
}

void tell_loop(Story &story, const LoopResult &result) {
    if (const auto *error = std::get_if<DefinitionError>(&result.outcome)) {
        story.heading(fmt::format("Loop {}: cannot run", error->loop));
        story.step("FAILED", error->error);
        return;
    }
    const LoopDefinition &loop = result.definition;
    const auto &report = std::get<LoopReport>(result.outcome);
    const LoopHealth health = judge_loop(result);
    story.heading(fmt::format("Loop {}: {}{}{}", loop.name, health_name(health.state),
                              health.reason.empty() ? "" : ": ", health.reason));
    tell_submission(story, loop, report);
    tell_mailbox(story, loop, report);
    if (report.deliverability) {
        tell_deliverability(story, *report.deliverability);
    }
    tell_books(story, report);
}

}  // namespace

std::string explain(const std::vector<LoopResult> &results) {
    Story story;
    std::vector<LoopHealth> loops;
    for (const LoopResult &result : results) {
        tell_loop(story, result);
        loops.push_back(judge_loop(result));
    }
    story.heading(fmt::format("Over all loops: {}", continuity_words(judge_continuity(loops))));
    return std::move(story).text();
}

}  // namespace mail_relay::roundtrip
