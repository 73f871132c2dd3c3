#include "special_agent/loop_run.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "special_agent/arrival_time.h"
#include "special_agent/login.h"
#include "special_agent/probe_mail.h"
#include "special_agent/render_deliverability.h"
#include "special_agent/render_submission.h"
#include "special_agent/state_directory.h"

namespace mail_relay::roundtrip {

namespace {

// What each step may take of the time there is: none may use up what the others need.
constexpr int kHalf = 2;
constexpr int kMailboxShare = 3;
constexpr int kSubmissionShare = 3;
constexpr int kRelayQuestionShare = 7;
constexpr int kDnsShare = 10;
constexpr int kDeletionShare = 14;
constexpr std::string_view kBodyMarker = "mrp1-";
constexpr std::int64_t kDaySeconds = 86400;

SessionRequest session_request(const Endpoint &endpoint, MailProtocol protocol,
                               const RunContext &context) {
    SessionRequest request;
    request.protocol = protocol;
    request.server = endpoint.server;
    request.port = endpoint.port;
    request.tls = endpoint.tls;
    request.tls_policy.verify = endpoint.verify;
    request.tls_policy.ca_file = context.ca_file;
    request.family = endpoint.family;
    request.dns = context.dns;
    return request;
}

/// One run of one loop. The members are what its steps hand on to each other.
class LoopRun {
  public:
    LoopRun(const LoopDefinition &loop, const SecretMap &secrets, const RunContext &context,
            Deadline deadline)
        : loop_(loop), secrets_(secrets), context_(context), deadline_(deadline) {
        report_.time = now();
    }

    LoopReport run() && {
        auto file = StateFile::lock(context_.state_directory, loop_.name, step(kHalf));
        if (!file) {
            // What the other run has found until now is better than nothing.
            report_.state = StateFile::peek(context_.state_directory, loop_.name);
            report_.state_problem = file.error().message();
            return std::move(report_);
        }
        time_ = deadline_.left();
        report_.state = file->load(report_.state_problem);
        open_mailbox();
        take_arrivals();
        if (ledger().is_due(now_ms(), loop_.interval.count())) {
            send_probe(*file);
            wait_for_probe();
        }
        close_mailbox(*file);
        ask_open_relay_question();
        look_at_deliverability();
        render_into_state();
        save(*file);
        return std::move(report_);
    }

  private:
    Deadline step(int share) const { return deadline_.within(time_ / share); }
    ProbeLedger &ledger() { return report_.state.ledger; }
    /// Unix time that passes as time does, even if somebody sets the clock during the run.
    std::int64_t now_ms() const {
        return began_ms_ + std::chrono::duration_cast<std::chrono::milliseconds>(
                               std::chrono::steady_clock::now() - began_)
                               .count();
    }
    std::int64_t now() const { return now_ms() / 1000; }
    TokenContext token_context() const { return {context_.host, loop_.name, context_.key.view()}; }

    bool save(const StateFile &file) {
        const auto saved = file.save(report_.state);
        if (!saved) {
            report_.state_problem = saved.error().message();
        }
        return saved.has_value();
    }

    ResolvedLogin log_in(const Login &login, std::string_view purpose, Deadline deadline) {
        const std::string cache = fmt::format("{}/{}.{}.token", context_.state_directory,
                                              quote_file_name(loop_.name), purpose);
        ResolvedLogin resolved =
            resolve_login(login, secrets_, cache, context_.ca_file, context_.dns, now(), deadline);
        if (!resolved.problem.empty()) {
            report_.problems.push_back({fmt::format("{}.token", purpose), resolved.problem});
        }
        return resolved;
    }

    void open_mailbox() {
        const Deadline deadline = step(kMailboxShare);
        mailbox_login_ = log_in(loop_.mailbox.login, "mailbox", deadline);
        if (mailbox_login_.failure) {
            report_.mailbox = MailboxObservation{};
            report_.mailbox->session.failure = mailbox_login_.failure;
            return;
        }
        MailboxRequest request;
        request.session = session_request(loop_.mailbox.endpoint, MailProtocol::kImap, context_);
        request.session.credentials = mailbox_login_.credentials;
        request.folders = {loop_.mailbox.folder, loop_.mailbox.junk_folder,
                           loop_.mailbox.further_folders};
        request.delete_probes = loop_.mailbox.delete_probes;
        request.mark = own_mark();
        request.positions = report_.state.positions;
        request.clock_ms = [this] { return now_ms(); };
        mailbox_ = std::make_unique<Mailbox>(std::move(request), deadline);
        mailbox_->collect(deadline);
    }

    OwnMark own_mark() const {
        return {std::string(kTokenHeader), std::string(kBodyMarker),
                now() - kDaySeconds - loop_.lost_after.count() / 1000,
                [this](std::string_view text) {
                    return find_probe(token_context(), text).has_value();
                }};
    }

