// The least that can be done with a queue, to compare with: walk_queue names|status SPOOL
// Names every file of the deferred queue ("names"), or asks for the status of each one, too.

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "common/unique_fd.h"

namespace {

struct Totals {
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
};

void walk(const mail_relay::UniqueFd &folder, bool with_status, Totals &totals) {
    constexpr std::size_t kLengthAt = 16;
    constexpr std::size_t kTypeAt = 18;
    constexpr std::size_t kNameAt = 19;
    alignas(8) static thread_local std::array<std::array<char, 65536>, 4> buffers;
    static thread_local int depth = 0;
    auto &block = buffers[depth++];
    for (;;) {
        const auto got = ::syscall(SYS_getdents64, folder.get(), block.data(), block.size());
        if (got <= 0) {
            break;
        }
        for (long at = 0; at < got;) {
            const char *const entry = block.data() + at;
            std::uint16_t length = 0;
            std::memcpy(&length, entry + kLengthAt, sizeof length);
            at += length;
            const char *const name = entry + kNameAt;
            if (name[0] == '.') {
                continue;
            }
            if (entry[kTypeAt] == DT_DIR && depth < 4) {
                walk(mail_relay::UniqueFd(::openat(folder.get(), name, O_RDONLY | O_DIRECTORY)),
                     with_status, totals);
                continue;
            }
            ++totals.files;
            struct stat status {};
            if (with_status && ::fstatat(folder.get(), name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
                totals.bytes += static_cast<std::uint64_t>(status.st_size);
            }
        }
    }
    --depth;
}

}  // namespace

int main(int argc, char **argv) {
    const std::string_view mode = argc == 3 ? argv[1] : "";
    if (mode != "names" && mode != "status") {
        std::fputs("usage: walk_queue names|status SPOOL\n", stderr);
        return 2;
    }
    const std::string path = std::string(argv[2]) + "/deferred";
    const mail_relay::UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY));
    Totals totals;
    walk(folder, mode == "status", totals);
    std::printf("%llu files, %llu bytes\n", static_cast<unsigned long long>(totals.files),
                static_cast<unsigned long long>(totals.bytes));
    return 0;
}
