#include "common/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

namespace mail_relay {

void open_standard_streams() {
    int fd = 0;
    do {
        fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
        // Those that were closed have to be open in a child process, too.
        if (fd >= 0 && fd <= STDERR_FILENO) {
            ::fcntl(fd, F_SETFD, 0);
        }
    } while (fd >= 0 && fd <= STDERR_FILENO);
    ::close(fd);
}

}  // namespace mail_relay
