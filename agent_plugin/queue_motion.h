#pragma once

#include <ctime>

#include "agent_plugin/queue_walk.h"

namespace mail_relay {

/// Whether messages moved while the queue was looked at. A look is surely complete only if none
/// did. Folders tell by their modification time, which every file that comes or goes renews.
class QueueMotion {
  public:
    /// Begins now. `queue_directory_fd` stays the caller's.
    explicit QueueMotion(int queue_directory_fd);

    /// Only what moves from now on counts.
    void begin_again();

    /// True also when that cannot be told, as for a folder that is gone.
    bool may_concern(const QueueNames &names) const;

  private:
    int fd_;
    timespec began_;
};

}  // namespace mail_relay
