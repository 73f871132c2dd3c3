#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace mail_relay {

/// A queue directory of its own for a test, with messages as Postfix would write them.
class QueueTree {
  public:
    QueueTree() {
        std::array<char, 32> name{"/tmp/queue_tree_XXXXXX"};
        root_ = ::mkdtemp(name.data());
        for (const char *queue :
             {"maildrop", "incoming", "active", "deferred", "hold", "corrupt", "defer"}) {
            std::filesystem::create_directories(spool() / queue);
        }
    }
    ~QueueTree() { std::filesystem::remove_all(root_); }
    QueueTree(const QueueTree &) = delete;
    QueueTree &operator=(const QueueTree &) = delete;

    std::filesystem::path spool() const { return root_ / "spool"; }
    std::string state() const { return root_ / "state"; }

    struct Message {
        std::int64_t arrival = 1000;
        std::string sender = "monitoring@example.org";
        std::string recipient = "admin@example.org";
        std::int64_t content_bytes = 500;
        mode_t mode = 0700;
        std::int64_t modified = 0;  ///< next attempt; 0 for arrival
    };

    static std::string record(char type, const std::string &text) {
        return std::string(1, type) + static_cast<char>(text.size()) + text;
    }

    static std::string content_of(const Message &message) {
        return record('C',
                      fmt::format("{:>15} {:>15} {:>15} {:>15} {:>15} {:>15}",
                                  message.content_bytes, 300, 1, 0, message.content_bytes, 0)) +
               record('T', fmt::format("{} 000001", message.arrival)) +
               record('S', message.sender) + record('R', message.recipient) + record('M', "") +
               record('X', "") + record('E', "");
    }

    /// `path` below the queue directory: "deferred/A/ABCDE1".
    void write(const std::string &path, const std::string &content, mode_t mode,
               std::int64_t modified) const {
        const auto file = spool() / path;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << content;
        ::chmod(file.c_str(), mode);
        const std::array<timespec, 2> times{timespec{modified, 0}, timespec{modified, 0}};
        ::utimensat(AT_FDCWD, file.c_str(), times.data(), 0);
    }

    void add(const std::string &path, const Message &message) const {
        write(path, content_of(message), message.mode,
              message.modified == 0 ? message.arrival : message.modified);
    }

    void add_log(const std::string &path, const std::string &reason, std::int64_t modified,
                 const std::string &status = "4.4.1") const {
        write(path,
              fmt::format("\n<admin@example.org>: {0}\nrecipient=admin@example.org\nstatus={1}\n"
                          "action=delayed\nreason={0}\n\n",
                          reason, status),
              0600, modified);
    }

  private:
    std::filesystem::path root_;
};

}  // namespace mail_relay
