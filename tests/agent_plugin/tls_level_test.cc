#include "agent_plugin/tls_level.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

namespace mail_relay {
namespace {

TEST(TlsLevelTest, NamesInAnyCase) {
    EXPECT_EQ(parse_tls_level("Encrypt"), TlsLevel::kEncrypt);
    EXPECT_EQ(parse_tls_level("dane-only"), TlsLevel::kDaneOnly);
    EXPECT_EQ(tls_level_name(TlsLevel::kSecure), "secure");
    for (const auto *bad : {"", "encypt", "yes", "may ", "encrypted"}) {
        EXPECT_EQ(parse_tls_level(bad), std::nullopt) << bad;
    }
}

TEST(TlsLevelTest, TheEffectiveLevelHasManyOrigins) {
    using Parameters = std::map<std::string, std::string, std::less<>>;
    struct Case {
        const char *name;
        Parameters parameters;
        std::optional<TlsLevel> level;
        const char *origin;
    };
    for (const auto &[name, parameters, level, origin] : {
             Case{"nothing", {}, TlsLevel::kNone, "default"},
             Case{"set",
                  {{"smtp_tls_security_level", "verify"}},
                  TlsLevel::kVerify,
                  "smtp_tls_security_level"},
             Case{"misspelt",
                  {{"smtp_tls_security_level", "encypt"}},
                  std::nullopt,
                  "smtp_tls_security_level"},
             Case{"use_tls", {{"smtp_use_tls", "yes"}}, TlsLevel::kMay, "smtp_use_tls"},
             Case{"enforce_tls",
                  {{"smtp_enforce_tls", "yes"}, {"smtp_use_tls", "yes"}},
                  TlsLevel::kVerify,
                  "smtp_enforce_tls"},
             Case{"enforce without name",
                  {{"smtp_enforce_tls", "yes"}, {"smtp_tls_enforce_peername", "no"}},
                  TlsLevel::kEncrypt,
                  "smtp_enforce_tls"},
             Case{"the level wins",
                  {{"smtp_tls_security_level", "may"}, {"smtp_enforce_tls", "yes"}},
                  TlsLevel::kMay,
                  "smtp_tls_security_level"},
             Case{"3.11",
                  {{"mail_version", "3.11.0"}, {"compatibility_level", "3.11"}},
                  TlsLevel::kMay,
                  "default"},
             Case{"3.11 as 3.10",
                  {{"mail_version", "3.11.0"}, {"compatibility_level", "3.10"}},
                  TlsLevel::kNone,
                  "default"},
         }) {
        Configuration configuration;
        configuration.parameters = parameters;
        for (const auto &[parameter, value] : parameters) {
            configuration.set_in_main_cf.push_back(parameter);
        }
        const auto found = configured_tls_level(configuration);
        EXPECT_EQ(found.effective, level) << name;
        EXPECT_EQ(found.origin, origin) << name;
    }
}

}  // namespace
}  // namespace mail_relay
