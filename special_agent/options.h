#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/result.h"
#include "special_agent/loop_secrets.h"

namespace mail_relay::roundtrip {

/// The command line of agent_mail_roundtrip.
struct Options {
    bool help = false;
    bool version = false;
    bool explain = false;
    std::string host = "localhost";
    std::vector<std::string> loops;               ///< JSON texts, in order
    std::map<std::string, SecretSource> secrets;  ///< by slot
    std::string ca_file;
    std::string dns_server;
    std::string state_directory;
};

/// Fails on what no definition of a loop is to blame for: unknown options, missing values.
Result<Options> parse_options(const std::vector<std::string> &arguments);

std::string help_text();

}  // namespace mail_relay::roundtrip
