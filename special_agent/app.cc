#include "special_agent/app.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <ostream>
#include <set>
#include <thread>
#include <utility>

#include "common/version_text.h"
#include "special_agent/explain.h"
#include "special_agent/options.h"
#include "special_agent/render_sections.h"

namespace mail_relay::roundtrip {

namespace {

// Checkmk ends a special agent after 60 s by default; the rest is for its start and our output.
constexpr std::chrono::seconds kRunTime{42};
constexpr std::chrono::milliseconds kGrace{1500};
constexpr std::size_t kMostLoops = 50;
constexpr int kUsageError = 2;

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// Reads the definitions; what is wrong with one stays with that one.
std::vector<LoopResult> define_loops(const Options &options, const SecretMap &secrets) {
    std::vector<LoopResult> results;
    std::set<std::string> names;
    for (const std::string &text : options.loops) {
        const int position = static_cast<int>(results.size()) + 1;
        auto loop = parse_loop(text, position);
        LoopResult result;
        if (!loop) {
            result.outcome = loop.error();
            results.push_back(std::move(result));
            continue;
        }
        result.definition = *loop;
        std::string error = missing_secret(*loop, secrets);
        if (!names.insert(loop->name).second) {
            error = fmt::format("name: {} names another loop already", loop->name);
        }
        if (results.size() >= kMostLoops) {
            error = fmt::format("this is loop {}; one host can have {}", position, kMostLoops);
        }
        if (!error.empty()) {
            result.outcome = DefinitionError{loop->name, loop->kind, error};
        }
        results.push_back(std::move(result));
    }
    return results;
}

Result<RunContext> make_context(const Options &options, const Environment &environment) {
    auto storage = options.state_directory.empty() ? storage_directory(environment)
                                                   : Result<std::string>(options.state_directory);
    if (!storage) {
        return storage.error();
    }
    auto key = site_key(*storage);
    if (!key) {
        return key.error();
    }
    auto directory = make_host_directory(*storage, options.host);
    if (!directory) {
        return directory.error();
    }
    RunContext context;
    context.host = options.host;
    context.state_directory = *directory;
    context.key = *key;
    context.ca_file = options.ca_file;
    if (!options.dns_server.empty()) {
        context.dns.servers.push_back(options.dns_server);
    }
    context.clock_ms = &now_ms;
    return context;
}

LoopReport run_guarded(const LoopDefinition &loop, const SecretMap &secrets,
                       const RunContext &context, Deadline deadline) {
    try {
        return run_loop(loop, secrets, context, deadline);
    } catch (const std::exception &error) {
        LoopReport report;
        report.problems.push_back({"run", fmt::format("the run ended early: {}", error.what())});
        return report;
    }
}

/// What the threads of the loops use. A loop that hangs keeps it alive beyond the run.
struct SharedRun {
    SecretMap secrets;
    RunContext context;
    std::mutex mutex;
    std::condition_variable finished;
    std::vector<std::optional<LoopReport>> reports;  // by loop; guarded like `running`
    std::size_t running = 0;
};

void start_loop(const std::shared_ptr<SharedRun> &shared, std::size_t place, LoopDefinition loop,
                Deadline deadline) {
    std::thread([shared, place, loop = std::move(loop), deadline] {
        LoopReport report = run_guarded(loop, shared->secrets, shared->context, deadline);
        const std::lock_guard lock(shared->mutex);
        shared->reports[place] = std::move(report);
        --shared->running;
        shared->finished.notify_all();
    }).detach();
}

/// All loops at once: the run takes as long as the slowest of them. One that does not keep its
/// deadline is given up, so that the others' sections still come out.
void run_loops(std::vector<LoopResult> &results, SecretMap secrets, RunContext context,
               Deadline deadline) {
    const auto shared = std::make_shared<SharedRun>();
    shared->secrets = std::move(secrets);
    shared->context = std::move(context);
    shared->reports.resize(results.size());
    std::unique_lock lock(shared->mutex);
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (std::holds_alternative<LoopReport>(results[i].outcome)) {
            ++shared->running;
            start_loop(shared, i, results[i].definition, deadline);
        }
    }
    shared->finished.wait_for(lock, deadline.left() + kGrace, [&] { return shared->running == 0; });
    for (std::size_t i = 0; i < results.size(); ++i) {
        auto *report = std::get_if<LoopReport>(&results[i].outcome);
        if (report != nullptr && shared->reports[i]) {
            *report = std::move(*shared->reports[i]);
        } else if (report != nullptr) {
            report->state_problem = "the run did not end in time and was given up";
        }
    }
}

/// Without a place for state nothing can run, but every loop can say so.
void refuse_all(std::vector<LoopResult> &results, const std::string &why) {
    for (LoopResult &result : results) {
        if (auto *report = std::get_if<LoopReport>(&result.outcome)) {
            report->state_problem = why;
        }
    }
}

}  // namespace

int run(const std::vector<std::string> &arguments, const Environment &environment,
        std::ostream &out, std::ostream &err) {
    const Deadline deadline = Deadline::in(kRunTime);
    const auto options = parse_options(arguments);
    if (!options) {
        err << "agent_mail_roundtrip: " << options.error().message() << "\n";
        return kUsageError;
    }
    if (options->help) {
        out << help_text();
        return 0;
    }
    if (options->version) {
        out << version_text("agent_mail_roundtrip", MAIL_RELAY_LINKED);
        return 0;
    }
    if (options->loops.empty()) {
        err << "agent_mail_roundtrip: no loop was given; see --help\n";
        return kUsageError;
    }
    forbid_core_dumps();
    prepare_network();
    const SecretMap secrets = read_secrets(options->secrets, environment);
    std::vector<LoopResult> results = define_loops(*options, secrets);
    if (const auto context = make_context(*options, environment); context) {
        run_loops(results, secrets, *context, deadline);
    } else {
        refuse_all(results, context.error().message());
    }
    out << (options->explain ? explain(results) : render_sections(results, now_ms() / 1000));
    out.flush();
    return 0;
}

}  // namespace mail_relay::roundtrip
