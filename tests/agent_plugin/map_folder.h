#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "agent_plugin/configuration.h"
#include "agent_plugin/instance.h"
#include "common/child_process.h"
#include "common/deadline.h"
#include "settled_file.h"

namespace mail_relay {

inline constexpr std::int64_t kNow = 1795246145;

/// A configuration directory of its own with lookup tables, for the postmap of this machine.
class MapFolder : public testing::Test {
  protected:
    MapFolder() {
        std::array<char, 32> name{"/tmp/map_folder_XXXXXX"};
        folder_ = ::mkdtemp(name.data());
        std::filesystem::create_directories(folder_ / "etc");
        std::filesystem::create_directories(folder_ / "state");
        write_settled(folder_ / "etc/main.cf", "compatibility_level=3.6\n");
        if (std::filesystem::exists("/etc/postfix/dynamicmaps.cf")) {
            std::filesystem::copy_file("/etc/postfix/dynamicmaps.cf",
                                       folder_ / "etc/dynamicmaps.cf");
        }
        instance_.name = "postfix";
        instance_.config_directory = folder_ / "etc";
        configuration_.map_types = {"btree",  "hash",   "inline",   "lmdb",    "pipemap",
                                    "regexp", "static", "texthash", "unionmap"};
        configuration_.parameters = {{"command_directory", "/usr/sbin"},
                                     {"default_database_type", "hash"},
                                     {"default_transport", "smtp"},
                                     {"mail_version", "3.7.11"},
                                     {"queue_directory", "/var/spool/postfix"},
                                     {"relayhost", "[smtp.example.org]:587"}};
    }
    ~MapFolder() override { std::filesystem::remove_all(folder_); }

    void SetUp() override {
        if (::access("/usr/sbin/postmap", X_OK) != 0) {
            GTEST_SKIP() << "postmap is not installed: nothing of Postfix itself is tested";
        }
    }

    std::string path(const std::string &name) const { return folder_ / "etc" / name; }
    std::string state_directory() const { return folder_ / "state"; }

    void write(const std::string &name, const std::string &content) const {
        write_settled(path(name), content);
        std::filesystem::permissions(path(name), std::filesystem::perms(0600));
    }

    /// Writes the source and builds it as `type`.
    void build(const std::string &type, const std::string &name, const std::string &content) const {
        write(name, content);
        const auto built = run_child(
            {"/usr/sbin/postmap", "-c", instance_.config_directory, type + ":" + path(name)},
            soon(), 65536);
        ASSERT_TRUE(built && built->exit_status == 0)
            << (built ? built->err : built.error().message());
    }

    /// A postmap of our own; `body` is shell.
    void replace_postmap(const std::string &body) {
        const auto program = folder_ / "bin/postmap";
        std::filesystem::create_directories(program.parent_path());
        std::ofstream(program) << "#!/bin/sh\n" << body << "\n";
        std::filesystem::permissions(program, std::filesystem::perms(0755));
        configuration_.parameters["command_directory"] = program.parent_path();
    }

    /// Everything kept below the state directory.
    std::string kept() const {
        std::string all;
        for (const auto &entry : std::filesystem::directory_iterator(folder_ / "state")) {
            std::ifstream file(entry.path());
            all += std::string(std::istreambuf_iterator<char>(file), {});
        }
        return all;
    }

    static Deadline soon() { return Deadline::in(std::chrono::seconds(10)); }

    std::filesystem::path folder_;
    Instance instance_;
    Configuration configuration_;
};

}  // namespace mail_relay
