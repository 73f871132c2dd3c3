// Fills the queue of a (stopped) Postfix instance with copies of one real deferred message.
//
//   make_queue SPOOL MESSAGE DEFER_LOG COUNT
//
// Each copy has what Postfix expects: a queue ID made of its arrival's microseconds and its own
// inode, the hashed folder, Postfix's owner, mode 0700 and the next attempt as modification time.
// Where the originals say "s0000" and "d0000" (sender, recipient's domain), copies differ.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

constexpr unsigned kDomains = 50;
constexpr unsigned kSenders = 20;
constexpr std::int64_t kOldestAge = 86400;
constexpr std::int64_t kLongestBackoff = 4000;

void require(bool fine, std::string_view what) {
    if (!fine) {
        throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno)));
    }
}

std::string read_file(const char *path) {
    std::ifstream file(path, std::ios::binary);
    require(file.good(), path);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string &path, std::string_view content, const struct stat &owner,
                mode_t mode, std::int64_t modified) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    require(fd >= 0, path);
    require(::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()),
            path);
    require(::fchown(fd, owner.st_uid, owner.st_gid) == 0, path);
    require(::fchmod(fd, mode) == 0, path);
    const std::array<timespec, 2> times{timespec{modified, 0}, timespec{modified, 0}};
    require(::futimens(fd, times.data()) == 0, path);
    require(::close(fd) == 0, path);
}

void replace_each(std::string &text, std::string_view old_word, std::string_view new_word) {
    for (auto at = text.find(old_word); at != std::string::npos; at = text.find(old_word, at)) {
        text.replace(at, old_word.size(), new_word);
        at += new_word.size();
    }
}

class QueueMaker {
  public:
    QueueMaker(std::string spool, std::string message, std::string log)
        : spool_(std::move(spool)), message_(std::move(message)), log_(std::move(log)) {
        require(::stat((spool_ + "/deferred").c_str(), &owner_) == 0, spool_);
        arrival_at_ = message_.find("T\x11");
        if (arrival_at_ == std::string::npos) {
            throw std::runtime_error("the message has no arrival time of 10 and 6 digits");
        }
    }

    void add(unsigned number, unsigned count, std::int64_t now) {
        const std::int64_t age = kOldestAge - kOldestAge * number / count;
        const unsigned microseconds = (number * 7919U + 104729U) % 1000000U;
        std::string message = message_;
        message.replace(arrival_at_ + 2, 17, fmt::format("{:010} {:06}", now - age, microseconds));
        const std::string sender = fmt::format("s{:04}", number % kSenders);
        const std::string domain = fmt::format("d{:04}", number % kDomains);
        replace_each(message, "s0000", sender);
        replace_each(message, "d0000", domain);
        std::string log = log_;
        replace_each(log, "d0000", domain);

        const std::string fresh = spool_ + "/deferred/new." + std::to_string(number);
        const std::int64_t wait = 300 + number % (kLongestBackoff - 300);
        write_file(fresh, message, owner_, 0700, now + wait);
        struct stat status {};
        require(::stat(fresh.c_str(), &status) == 0, fresh);
        const std::string id = fmt::format("{:05X}{:X}", microseconds, status.st_ino);
        const std::string path = folder("deferred", id[0]) + id;
        require(::rename(fresh.c_str(), path.c_str()) == 0, path);
        write_file(folder("defer", id[0]) + id, log, owner_, 0600, now + wait - 300);
    }

  private:
    std::string folder(std::string_view queue, char initial) {
        std::string path = fmt::format("{}/{}/{}/", spool_, queue, initial);
        if (folders_.insert(path).second && ::mkdir(path.c_str(), 0700) == 0) {
            require(::chown(path.c_str(), owner_.st_uid, owner_.st_gid) == 0, path);
        }
        return path;
    }

    std::string spool_;
    std::string message_;
    std::string log_;
    std::size_t arrival_at_ = 0;
    struct stat owner_ {};
    std::set<std::string> folders_;
};

}  // namespace

int main(int argc, char **argv) try {
    if (argc != 5) {
        std::fputs("usage: make_queue SPOOL MESSAGE DEFER_LOG COUNT\n", stderr);
        return 2;
    }
    const auto count = static_cast<unsigned>(std::stoul(argv[4]));
    const std::int64_t now = std::time(nullptr);
    QueueMaker maker(argv[1], read_file(argv[2]), read_file(argv[3]));
    for (unsigned number = 0; number < count; ++number) {
        maker.add(number, count, now);
    }
    return 0;
} catch (const std::exception &error) {
    std::fprintf(stderr, "make_queue: %s\n", error.what());
    return 1;
}
