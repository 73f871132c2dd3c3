#pragma once

namespace mail_relay {

/// To be called once, before any thread is started: sets up libcurl and OpenSSL without their
/// configuration files, makes broken connections errors instead of signals, and has libcurl
/// overwrite the memory that it gives back.
void prepare_network();

}  // namespace mail_relay
