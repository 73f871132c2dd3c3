#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent_plugin/configuration.h"
#include "agent_plugin/elf_library.h"
#include "common/file_tree.h"
#include "common/problem.h"

namespace mail_relay {

/// A file that does not count as a plug-in.
struct UnusablePlugin {
    std::string file;
    std::string why;
    bool crashes = false;  ///< whoever loads it dies of it: the loader maps what the file lacks
};

/// A folder in which Cyrus SASL looks for plug-ins.
struct PluginFolder {
    std::string path;
    bool searched = true;  ///< false: named in the configuration, but not looked at by Postfix
    std::vector<std::string> plugins;     ///< usable files: "libplain.so"
    std::vector<std::string> mechanisms;  ///< sorted
    std::vector<UnusablePlugin> unusable;
    std::vector<std::string> unknown;  ///< usable files whose mechanisms we do not know
};

struct SaslPlugins {
    std::optional<ElfMachine> machine;  ///< of Postfix's smtp program
    std::vector<PluginFolder> folders;
    /// Mechanisms of the searched folders, sorted; nullopt when one could not be read.
    std::optional<std::vector<std::string>> mechanisms;
    Problems problems;
};

/// Which mechanisms Postfix's smtp client finds. The right architecture is that of its program, not
/// ours. Source: Cyrus SASL lib/dlopen.c; folders of Debian, Red Hat, SUSE, Arch, Alpine.
SaslPlugins gather_sasl_plugins(const FileTree &files, const Configuration &configuration);

/// SASL_PATH of import_environment, which replaces the built-in folders: its value; "" when only
/// its name is there and the value comes from wherever Postfix was started; nullopt without it.
std::optional<std::string> imported_sasl_path(std::string_view import_environment);

}  // namespace mail_relay
