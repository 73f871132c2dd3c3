#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/file_tree.h"
#include "common/result.h"

namespace mail_relay {

/// The processor and word size a program or library is made for.
struct ElfMachine {
    int bits = 0;  ///< 32 or 64
    bool big_endian = false;
    std::uint16_t machine = 0;  ///< e_machine: 62 is x86-64, 183 AArch64

    bool operator==(const ElfMachine &) const = default;
};

/// "x86-64", "aarch64", "machine 9999, 32 bit".
std::string machine_name(const ElfMachine &machine);

struct ElfFile {
    ElfMachine machine;
    bool shared = false;     ///< a library, and not a program, position-independent or not
    bool truncated = false;  ///< a part that the loader maps is missing: who loads it crashes
};

/// What the first bytes of an ELF file of `file_size` bytes say; 4096 of them are enough. Fails for
/// what the loader refuses: no ELF file, or not even its headers are complete.
/// Source: elf(5), System V gABI.
Result<ElfFile> parse_elf(std::string_view head, std::uint64_t file_size);

Result<ElfFile> read_elf(const FileTree &files, const std::string &path);

}  // namespace mail_relay
