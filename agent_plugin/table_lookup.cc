#include "agent_plugin/table_lookup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstring>
#include <utility>

#include "common/child_process.h"

namespace mail_relay {

namespace {

using Answer = std::optional<std::string>;

constexpr std::chrono::milliseconds kTimeForOneKey(3000);
constexpr std::size_t kOutputLimit = 65536;
constexpr std::int64_t kLifetimeWithoutFileSeconds = 300;
constexpr std::size_t kLongestKey = 1000;

std::string_view take_line(std::string_view &text) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

/// What may be repeated of postmap's complaint: those about files and types, which hold no entry.
/// nullopt: no complaint, only warnings.
std::optional<std::string> find_failure(std::string_view messages) {
    static constexpr std::string_view kFatal = "fatal: ";
    static constexpr auto kHarmless = std::to_array<std::string_view>(
        {"open database ", "open /", "unsupported dictionary type: "});
    std::optional<std::string> failure;
    while (!messages.empty()) {
        const std::string_view line = take_line(messages);
        if (line.empty() || line.find(": warning: ") != std::string_view::npos) {
            continue;
        }
        const auto at = line.find(kFatal);
        if (at != std::string_view::npos) {
            const std::string_view reason = line.substr(at + kFatal.size());
            const bool harmless = std::any_of(kHarmless.begin(), kHarmless.end(), [&](auto begin) {
                return reason.starts_with(begin);
            });
            if (harmless) {
                return std::string(reason);
            }
        }
        failure = "postmap failed, with words that may hold an entry";
    }
    return failure;
}

/// The kept form of an answer: "-" for none, else "+" and the reduced value.
std::string encode(const Answer &answer) {
    return answer ? "+" + *answer : "-";
}

Answer decode(const std::string &kept) {
    return kept.starts_with('+') ? Answer(kept.substr(1)) : std::nullopt;
}

}  // namespace

TableLookup::TableLookup(const FileTree &files, const Instance &instance,
                         const Configuration &configuration, FactCache &cache, Deadline deadline,
                         std::int64_t now)
    : files_(files),
      instance_(instance),
      cache_(cache),
      deadline_(deadline),
      now_(now),
      // A mounted tree's own programs are never run.
      postmap_(files.is_this_host()
                   ? fmt::format("{}/postmap", configuration.get("command_directory"))
                   : "/usr/sbin/postmap") {}

std::string TableLookup::identity(const LookupTable &table) {
    if (configuration_identity_.empty()) {
        configuration_identity_ =
            fmt::format("{} {}", identity_at(files_, instance_.config_directory + "/main.cf"),
                        identity_at(FileTree(), postmap_));
    }
    std::string text = configuration_identity_;
    bool has_files = true;
    for (const auto *part : flatten(table)) {
        text += fmt::format(" {}", part->effective_type);
        for (const auto &file : {part->source, part->built}) {
            text += file ? " " + identity_text(file->identity) : " -";
        }
        // A client's configuration file says nothing about the server's data.
        const bool reads_file = part->indexed || part->table.type == "texthash" ||
                                part->table.type == "regexp" || part->table.type == "pcre" ||
                                part->table.type == "cidr";
        has_files &= reads_file || !part->parts.empty();
    }
    if (!has_files) {
        text += fmt::format(" {}", now_ / kLifetimeWithoutFileSeconds);
    }
    return text;
}

Result<std::string> TableLookup::outside_name(const LookupTable &table) const {
    if (files_.is_this_host()) {
        // postmap runs elsewhere than the daemons, in whose directory a relative name lies.
        if (table.source && !table.table.name.starts_with('/') && table.parts.empty()) {
            return fmt::format("{}:{}", table.table.type, table.source->path);
        }
        return unproxied(table.table);
    }
    const auto &file = table.indexed ? table.built : table.source;
    if (!file || !table.parts.empty()) {
        return failed("its data is not in the mounted tree");
    }
    // postmap would follow absolute links out of the tree: it gets the place they lead to inside.
    const auto opened = files_.open(file->path, O_PATH);
    if (!opened) {
        return opened.error();
    }
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlink(fmt::format("/proc/self/fd/{}", opened->get()).c_str(),
                                    target.data(), target.size());
    if (size < 0) {
        return failed("cannot find {}: {}", file->path, std::strerror(errno));
    }
    std::string_view path(target.data(), static_cast<std::size_t>(size));
    if (table.indexed) {
        const auto dot = file->path.rfind('.');
        const std::string_view suffix = std::string_view(file->path).substr(dot);
        if (!path.ends_with(suffix)) {
            return failed("{} is a link to a file of another name", file->path);
        }
        path.remove_suffix(suffix.size());
    }
    return fmt::format("{}:{}", table.effective_type, path);
}

Result<Answer> TableLookup::run_postmap(const LookupTable &table, const std::string &key,
                                        const ReduceValue &reduce) {
    const auto name = outside_name(table);
    if (!name) {
        return name.error();
    }
    std::vector<std::string> command = {postmap_};
    if (files_.is_this_host()) {
        command.insert(command.end(), {"-c", instance_.config_directory});
    }
    command.insert(command.end(), {"-q", key, *name});
    auto output = run_child(command, deadline_.within(kTimeForOneKey), kOutputLimit);
    if (!output) {
        return output.error();
    }
    const auto failure = find_failure(output->err);
    wipe(output->err);
    Answer answer;
    if (output->exit_status == 0) {
        std::string_view value = output->out;
        value.remove_suffix(value.ends_with('\n') ? 1 : 0);
        answer = reduce(value);
    }
    wipe(output->out);
    if (output->exit_status != 0 && failure) {
        return failed("{}", *failure);
    }
    if (output->exit_status > 1) {
        return failed("postmap ended with status {}", output->exit_status);
    }
    return answer;
}

Result<Answer> TableLookup::ask(const LookupTable &table, const std::string &key,
                                std::string_view purpose, const ReduceValue &reduce) {
    const std::string shown = printable(table.table);
    if (key.empty() || key.size() > kLongestKey) {
        return Answer();  // Postfix does not ask for such keys either
    }
    if (table.table.type == "inline" || table.table.type == "static") {
        auto value = look_up_entry(table.table, key);
        if (!value) {
            return value.error();
        }
        Answer answer;
        if (*value) {
            answer = reduce(**value);
            wipe(**value);
        }
        return answer;
    }
    if (holds_entries(table.table)) {
        return failed("{} is not asked: its entries would become visible as arguments", shown);
    }
    if (const auto broken = broken_.find(shown); broken != broken_.end()) {
        return broken->second;
    }
    const std::string question = fmt::format("{} {} {}", purpose, shown, key);
    const std::string state = identity(table);
    if (const auto kept = cache_.find(question, state)) {
        return decode(*kept);
    }
    auto answer = run_postmap(table, key, reduce);
    if (!answer) {
        const Error error =
            failed("cannot look up \"{}\" in {}: {}", key, shown, answer.error().message());
        broken_.emplace(shown, error);
        return error;
    }
    cache_.keep(question, state, encode(*answer));
    return answer;
}

}  // namespace mail_relay
