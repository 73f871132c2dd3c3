#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace mail_relay {

/// Expects `output` to be tests/golden/NAME, which the Python side's tests read, too. With
/// UPDATE_GOLDEN=1 in the environment the file is written instead.
inline void expect_golden(const std::string &name, const std::string &output) {
    const std::string path = FIXTURE_DIRECTORY "/../../golden/" + name;
    if (std::getenv("UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path) << output;
    }
    std::ifstream file(path);
    ASSERT_TRUE(file) << path;
    const std::string expected(std::istreambuf_iterator<char>(file), {});
    const auto made =
        std::mismatch(output.begin(), output.end(), expected.begin(), expected.end()).first;
    const auto begin =
        static_cast<std::size_t>(std::max<std::ptrdiff_t>(made - output.begin() - 80, 0));
    EXPECT_TRUE(output == expected) << "first difference behind " << output.substr(begin, 160)
                                    << "\nUPDATE_GOLDEN=1 rewrites " << path;
}

}  // namespace mail_relay
