#include "agent_plugin/elf_library.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace mail_relay {

namespace {

constexpr std::size_t kHeadBytes = 4096;
constexpr std::uint16_t kMostSegments = 256;

struct KnownMachine {
    std::uint16_t machine;
    std::string_view name;
};
constexpr auto kKnownMachines = std::to_array<KnownMachine>({{EM_386, "i386"},
                                                             {EM_X86_64, "x86-64"},
                                                             {EM_ARM, "arm"},
                                                             {EM_AARCH64, "aarch64"},
                                                             {EM_RISCV, "riscv"},
                                                             {EM_PPC, "powerpc"},
                                                             {EM_PPC64, "powerpc64"},
                                                             {EM_S390, "s390"},
                                                             {EM_MIPS, "mips"},
                                                             {EM_SPARCV9, "sparc64"}});

/// Unsigned numbers of either byte order.
class Numbers {
  public:
    Numbers(std::string_view bytes, bool big_endian) : bytes_(bytes), big_endian_(big_endian) {}

    bool holds(std::uint64_t offset, std::size_t size) const {
        return offset <= bytes_.size() && size <= bytes_.size() - offset;
    }

    std::uint64_t at(std::uint64_t offset, std::size_t size) const {
        std::uint64_t number = 0;
        for (std::size_t i = 0; i < size; ++i) {
            const std::size_t digit = big_endian_ ? i : size - 1 - i;
            number = number << 8U | static_cast<unsigned char>(bytes_[offset + digit]);
        }
        return number;
    }

  private:
    std::string_view bytes_;
    bool big_endian_;
};

/// Where the two word sizes keep the same facts.
struct Layout {
    std::size_t header_size;
    std::size_t segments_offset;  // e_phoff
    std::size_t segment_size;     // e_phentsize
    std::size_t word;
    std::size_t file_offset;  // p_offset
    std::size_t file_bytes;   // p_filesz
};

// e_phnum follows e_phentsize.
constexpr Layout kLayout32 = {sizeof(Elf32_Ehdr),
                              offsetof(Elf32_Ehdr, e_phoff),
                              offsetof(Elf32_Ehdr, e_phentsize),
                              4,
                              offsetof(Elf32_Phdr, p_offset),
                              offsetof(Elf32_Phdr, p_filesz)};
constexpr Layout kLayout64 = {sizeof(Elf64_Ehdr),
                              offsetof(Elf64_Ehdr, e_phoff),
                              offsetof(Elf64_Ehdr, e_phentsize),
                              8,
                              offsetof(Elf64_Phdr, p_offset),
                              offsetof(Elf64_Phdr, p_filesz)};

struct Segments {
    bool are_truncated = false;  // the file ends before one that the loader maps does
    bool name_loader = false;    // it is a program
};

Result<Segments> read_segments(const Numbers &numbers, const Layout &layout,
                               std::uint64_t file_size) {
    const std::uint64_t first = numbers.at(layout.segments_offset, layout.word);
    const std::uint64_t size = numbers.at(layout.segment_size, 2);
    const std::uint64_t count = numbers.at(layout.segment_size + 2, 2);
    if (count == 0 || count > kMostSegments || size < layout.file_bytes + layout.word) {
        return failed("damaged ELF header");
    }
    Segments segments;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t segment = first + i * size;
        if (segment < first || !numbers.holds(segment, size)) {
            return failed("truncated: its headers are not complete");
        }
        const std::uint64_t begin = numbers.at(segment + layout.file_offset, layout.word);
        const std::uint64_t length = numbers.at(segment + layout.file_bytes, layout.word);
        const std::uint64_t kind = numbers.at(segment, 4);
        segments.are_truncated |=
            kind == PT_LOAD && (begin > file_size || length > file_size - begin);
        segments.name_loader |= kind == PT_INTERP;
    }
    return segments;
}

}  // namespace

std::string machine_name(const ElfMachine &machine) {
    const auto *const known =
        std::find_if(kKnownMachines.begin(), kKnownMachines.end(),
                     [&](const KnownMachine &one) { return one.machine == machine.machine; });
    if (known != kKnownMachines.end()) {
        return std::string(known->name);
    }
    return fmt::format("machine {}, {} bit", machine.machine, machine.bits);
}

Result<ElfFile> parse_elf(std::string_view head, std::uint64_t file_size) {
    if (head.empty()) {
        return failed("empty");
    }
    if (head.size() < EI_NIDENT || std::memcmp(head.data(), ELFMAG, SELFMAG) != 0) {
        return failed("not an ELF file");
    }
    const char bits = head[EI_CLASS];
    const char order = head[EI_DATA];
    if ((bits != ELFCLASS32 && bits != ELFCLASS64) ||
        (order != ELFDATA2LSB && order != ELFDATA2MSB)) {
        return failed("damaged ELF header");
    }
    const Layout &layout = bits == ELFCLASS64 ? kLayout64 : kLayout32;
    const Numbers numbers(head, order == ELFDATA2MSB);
    if (!numbers.holds(0, layout.header_size)) {
        return failed("truncated: its headers are not complete");
    }
    const auto segments = read_segments(numbers, layout, file_size);
    if (!segments) {
        return segments.error();
    }
    ElfFile file;
    file.machine = {
        .bits = bits == ELFCLASS64 ? 64 : 32,
        .big_endian = order == ELFDATA2MSB,
        .machine = static_cast<std::uint16_t>(numbers.at(offsetof(Elf64_Ehdr, e_machine), 2))};
    file.shared = numbers.at(offsetof(Elf64_Ehdr, e_type), 2) == ET_DYN && !segments->name_loader;
    file.truncated = segments->are_truncated;
    return file;
}

Result<ElfFile> read_elf(const FileTree &files, const std::string &path) {
    const auto file = files.open(path, O_RDONLY);
    if (!file) {
        return file.error();
    }
    struct stat status {};
    if (::fstat(file->get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return failed("cannot read {}: not a regular file", path);
    }
    std::array<char, kHeadBytes> head;  // NOLINT(*-member-init): pread() fills it
    const ssize_t got = ::pread(file->get(), head.data(), head.size(), 0);
    if (got < 0) {
        return failed("cannot read {}: {}", path, std::strerror(errno));
    }
    return parse_elf({head.data(), static_cast<std::size_t>(got)},
                     static_cast<std::uint64_t>(status.st_size));
}

}  // namespace mail_relay
