#include "agent_plugin/render_service.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace mail_relay {
namespace {

TEST(RenderService, CarriesEveryFieldOfTheContract) {
    InstanceReading reading;
    reading.settings.is_resolved = true;
    reading.instance = {"postfix", "/etc/postfix", true, true};
    reading.settings.configuration.parameters = {
        {"queue_directory", "/var/spool/postfix"},
        {"data_directory", "/var/lib/postfix"},
        {"command_directory", "/usr/sbin"},
        {"daemon_directory", "/usr/lib/postfix/sbin"},
        {"mail_version", "3.7.11"},
        {"compatibility_level", "3.6"},
        {"multi_instance_directories", "/etc/postfix-out, /etc/postfix-in"}};
    ServiceFacts facts;
    facts.master.running = true;
    facts.master.pid = 4711;
    facts.master.started = 1795240000;
    facts.spool = SpoolSpace{1000, 500, 100, 50, 0, 10240000};
    facts.log = {LogSource::Kind::kFile, "/var/log/mail.log"};
    facts.distribution = parse_os_release("ID=debian\nVERSION_ID=12\nPRETTY_NAME=Debian\n");
    facts.role = Role::kSatellite;
    EXPECT_EQ(
        boost::json::serialize(render_service(reading, facts, {}, 1795246145)),
        R"({"instance":"postfix","time":1795246145,"agent_version":")" MAIL_RELAY_VERSION R"(",)"
        R"("default_instance":true,"enabled":true,"config_directory":"/etc/postfix",)"
        R"("queue_directory":"/var/spool/postfix","data_directory":"/var/lib/postfix",)"
        R"("command_directory":"/usr/sbin","daemon_directory":"/usr/lib/postfix/sbin",)"
        R"("version":"3.7.11","compatibility_level":"3.6","running":true,"pid":4711,)"
        R"("started":1795240000,"multi_instance":{"name":"","group":"","directories":)"
        R"(["/etc/postfix-out","/etc/postfix-in"]},"spool":{"total_bytes":1000,)"
        R"("free_bytes":500,"total_inodes":100,"free_inodes":50,"queue_minfree":0,)"
        R"("message_size_limit":10240000},"log":{"source":"file","path":"/var/log/mail.log"},)"
        R"("os":{"id":"debian","version_id":"12","pretty_name":"Debian"},"role":"satellite",)"
        R"("findings":[],"problems":[]})");
}

TEST(RenderService, WhatIsUnknownIsNullWithAllProblems) {
    InstanceReading reading;
    reading.instance.name = "postfix-out";
    reading.settings.problems = {{"parameters", "no postconf"}};  // the configuration's to tell
    reading.problems = {{"multi_instance", "no main.cf"}};
    ServiceFacts facts;
    facts.master.problems = {{"running", "not root"}};
    facts.problems = {{"spool", "no queue"}};
    const auto service = render_service(reading, facts, {}, 1795246145);
    for (const auto *unknown : {"running", "pid", "started", "spool", "version", "role",
                                "queue_directory", "compatibility_level"}) {
        EXPECT_TRUE(service.at(unknown).is_null()) << unknown;
    }
    EXPECT_EQ(boost::json::serialize(service.at("problems")),
              R"([{"what":"parameters","error":"Postfix's settings are not known, see the service )"
              R"(of its configuration"},{"what":"multi_instance","error":"no main.cf"},)"
              R"({"what":"running","error":"not root"},{"what":"spool","error":"no queue"}])");
    EXPECT_EQ(boost::json::serialize(service.at("log")), R"({"source":"none","path":null})");
}

}  // namespace
}  // namespace mail_relay
