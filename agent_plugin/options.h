#pragma once

#include <string>
#include <vector>

#include "common/result.h"

namespace mail_relay {

/// The command line of mk_mail_relay.
struct Options {
    bool help = false;
    bool version = false;
    bool doctor = false;                 ///< a report for a person instead of sections
    bool json = false;                   ///< the doctor's report as JSON
    std::string config_file;             ///< empty: $MK_CONFDIR/mail_relay.cfg
    std::vector<std::string> instances;  ///< configuration directories; empty: all enabled ones
    std::string root = "/";              ///< another one: a mounted tree is examined
    std::string section;                 ///< empty: all
};

/// Fails on unknown options, missing values, and directories that are no absolute paths.
Result<Options> parse_options(const std::vector<std::string> &arguments);

std::string help_text();

}  // namespace mail_relay
