#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/seeds.h"

// libFuzzer's interface. Usage: fuzz TARGET SEEDS CORPUS [option of libFuzzer...]: unpacks the file
// SEEDS into the folder CORPUS and goes on from there. fuzz --seed FILE: prints a file that
// libFuzzer left, as a line for SEEDS.

namespace {

namespace fuzz = mail_relay::fuzz;

void (*parse)(std::string_view) = nullptr;

[[noreturn]] void end(int status, const std::string &text) {
    fmt::print(status == 0 ? stdout : stderr, "{}\n", text);
    std::exit(status);
}

void choose_target(const std::string &name) {
    const auto &targets = fuzz::targets();
    const auto found = std::find_if(targets.begin(), targets.end(),
                                    [&](const auto &target) { return target.name == name; });
    if (found == targets.end()) {
        end(2, "no such target: " + name);
    }
    parse = found->parse;
}

void unpack_seeds(const std::string &path, const std::filesystem::path &corpus) {
    std::filesystem::create_directories(corpus);
    int number = 0;
    for (const std::string &seed : fuzz::parse_seeds(fuzz::read_whole_file(path))) {
        std::ofstream(corpus / fmt::format("seed-{}", number++), std::ios::binary) << seed;
    }
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): the names are libFuzzer's.
extern "C" int LLVMFuzzerInitialize(int *argument_count, char ***arguments) {
    char **const words = *arguments;
    if (*argument_count == 3 && std::string_view(words[1]) == "--seed") {
        end(0, fuzz::seed_line(fuzz::read_whole_file(words[2])));
    }
    if (*argument_count < 4) {
        end(2, "usage: fuzz TARGET SEEDS CORPUS [option...] | fuzz --seed FILE");
    }
    choose_target(words[1]);
    unpack_seeds(words[2], words[3]);
    // Of these libFuzzer sees the last one only.
    words[2] = words[0];
    *arguments += 2;
    *argument_count -= 2;
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    parse({reinterpret_cast<const char *>(data), size});
    return 0;
}
// NOLINTEND(readability-identifier-naming)
