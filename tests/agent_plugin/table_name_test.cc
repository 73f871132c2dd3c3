#include "agent_plugin/table_name.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace mail_relay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> names(std::string_view value) {
    std::vector<std::string> all;
    for (const auto &table : parse_table_list(value).value()) {
        all.push_back(printable(table));
    }
    return all;
}

TEST(TableName, BlanksAndCommasSeparateTables) {
    EXPECT_THAT(names(" hash:/etc/a,lmdb:/b\tproxy:hash:/c,, \n ldap:d"),
                ElementsAre("hash:/etc/a", "lmdb:/b", "proxy:hash:/c", "ldap:d"));
    EXPECT_THAT(names(" , "), IsEmpty());
}

TEST(TableName, TypeAndNameAreSplitAtTheFirstColon) {
    const auto tables = parse_table_list("socketmap:inet:127.0.0.1:99:name").value();
    ASSERT_EQ(tables.size(), 1);
    EXPECT_EQ(tables[0].type, "socketmap");
    EXPECT_EQ(tables[0].name, "inet:127.0.0.1:99:name");
    EXPECT_FALSE(tables[0].proxied);
}

TEST(TableName, AProxyIsTakenOffTheTableBehindIt) {
    const auto table = parse_table_list("proxy:btree:/x").value().at(0);
    EXPECT_EQ(table.type, "btree");
    EXPECT_EQ(table.name, "/x");
    EXPECT_TRUE(table.proxied);
    EXPECT_EQ(unproxied(table), "btree:/x");
}

TEST(TableName, ANameWithoutTypeHasAnEmptyType) {
    for (const auto *value : {"/etc/postfix/sasl_passwd", "sasl_passwd", "/etc/a:b"}) {
        const auto table = parse_table_list(value).value().at(0);
        EXPECT_EQ(table.type, "") << value;
        EXPECT_EQ(table.name, value);
        EXPECT_EQ(printable(table), value);
    }
}

TEST(TableName, BracesProtectSeparatorsAndNest) {
    const auto tables =
        parse_table_list("unionmap:{hash:/a, pipemap:{hash:/b, inline:{ {k = v w} }}} hash:/z")
            .value();
    ASSERT_EQ(tables.size(), 2);
    ASSERT_EQ(tables[0].parts.size(), 2);
    EXPECT_EQ(tables[0].parts[0].name, "/a");
    ASSERT_EQ(tables[0].parts[1].parts.size(), 2);
    EXPECT_EQ(tables[0].parts[1].parts[1].type, "inline");
}

TEST(TableName, EntriesAreNeverPrinted) {
    for (const auto *value :
         {"inline:{[h]:587=u:secret}", "inline:{ {[h]:587 = u:secret} }", "static:u:secret",
          "static:{u:secret}", "randmap:{u:secret, v:secret}", "unionmap:{hash:/a static:u:secret}",
          "proxy:inline:{h=u:secret}", "pcre:{{/./ u:secret}}", "{u:secret}",
          "pipemap:{hash:/a, unionmap:{inline:{a=secret}}}"}) {
        const auto table = parse_table_list(value).value().at(0);
        EXPECT_TRUE(holds_entries(table)) << value;
        EXPECT_THAT(printable(table), Not(HasSubstr("secret"))) << value;
    }
    EXPECT_FALSE(holds_entries(parse_table_list("unionmap:{hash:/a, lmdb:/b}").value().at(0)));
    EXPECT_EQ(names("proxy:unionmap:{hash:/a inline:{a=b}}").at(0),
              "proxy:unionmap:{hash:/a, inline:{...}}");
}

TEST(TableName, AWholeValueCanBeShown) {
    EXPECT_EQ(printable_tables("hash:/a inline:{h=u:secret},static:u:secret"),
              "hash:/a, inline:{...}, static:{...}");
    EXPECT_EQ(printable_tables("inline:{h=u:secret"), "(malformed)");
    EXPECT_EQ(printable_tables(""), "");
}

TEST(TableName, MalformedValuesAreErrorsThatDoNotRepeatThem) {
    std::string deep = "hash:/secret";
    for (int i = 0; i < 9; ++i) {
        deep = fmt::format("unionmap:{{{}}}", deep);
    }
    for (const std::string &value :
         {std::string("inline:{a=secret"), std::string("hash:/a}"), std::string("unionmap:secret"),
          std::string("pipemap:{{secret}"), deep}) {
        const auto tables = parse_table_list(value);
        ASSERT_FALSE(tables) << value;
        EXPECT_THAT(tables.error().message(), Not(HasSubstr("secret")));
    }
    std::string many;
    for (int i = 0; i < 300; ++i) {
        many += "hash:/a ";
    }
    EXPECT_FALSE(parse_table_list(many));
}

TEST(TableName, AProxyOfNothingIsHarmless) {
    EXPECT_EQ(parse_table_list("proxy:").value().at(0).type, "");
    EXPECT_EQ(parse_table_list("proxy:proxy:hash:/a").value().at(0).type, "hash");
}

std::optional<std::string> entry(std::string_view table, std::string_view key) {
    return look_up_entry(parse_table_list(table).value().at(0), key).value();
}

TEST(TableName, LooksUpEntriesAsPostfixDoes) {
    EXPECT_EQ(entry("inline:{[h]:587=u:p, b=c}", "[H]:587"), "u:p");
    EXPECT_EQ(entry("inline:{ { [h]:587 = u:p q } b=c }", "[h]:587"), "u:p q");
    EXPECT_EQ(entry("inline:{a=b}", "[h]:587"), std::nullopt);
    EXPECT_EQ(entry("static:u:p", "anything"), "u:p");
    EXPECT_EQ(entry("static:{ u:p }", "anything"), "u:p");
}

TEST(TableName, EntriesThatPostfixRejectsAreErrors) {
    for (const auto *value :
         {"inline:a=secret", "inline:{secret}", "inline:", "inline:{a=b secret}"}) {
        const auto answer = look_up_entry(parse_table_list(value).value().at(0), "h");
        ASSERT_FALSE(answer) << value;
        EXPECT_THAT(answer.error().message(), Not(HasSubstr("secret")));
    }
    EXPECT_FALSE(look_up_entry(parse_table_list("hash:/a").value().at(0), "h"));
}

}  // namespace
}  // namespace mail_relay
