// One look at a queue, as mk_mail_relay does it: queue_look SPOOL [STATE_DIRECTORY]

#include <boost/json.hpp>
#include <cstdio>
#include <ctime>
#include <string>

#include "agent_plugin/diagnose_queue.h"
#include "agent_plugin/gather_queue.h"
#include "agent_plugin/render_queue.h"
#include "common/json_text.h"

int main(int argc, char **argv) {
    using namespace mail_relay;
    if (argc < 2) {
        std::fputs("usage: queue_look SPOOL [STATE_DIRECTORY]\n", stderr);
        return 2;
    }
    Configuration configuration;
    configuration.parameters["queue_directory"] = argv[1];
    configuration.parameters["relayhost"] = "[relay.example.org]:587";
    const std::string state = argc > 2 ? argv[2] : "";
    const std::int64_t now = std::time(nullptr);
    const QueueFacts facts = gather_queue(FileTree(), configuration, {}, state, "bench", now);
    const Findings findings = diagnose_queue(facts, configuration, Instance{}, now);
    std::puts(json_line(render_queue("bench", now, facts, findings)).c_str());
    return 0;
}
