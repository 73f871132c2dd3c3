#include "agent_plugin/json_fields.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace mail_relay {
namespace {

const boost::json::object kObject =
    boost::json::parse(R"({"name": "a", "tls": {"version": "b", "chain": [1, 2]}, "none": null})")
        .as_object();

TEST(JsonFields, AreFoundByTheirPath) {
    EXPECT_EQ(text_at(kObject, "name"), "a");
    EXPECT_EQ(text_at(kObject, "tls.version"), "b");
    EXPECT_EQ(rows_at(kObject, "tls.chain").size(), 2U);
    ASSERT_NE(find_at(kObject, "none"), nullptr);
    EXPECT_TRUE(find_at(kObject, "none")->is_null());
}

TEST(JsonFields, AreEmptyWhereTheFormIsAnother) {
    EXPECT_EQ(find_at(kObject, "other"), nullptr);
    EXPECT_EQ(find_at(kObject, "name.version"), nullptr);
    EXPECT_EQ(text_at(kObject, "tls"), "");
    EXPECT_EQ(text_at(kObject, "none.version"), "");
    EXPECT_TRUE(rows_at(kObject, "tls.version").empty());
}

}  // namespace
}  // namespace mail_relay
