#include "agent_plugin/render_deliveries.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "agent_plugin/delivery_tally.h"
#include "agent_plugin/diagnose_deliveries.h"
#include "common/section.h"
#include "tests/agent_plugin/golden_file.h"

namespace mail_relay {
namespace {

constexpr std::int64_t kGoldenNow = 1795246145;  // 2026-11-21T07:29:05Z

/// The section's object for what a log of tests/agent_plugin/fixtures/maillog says.
class DeliverySection {
  public:
    DeliverySection(const std::string &name, const std::string &relayhost) {
        instance_.name = name;
        instance_.config_directory = "/etc/" + name;
        configuration_.parameters = {{"relayhost", relayhost}, {"syslog_name", name}};
        distribution_.family = DistributionFamily::kDebian;
        facts.source = {LogSource::Kind::kFile, "/var/log/mail.log"};
        facts.found_by = "search";
        facts.syslog_names = {name};
    }

    void read(const std::string &log) {
        std::ifstream file(FIXTURE_DIRECTORY "/maillog/" + log);
        ASSERT_TRUE(file) << log;
        const std::string lines(std::istreambuf_iterator<char>(file), {});
        LogScope scope;
        scope.syslog_names = facts.syslog_names;
        for (const Relayhost &relayhost : configuration_.relayhosts()) {
            scope.relayhosts.push_back(relayhost.host);
        }
        DeliveryTally tally(facts.record, scope, kGoldenNow);
        tally.take(lines);
        facts.lines = tally.lines();
        facts.record.counters_since = kGoldenNow - 86400;
    }

    boost::json::object render() const {
        const Findings findings = diagnose_deliveries(facts, QueueFacts(), configuration_,
                                                      instance_, distribution_, kGoldenNow);
        return render_deliveries(instance_.name, kGoldenNow, facts, findings);
    }

    DeliveryFacts facts;

  private:
    Instance instance_;
    Configuration configuration_;
    Distribution distribution_;
};

TEST(RenderDeliveries, IsTheContract) {
    DeliverySection healthy("postfix", "relay.example.org");
    healthy.read("healthy.log");
    DeliverySection no_credentials("postfix-out", "[smtp.provider.test]:587");
    no_credentials.read("credentials_missing.log");
    DeliverySection trouble("postfix-busy", "[smtp.provider.test]:587");
    trouble.read("trouble.log");
    trouble.facts.complete = false;
    trouble.facts.behind_bytes = 734003200;
    trouble.facts.skipped_bytes = 1073741824;
    trouble.facts.record.gaps = 1;
    trouble.facts.problems = {
        {"state",
         "cannot use /var/lib/check_mk_agent/mail_relay/deliveries-0123456789abcdef.json: it is "
         "damaged: incomplete JSON; set aside, counters begin anew"}};
    DeliverySection journal("postfix-new", "");
    journal.facts.source = {LogSource::Kind::kJournal, ""};
    journal.facts.record.counters_since = kGoldenNow;
    DeliverySection no_log("postfix-quiet", "");
    no_log.facts.source = {};
    std::vector<boost::json::object> objects;
    for (const DeliverySection *section :
         {&healthy, &no_credentials, &trouble, &journal, &no_log}) {
        objects.push_back(section->render());
    }
    expect_golden("deliveries.txt", render_section("mail_relay_deliveries", objects));
}

}  // namespace
}  // namespace mail_relay
