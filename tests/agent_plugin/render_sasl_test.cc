#include "agent_plugin/render_sasl.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace mail_relay {
namespace {

constexpr std::int64_t kNow = 1795246145;

Instance instance() {
    return {"postfix", "/etc/postfix", true, true};
}

CredentialsMap built_map() {
    CredentialsMap map;
    map.table.table = parse_table_list("hash:/etc/postfix/sasl_passwd").value().front();
    map.table.supported = true;
    map.table.source = TableFile{.path = "/etc/postfix/sasl_passwd",
                                 .mode = 0600,
                                 .owner = "root",
                                 .modified = kNow - 500,
                                 .identity = {}};
    map.table.built = TableFile{.path = "/etc/postfix/sasl_passwd.db",
                                .mode = 0640,
                                .owner = "root",
                                .modified = kNow - 400,
                                .identity = {}};
    map.table.fresh = true;
    CredentialsEntry entry;
    entry.relayhost = "[smtp.example.org]:587";
    entry.found = true;
    entry.key = "smtp.example.org";
    entry.well_formed = true;
    map.entries.push_back(entry);
    return map;
}

TEST(RenderSasl, CarriesEveryFieldOfTheContract) {
    SaslFacts facts;
    facts.auth_enabled = true;
    facts.client_sasl_types = {"cyrus"};
    facts.sasl_type = "cyrus";
    PluginFolder folder;
    folder.path = "/usr/lib/sasl2";
    folder.plugins = {"libplain.so"};
    folder.mechanisms = {"PLAIN"};
    folder.unusable = {{"liblogin.so", "truncated", true}};
    facts.plugins.folders = {folder};
    facts.plugins.mechanisms = {{"PLAIN"}};
    facts.mechanism_filter = {"plain"};
    facts.security_options = {"noplaintext", "noanonymous"};
    facts.tls_security_options = {"noanonymous"};
    facts.usable_mechanisms = {{"PLAIN"}};
    facts.credentials.maps = {built_map()};
    EXPECT_EQ(
        boost::json::serialize(render_sasl(instance(), facts, {}, kNow)),
        R"({"instance":"postfix","time":1795246145,"auth_enabled":true,)"
        R"("client_sasl_types":["cyrus"],"sasl_type":"cyrus","plugin_folders":[)"
        R"({"path":"/usr/lib/sasl2","searched":true,"plugins":["libplain.so"],)"
        R"("mechanisms":["PLAIN"],"unusable":[{"file":"liblogin.so","why":"truncated"}]}],)"
        R"("installed_mechanisms":["PLAIN"],"mechanism_filter":["plain"],)"
        R"("security_options":["noplaintext","noanonymous"],)"
        R"("tls_security_options":["noanonymous"],"usable_mechanisms":["PLAIN"],)"
        R"("credentials_maps":[{"map":"hash:/etc/postfix/sasl_passwd","type":"hash",)"
        R"("supported":true,"source":{"path":"/etc/postfix/sasl_passwd","mode":"0600",)"
        R"("owner":"root","modified":1795245645},"built":{"path":"/etc/postfix/sasl_passwd.db",)"
        R"("mode":"0640","owner":"root","modified":1795245745},"fresh":true,"entries":[)"
        R"({"relayhost":"[smtp.example.org]:587","found":true,"key":"smtp.example.org",)"
        R"("well_formed":true}]}],"findings":[],"problems":[]})");
}

TEST(RenderSasl, WhatIsUnknownIsNull) {
    SaslFacts facts;
    CredentialsMap map = built_map();
    map.table.supported.reset();
    map.table.source.reset();
    map.table.built.reset();
    map.table.fresh.reset();
    map.entries = {CredentialsEntry()};
    map.entries[0].why = "it is not built";
    facts.credentials.maps = {map};
    facts.problems = {{"plugin_folders", "Permission denied"}};
    const auto section = render_sasl(instance(), facts, {}, kNow);
    for (const auto *unknown : {"auth_enabled", "installed_mechanisms", "usable_mechanisms"}) {
        EXPECT_TRUE(section.at(unknown).is_null()) << unknown;
    }
    EXPECT_EQ(boost::json::serialize(section.at("credentials_maps")),
              R"([{"map":"hash:/etc/postfix/sasl_passwd","type":"hash","supported":null,)"
              R"("source":null,"built":null,"fresh":null,"entries":[{"relayhost":"",)"
              R"("found":null,"key":null,"well_formed":null,"why":"it is not built"}]}])");
    EXPECT_EQ(boost::json::serialize(section.at("problems")),
              R"([{"what":"plugin_folders","error":"Permission denied"}])");
}

TEST(RenderSasl, EntriesWrittenInTheParameterAreHidden) {
    SaslFacts facts;
    CredentialsMap map;
    map.table.table = parse_table_list("inline:{[a]=user:hunter2}").value().front();
    facts.credentials.maps = {map};
    const auto text = boost::json::serialize(render_sasl(instance(), facts, {}, kNow));
    EXPECT_EQ(text.find("hunter2"), std::string::npos);
    EXPECT_NE(text.find("inline:{...}"), std::string::npos);
}

}  // namespace
}  // namespace mail_relay
