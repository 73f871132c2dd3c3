#pragma once

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

namespace mail_relay {

/// Makes a file look some seconds old: each program of Postfix waits until main.cf, or a table that
/// it reads as text, has been left alone for two seconds. Source: src/util/dict.c,
/// dict_load_file_xt().
inline void settle(const std::filesystem::path &file) {
    std::filesystem::last_write_time(
        file, std::filesystem::file_time_type::clock::now() - std::chrono::seconds(10));
}

/// Writes a file for a test that does not want to wait for Postfix.
inline void write_settled(const std::filesystem::path &file, const std::string &content) {
    std::ofstream(file) << content;
    settle(file);
}

}  // namespace mail_relay
