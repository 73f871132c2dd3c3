#include "agent_plugin/render_common.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace mail_relay {
namespace {

TEST(RenderCommon, TheHeadNamesInstanceAndTime) {
    EXPECT_EQ(boost::json::serialize(render_head("postfix", 1795246145)),
              R"({"instance":"postfix","time":1795246145})");
}

TEST(RenderCommon, AFindingCarriesItsFixesInOrder) {
    const Findings findings{{"map_stale",
                             Area::kSasl,
                             Severity::kWarn,
                             "old",
                             "db older",
                             {"postmap /etc/postfix/a", "postfix reload"}}};
    EXPECT_EQ(boost::json::serialize(render_findings(findings)),
              R"([{"id":"map_stale","area":"sasl","severity":"warn","summary":"old",)"
              R"("evidence":"db older","fix":["postmap /etc/postfix/a","postfix reload"]}])");
    EXPECT_EQ(boost::json::serialize(render_findings({})), "[]");
}

TEST(RenderCommon, AProblemSaysWhatAndWhy) {
    EXPECT_EQ(boost::json::serialize(render_problems({{"running", "cannot open"}})),
              R"([{"what":"running","error":"cannot open"}])");
}

TEST(RenderCommon, UnknownIsNullAndNotZero) {
    EXPECT_TRUE(render_known(std::optional<std::int64_t>()).is_null());
    EXPECT_TRUE(render_known(std::optional<bool>()).is_null());
    EXPECT_TRUE(render_known(std::optional<std::string>()).is_null());
    EXPECT_EQ(render_known(std::optional<std::int64_t>(0)), boost::json::value(0));
    EXPECT_EQ(render_known(std::optional<bool>(false)), boost::json::value(false));
    EXPECT_EQ(render_known(std::optional<std::string>("")), boost::json::value(""));
}

}  // namespace
}  // namespace mail_relay
