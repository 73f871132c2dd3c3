#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "agent_plugin/configuration_cache.h"
#include "agent_plugin/distribution.h"
#include "agent_plugin/elf_library.h"
#include "agent_plugin/main_cf.h"
#include "agent_plugin/master_state.h"
#include "agent_plugin/postconf.h"
#include "agent_plugin/queue_settings.h"
#include "agent_plugin/relayhost.h"
#include "agent_plugin/role.h"
#include "agent_plugin/sasl_mechanism.h"
#include "agent_plugin/sasl_plugins.h"
#include "agent_plugin/settings.h"
#include "agent_plugin/shell_quote.h"
#include "agent_plugin/table_name.h"
#include "agent_plugin/tls_level.h"
#include "agent_plugin/tls_policy.h"
#include "agent_plugin/word_list.h"
#include "tests/fuzz/fuzz_target.h"

namespace mail_relay::fuzz {
namespace {

/// All that is made of the values of parameters alone.
void interpret(const Configuration &configuration) {
    queue_settings(configuration);
    role_of(configuration);
    reachable_smtp_service(configuration);
    configured_tls_level(configuration);
    compatibility_level(configuration);
    default_chroot(configuration);
    configuration.version();
    configuration.relayhosts();
    configuration.delivery_service();
    imported_sasl_path(configuration.get("import_environment"));
    may_be_cached(configuration);
}

void parse_postconf(std::string_view output) {
    Configuration configuration;
    for (const auto &[name, value] : mail_relay::parse_settings(output)) {
        require(is_part_of(name, output) && is_part_of(value, output));
        configuration.parameters.emplace(name, value);
    }
    configuration.map_types = parse_words(output);
    configuration.services = parse_services(output, true);
    add_overrides(configuration.services, output);
    interpret(configuration);
}

void parse_postconf_errors(std::string_view standard_error) {
    const auto warnings = parse_warnings(standard_error);
    require(warnings.size() <= 50);
    require(std::all_of(warnings.begin(), warnings.end(),
                        [](const std::string &warning) { return warning.size() <= 300; }));
    parse_fatal(standard_error);
}

void parse_written_parameters(std::string_view content) {
    Configuration configuration;
    configuration.parameters = parse_main_cf(content);
    interpret(configuration);
}

void parse_kept_configuration(std::string_view text) {
    const auto cached = parse_cached_configuration(text);
    if (cached && *cached) {
        const std::string written = render_cached_configuration(**cached);
        const auto again = parse_cached_configuration(written);
        require(again && *again && render_cached_configuration(**again) == written);
        interpret((*cached)->configuration);
    }
}

void parse_mail_relay_cfg(std::string_view content) {
    Problems problems;
    parse_settings(content, problems);
    require(problems.size() <= content.size() + 1);
}

void parse_next_hops(std::string_view value) {
    if (const auto relayhosts = parse_relayhosts(value)) {
        for (const Relayhost &relayhost : *relayhosts) {
            policy_keys(relayhost);
        }
    }
    reduce_policy(value);
    shell_quote(value);
}

void parse_tables(std::string_view value) {
    printable_tables(value);
    const auto tables = parse_table_list(value);
    if (!tables) {
        return;
    }
    for (const TableName &table : *tables) {
        printable(table);
        if (!holds_entries(table)) {
            unproxied(table);
        }
        if (const auto entry = look_up_entry(table, "key")) {
            require(holds_entries(table));
        }
    }
}

void parse_words_and_options(std::string_view value) {
    const auto words = split_list(value);
    unknown_security_option(words);
    satisfies_options("PLAIN", words);
    passes_filter("PLAIN", words);
    if (const auto braced = split_braced_list(value)) {
        for (const std::string_view word : *braced) {
            require(is_part_of(word, value));
            if (in_braces(word)) {
                require(is_part_of(without_braces(word), value));
            }
        }
    }
}

void parse_library(std::string_view bytes) {
    for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{bytes.size()}, UINT64_MAX}) {
        if (const auto elf = parse_elf(bytes, size)) {
            machine_name(elf->machine);
        }
    }
    find_mechanism_names(bytes);
}

void parse_release(std::string_view content) {
    const Distribution distribution = parse_os_release(content);
    install_command(distribution, "a", "b", "c");
    system_ca_file(distribution);
}

void parse_proc(std::string_view text) {
    parse_lock_holder(text, 4711);
    parse_start_ticks(text);
    parse_boot_time(text);
}

const Target kPostconf("postconf", parse_postconf);
const Target kPostconfErrors("postconf_errors", parse_postconf_errors);
const Target kMainCf("main_cf", parse_written_parameters);
const Target kConfigurationCache("configuration_cache", parse_kept_configuration);
const Target kSettings("settings", parse_mail_relay_cfg);
const Target kRelayhost("relayhost", parse_next_hops);
const Target kTableName("table_name", parse_tables);
const Target kWordList("word_list", parse_words_and_options);
const Target kElf("elf_library", parse_library);
const Target kOsRelease("os_release", parse_release);
const Target kProc("proc", parse_proc);

}  // namespace
}  // namespace mail_relay::fuzz
