#pragma once

namespace mail_relay {

/// Opens descriptors 0 to 2 on /dev/null where they are closed: the next file opened would become
/// one of them.
void open_standard_streams();

}  // namespace mail_relay
