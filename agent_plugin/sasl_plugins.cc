#include "agent_plugin/sasl_plugins.h"

#include <elf.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "agent_plugin/sasl_mechanism.h"
#include "agent_plugin/word_list.h"

namespace mail_relay {

namespace {

constexpr std::size_t kLibraryLimit = 4 << 20;
constexpr std::size_t kMostFolders = 20;

struct Triplet {
    std::uint16_t machine;
    std::string_view name;
};
constexpr auto kTriplets = std::to_array<Triplet>({{EM_X86_64, "x86_64-linux-gnu"},
                                                   {EM_AARCH64, "aarch64-linux-gnu"},
                                                   {EM_386, "i386-linux-gnu"},
                                                   {EM_ARM, "arm-linux-gnueabihf"},
                                                   {EM_ARM, "arm-linux-gnueabi"},
                                                   {EM_RISCV, "riscv64-linux-gnu"},
                                                   {EM_PPC64, "powerpc64le-linux-gnu"},
                                                   {EM_S390, "s390x-linux-gnu"},
                                                   {EM_MIPS, "mips64el-linux-gnuabi64"},
                                                   {258, "loongarch64-linux-gnu"}});

void add_sorted(std::vector<std::string> &all, const std::vector<std::string> &more) {
    all.insert(all.end(), more.begin(), more.end());
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
}

/// Folders that libsasl2 may have been built with.
std::vector<std::string> built_in_folders(const std::optional<ElfMachine> &machine) {
    std::vector<std::string> parents;
    for (const auto &triplet : kTriplets) {
        if (!machine || machine->machine == triplet.machine) {
            parents.push_back(fmt::format("/usr/lib/{}", triplet.name));
        }
    }
    if (!machine || machine->bits == 64) {
        parents.insert(parents.end(), {"/usr/lib64", "/usr/local/lib64"});
    }
    parents.insert(parents.end(), {"/usr/lib", "/usr/local/lib"});
    return parents;
}

/// The existing ones of the built-in folders. The library looks into one only, which lies beside
/// it; where no library is found, all count.
std::vector<std::string> existing_folders(const FileTree &files,
                                          const std::optional<ElfMachine> &machine) {
    std::vector<std::string> beside_library;
    std::vector<std::string> all;
    std::set<std::pair<dev_t, ino_t>> seen;  // /usr/lib64 may be a link to /usr/lib
    for (const auto &parent : built_in_folders(machine)) {
        const std::string folder = parent + "/sasl2";
        const auto status = files.status(folder);
        if (!status || !S_ISDIR(status->st_mode) ||
            !seen.emplace(status->st_dev, status->st_ino).second) {
            continue;
        }
        all.push_back(folder);
        if (files.exists(parent + "/libsasl2.so.2") || files.exists(parent + "/libsasl2.so.3")) {
            beside_library.push_back(folder);
        }
    }
    return beside_library.empty() ? all : beside_library;
}

/// "plain" of "libplain.so". Source: Cyrus SASL takes every *.so, skips three characters and ends
/// at the first dot.
std::string_view plugin_name(std::string_view file) {
    file.remove_prefix(3);
    return file.substr(0, file.find('.'));
}

std::optional<UnusablePlugin> find_flaw(const FileTree &files, const std::string &folder,
                                        const std::string &file,
                                        const std::optional<ElfMachine> &machine) {
    const std::string path = folder + "/" + file;
    const auto status = files.find(path);
    if (status && !*status) {
        return UnusablePlugin{file, "the link leads nowhere"};
    }
    const auto elf = read_elf(files, path);
    if (!elf) {
        return UnusablePlugin{file, elf.error().message()};
    }
    if (machine && elf->machine != *machine) {
        return UnusablePlugin{
            file, fmt::format("for {}, but Postfix is for {}", machine_name(elf->machine),
                              machine_name(*machine))};
    }
    if (elf->truncated) {
        return UnusablePlugin{file, "truncated: who loads it crashes", true};
    }
    if (!elf->shared) {
        return UnusablePlugin{file, "not a shared library"};
    }
    return std::nullopt;
}

void examine_plugin(const FileTree &files, const std::string &file,
                    const std::optional<ElfMachine> &machine, PluginFolder &folder,
                    Problems &problems) {
    auto flaw = find_flaw(files, folder.path, file, machine);
    if (flaw) {
        folder.unusable.push_back(*std::move(flaw));
        return;
    }
    folder.plugins.push_back(file);
    auto mechanisms = mechanisms_of_plugin(plugin_name(file));
    if (!mechanisms) {
        const std::string path = folder.path + "/" + file;
        const auto library = files.read(path, kLibraryLimit);
        if (!library) {
            problems.push_back({path, library.error().message()});
        } else {
            mechanisms = find_mechanism_names(*library);
        }
        if (!mechanisms || mechanisms->empty()) {
            folder.unknown.push_back(file);
            return;
        }
    }
    add_sorted(folder.mechanisms, *mechanisms);
}

/// False: the folder could not be read.
bool examine_folder(const FileTree &files, const std::optional<ElfMachine> &machine,
                    PluginFolder &folder, Problems &problems) {
    const auto status = files.find(folder.path);
    if (status && !*status) {
        return true;  // no folder, no plug-ins
    }
    const auto names = files.list(folder.path);
    if (!names) {
        problems.push_back({"plugin_folders", names.error().message()});
        return false;
    }
    for (const auto &name : *names) {
        if (name.size() > 3 && name.ends_with(".so")) {
            examine_plugin(files, name, machine, folder, problems);
        }
    }
    return true;
}

std::vector<std::string> split_path(std::string_view path) {
    std::vector<std::string> folders;
    while (!path.empty() && folders.size() < kMostFolders) {
        const auto end = std::min(path.find(':'), path.size());
        if (end != 0) {
            folders.emplace_back(path.substr(0, end));
        }
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return folders;
}

}  // namespace

std::optional<std::string> imported_sasl_path(std::string_view import_environment) {
    std::optional<std::string> path;
    const auto words = split_braced_list(import_environment);
    if (!words) {
        return path;
    }
    for (std::string_view word : *words) {
        word = in_braces(word) ? without_braces(word) : word;
        const auto equals = std::min(word.find('='), word.size());
        if (trim_blanks(word.substr(0, equals)) == "SASL_PATH") {
            path = trim_blanks(word.substr(std::min(equals + 1, word.size())));
        }
    }
    return path;
}

SaslPlugins gather_sasl_plugins(const FileTree &files, const Configuration &configuration) {
    SaslPlugins plugins;
    const std::string program = fmt::format("{}/smtp", configuration.get("daemon_directory"));
    const auto smtp = read_elf(files, program);
    if (smtp) {
        plugins.machine = smtp->machine;
    } else {
        plugins.problems.push_back({"plugin_folders", smtp.error().message()});
    }

    const auto imported = imported_sasl_path(configuration.get("import_environment"));
    const bool replaced = imported && !imported->empty();
    for (const auto &path :
         replaced ? split_path(*imported) : existing_folders(files, plugins.machine)) {
        plugins.folders.emplace_back().path = path;
    }
    bool complete = true;
    for (auto &folder : plugins.folders) {
        complete &= examine_folder(files, plugins.machine, folder, plugins.problems);
    }
    if (complete) {
        plugins.mechanisms.emplace();
        for (const auto &folder : plugins.folders) {
            add_sorted(*plugins.mechanisms, folder.mechanisms);
        }
    }
    // Postfix hands smtp_sasl_path to a SASL client that ignores it: shown, not counted.
    const std::string_view named = configuration.smtp_client("smtp_sasl_path");
    if (named.starts_with('/') && configuration.smtp_client("smtp_sasl_type") == "cyrus") {
        auto &folder = plugins.folders.emplace_back();
        folder.path = named;
        folder.searched = false;
        examine_folder(files, plugins.machine, folder, plugins.problems);
    }
    return plugins;
}

}  // namespace mail_relay