    /// Enters what the mailbox has found since the last call into the books.
    void take_arrivals() {
        if (!mailbox_) {
            return;
        }
        const auto &found = mailbox_->found();
        for (; taken_ < found.size(); ++taken_) {
            const FoundMail &mail = found[taken_];
            const auto probe = find_probe(token_context(), mail.token_text);
            if (!probe) {
                continue;
            }
            const Arrival arrival =
                arrival_of(mail, *probe, now_ms(), report_.state.clock_offset_s);
            const ArrivalKind kind = ledger().record_arrival(arrival);
            const bool is_news = kind == ArrivalKind::kCompleted || kind == ArrivalKind::kLate;
            if (is_news && (!newest_ || newest_->probe.sequence < probe->sequence)) {
                newest_ = arrival;
                newest_mail_ = mail;
            }
        }
    }

    void send_probe(const StateFile &file) {
        const Probe probe = ledger().record_sent(now_ms());
        // Before the mail goes out: a run that dies must not send it twice. Without books every run
        // would send, and nothing could be recognised as lost.
        if (!save(file)) {
            ledger().record_not_sent(probe);
            report_.problems.push_back({"submission", "no probe was sent: the state is not kept"});
            return;
        }
        SubmissionReport report;
        report.at = now();
        const Deadline deadline = step(kSubmissionShare);
        ResolvedLogin login;
        if (loop_.submission.login) {
            login = log_in(*loop_.submission.login, "submission", deadline);
        }
        if (login.failure) {
            report.observation.session.failure = login.failure;
        } else {
            SubmissionRequest request{submission_session(), loop_.from, loop_.to};
            if (loop_.submission.login) {
                request.session.credentials = login.credentials;
            }
            report.observation = submit(request, compose(probe), deadline);
            forget_refused_token(login, report.observation.session.failure);
        }
        if (report.observation.submitted == Submitted::kNo) {
            ledger().record_not_sent(probe);
        } else {
            awaited_ = probe;
        }
        report_.submission = std::move(report);
    }

    /// Not before the probe has been waited for: it would be seen too late.
    void ask_open_relay_question() {
        if (report_.submission && loop_.submission.open_relay) {
            report_.submission->open_relay = ask_open_relay(
                submission_session(), *loop_.submission.open_relay, step(kRelayQuestionShare));
        }
    }

    SessionRequest submission_session() const {
        SessionRequest session =
            session_request(loop_.submission.endpoint, MailProtocol::kSmtp, context_);
        session.helo = loop_.submission.helo;
        return session;
    }

    std::string compose(const Probe &probe) const {
        return compose_probe_mail({loop_.from, loop_.to, loop_.subject, loop_.name,
                                   make_probe_token(token_context(), probe), probe.sequence,
                                   probe.sent_ms / 1000});
    }

    void wait_for_probe() {
        if (!mailbox_ || !awaited_) {
            return;
        }
        const auto time_behind_the_wait =
            time_ / kDeletionShare + time_ / kRelayQuestionShare + time_ / kDnsShare;
        mailbox_->wait(
            loop_.wait,
            [this](const FoundMail &mail) {
                return find_probe(token_context(), mail.token_text) == awaited_;
            },
            deadline_.within(deadline_.left() - time_behind_the_wait));
        if (const auto offset = mailbox_->clock_offset_s()) {
            report_.state.clock_offset_s = offset;
        }
        take_arrivals();
    }

    void close_mailbox(const StateFile &file) {
        if (!mailbox_) {
            return;
        }
        const Deadline deadline = step(kDeletionShare);
        report_.state.positions = mailbox_->observation().positions;
        // What is deleted has to be in the books, whatever happens to this run.
        if (loop_.mailbox.delete_probes && !mailbox_->found().empty()) {
            if (save(file)) {
                mailbox_->delete_found(deadline);
            } else {
                report_.problems.push_back(
                    {"deletion", "nothing was deleted: the state is not kept"});
            }
        }
        mailbox_->log_out(deadline);
        report_.mailbox = mailbox_->observation();
        forget_refused_token(mailbox_login_, report_.mailbox->session.failure);
        if (!report_.mailbox->session.failure) {
            // Only who could look may say that something has not come.
            ledger().declare_lost(now_ms(), loop_.lost_after.count());
        }
    }

    void look_at_deliverability() {
        if (newest_) {
            report_.deliverability =
                gather_deliverability(loop_, newest_mail_, *newest_, context_.dns, step(kDnsShare));
        }
    }

    void render_into_state() {
        if (report_.submission) {
            report_.state.submission = render_submission_report(loop_, *report_.submission);
        }
        if (report_.deliverability) {
            report_.state.deliverability = render_deliverability_report(*report_.deliverability);
        }
    }

    const LoopDefinition &loop_;
    const SecretMap &secrets_;
    const RunContext &context_;
    const std::int64_t began_ms_ = context_.clock_ms();
    const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    Deadline deadline_;
    std::chrono::milliseconds time_ = deadline_.left();
    LoopReport report_;
    ResolvedLogin mailbox_login_;
    std::unique_ptr<Mailbox> mailbox_;
    std::size_t taken_ = 0;
    std::optional<Probe> awaited_;
    std::optional<Arrival> newest_;
    FoundMail newest_mail_;
};

}  // namespace

LoopReport run_loop(const LoopDefinition &loop, const SecretMap &secrets, const RunContext &context,
                    Deadline deadline) {
    return LoopRun(loop, secrets, context, deadline).run();
}

}  // namespace mail_relay::roundtrip
