#include "agent_plugin/relay_advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mail_relay {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> advice(const std::string &tables) {
    const Instance instance{"postfix", "/etc/postfix", true, true};
    Configuration configuration;
    configuration.parameters = {{"smtp_sasl_password_maps", tables}};
    const Repair repair(instance, configuration);
    return login_advice(repair, configuration, parse_os_release("ID=debian\n"), "[a.test]:587");
}

TEST(LoginAdvice, MakesAFirstTable) {
    EXPECT_THAT(advice(""),
                ElementsAre("apt install libsasl2-modules",
                            "touch /etc/postfix/sasl_passwd; chmod 600 /etc/postfix/sasl_passwd",
                            "editor /etc/postfix/sasl_passwd  # [a.test]:587 USER:PASSWORD",
                            "postmap hash:/etc/postfix/sasl_passwd",
                            "postconf -e smtp_sasl_password_maps=hash:/etc/postfix/sasl_passwd",
                            "postconf -e smtp_sasl_tls_security_options=noanonymous",
                            "postconf -e smtp_sasl_auth_enable=yes"));
}

TEST(LoginAdvice, TakesTheTableThatIsNamed) {
    const auto commands = advice("static:{a:b}, proxy:lmdb:/srv/logins");
    EXPECT_THAT(commands, Contains("editor /srv/logins  # [a.test]:587 USER:PASSWORD"));
    EXPECT_THAT(commands, Contains("postmap lmdb:/srv/logins"));
    EXPECT_THAT(commands, Not(Contains(HasSubstr("smtp_sasl_password_maps"))));
}

TEST(LoginAdvice, TakesTheTableInAUnionmap) {
    const auto commands = advice("unionmap:{static:{a:b}, hash:/srv/logins}");
    EXPECT_THAT(commands, Contains("editor /srv/logins  # [a.test]:587 USER:PASSWORD"));
    EXPECT_THAT(commands, Contains("postmap hash:/srv/logins"));
}

TEST(LoginAdvice, APlainFileIsNotBuilt) {
    const auto commands = advice("texthash:/srv/logins");
    EXPECT_THAT(commands, Contains(HasSubstr("editor /srv/logins")));
    EXPECT_THAT(commands, Not(Contains(HasSubstr("postmap"))));
}

TEST(LoginAdvice, WhatNobodyEditsHereIsOnlyNamed) {
    EXPECT_THAT(advice("ldap:/etc/postfix/ldap.cf, inline:{x=secret:word}"),
                Contains("# add user and password for [a.test]:587 to "
                         "ldap:/etc/postfix/ldap.cf, inline:{...}"));
}

}  // namespace
}  // namespace mail_relay
