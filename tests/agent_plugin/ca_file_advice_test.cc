#include "agent_plugin/ca_file_advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mail_relay {
namespace {

using testing::ElementsAre;

std::vector<std::string> advice(const char *os_release, bool lacks_ca_file) {
    const Instance instance{"postfix", "/etc/postfix", true, true};
    const Configuration configuration;
    Distribution distribution = parse_os_release(os_release);
    distribution.lacks_ca_file = lacks_ca_file;
    return ca_file_advice({instance, configuration}, distribution);
}

TEST(CaFileAdvice, NamesTheBundle) {
    EXPECT_THAT(advice("ID=debian\n", false),
                ElementsAre("postconf -e smtp_tls_CAfile=/etc/ssl/certs/ca-certificates.crt"));
}

TEST(CaFileAdvice, MakesABundleThatIsNotThereFirst) {
    EXPECT_THAT(advice("ID=debian\n", true),
                ElementsAre("apt install ca-certificates", "update-ca-certificates --fresh",
                            "postconf -e smtp_tls_CAfile=/etc/ssl/certs/ca-certificates.crt"));
    EXPECT_THAT(advice("ID=rocky\nVERSION_ID=9\n", true),
                ElementsAre("dnf install ca-certificates", "update-ca-trust extract",
                            "postconf -e smtp_tls_CAfile=/etc/pki/tls/certs/ca-bundle.crt"));
}

}  // namespace
}  // namespace mail_relay
