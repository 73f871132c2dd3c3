#include "common/section.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>

namespace mail_relay {
namespace {

TEST(Section, IsAHeaderAndALineForEachObject) {
    EXPECT_EQ(render_section("mail_relay_queue", {{{"instance", "a"}}, {{"instance", "b"}}}),
              "<<<mail_relay_queue:sep(0)>>>\n"
              "{\"instance\":\"a\"}\n"
              "{\"instance\":\"b\"}\n");
}

TEST(Section, WithoutObjectsThereIsNoHeader) {
    EXPECT_EQ(render_section("mail_relay_queue", {}), "");
}

TEST(Section, NoTextCanForgeAHeader) {
    EXPECT_EQ(render_section("s", {{{"text", "\n<<<local>>>\n0 forged - ok"}}}),
              "<<<s:sep(0)>>>\n"
              "{\"text\":\"\\n<<<local>>>\\n0 forged - ok\"}\n");
}

}  // namespace
}  // namespace mail_relay
