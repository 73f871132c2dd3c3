#include "agent_plugin/known_parameters.h"

#include <gtest/gtest.h>

namespace mail_relay {
namespace {

TEST(KnownParameters, AreThoseOfTheListAndNoOther) {
    EXPECT_TRUE(is_known_parameter("relayhost"));
    EXPECT_TRUE(is_known_parameter("smtp_tls_CAfile"));
    EXPECT_FALSE(is_known_parameter("db_password"));
    EXPECT_FALSE(is_known_parameter("relayhost2"));
    EXPECT_FALSE(is_known_parameter(""));
}

}  // namespace
}  // namespace mail_relay
