#include "common/token_refusal.h"

#include <gtest/gtest.h>

namespace mail_relay {
namespace {

TEST(TokenRefusal, IsTheJsonInAQuestion) {
    EXPECT_EQ(token_refusal("eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0="),
              R"({"status":"invalid_token"})");
    EXPECT_EQ(token_refusal("eyJzdGF0dXMiOiI0MDAifQ==\r\n"), R"({"status":"400"})");
}

TEST(TokenRefusal, IsEmptyForOtherQuestions) {
    for (const std::string &question :
         {std::string(), std::string("VXNlcm5hbWU6"), std::string("eyJzdGF0dXMi"),
          std::string("e30"), std::string("{}=="), std::string("\0\0\0\0", 4),
          std::string(4096, 'e')}) {
        EXPECT_EQ(token_refusal(question), "") << question;
    }
}

}  // namespace
}  // namespace mail_relay
