#include "agent_plugin/elf_library.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace mail_relay {
namespace {

using testing::HasSubstr;

/// A 64-bit library of one loaded segment of 4096 bytes.
std::string make_library() {
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_type = ET_DYN;
    header.e_machine = EM_X86_64;
    header.e_phoff = sizeof header;
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = 1;
    Elf64_Phdr segment{};
    segment.p_type = PT_LOAD;
    segment.p_filesz = 4096;
    std::string bytes(sizeof header + sizeof segment, '\0');
    std::memcpy(bytes.data(), &header, sizeof header);
    std::memcpy(bytes.data() + sizeof header, &segment, sizeof segment);
    return bytes;
}

TEST(ElfLibrary, SaysWhatMachineItIsFor) {
    const auto file = parse_elf(make_library(), 4096);
    ASSERT_TRUE(file) << file.error().message();
    EXPECT_EQ(file->machine, (ElfMachine{.bits = 64, .big_endian = false, .machine = EM_X86_64}));
    EXPECT_EQ(machine_name(file->machine), "x86-64");
    EXPECT_TRUE(file->shared);
    EXPECT_FALSE(file->truncated);
}

TEST(ElfLibrary, ReadsBigEndian32Bit) {
    std::string bytes(sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr), '\0');
    std::memcpy(bytes.data(), ELFMAG, SELFMAG);
    bytes[EI_CLASS] = ELFCLASS32;
    bytes[EI_DATA] = ELFDATA2MSB;
    bytes[17] = ET_DYN;
    bytes[19] = EM_PPC;
    bytes[offsetof(Elf32_Ehdr, e_phoff) + 3] = sizeof(Elf32_Ehdr);
    bytes[offsetof(Elf32_Ehdr, e_phentsize) + 1] = sizeof(Elf32_Phdr);
    bytes[offsetof(Elf32_Ehdr, e_phnum) + 1] = 1;
    const auto file = parse_elf(bytes, bytes.size());
    ASSERT_TRUE(file) << file.error().message();
    EXPECT_EQ(file->machine, (ElfMachine{.bits = 32, .big_endian = true, .machine = EM_PPC}));
}

TEST(ElfLibrary, AProgramIsNoLibraryWhateverItsPosition) {
    std::string program = make_library();
    program[sizeof(Elf64_Ehdr)] = PT_INTERP;
    EXPECT_FALSE(parse_elf(program, 4096)->shared);
    std::string fixed = make_library();
    fixed[offsetof(Elf64_Ehdr, e_type)] = ET_EXEC;
    EXPECT_FALSE(parse_elf(fixed, 4096)->shared);
}

TEST(ElfLibrary, AMissingPartOfALoadedSegmentIsTruncation) {
    EXPECT_TRUE(parse_elf(make_library(), 4095)->truncated);
    std::string not_loaded = make_library();
    not_loaded[sizeof(Elf64_Ehdr)] = PT_NOTE;
    EXPECT_FALSE(parse_elf(not_loaded, 4095)->truncated);
}

TEST(ElfLibrary, ASegmentThatWrapsAroundIsTruncation) {
    std::string bytes = make_library();
    std::memset(bytes.data() + sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_filesz), 0xff, 8);
    EXPECT_TRUE(parse_elf(bytes, 4096)->truncated);
}

TEST(ElfLibrary, WhatTheLoaderRefusesIsAnError) {
    struct Case {
        const char *name;
        std::string bytes;
        const char *why;
    };
    const std::string library = make_library();
    std::string bad_class = library;
    bad_class[EI_CLASS] = 7;
    std::string no_segments = library;
    no_segments[offsetof(Elf64_Ehdr, e_phnum)] = 0;
    std::string far_segments = library;
    std::memset(far_segments.data() + offsetof(Elf64_Ehdr, e_phoff), 0xff, 8);
    for (const auto &[name, bytes, why] : {
             Case{"empty file", "", "empty"},
             Case{"text", "#!/bin/sh\nexit 0\nexit 0", "not an ELF file"},
             Case{"only the magic", library.substr(0, 4), "not an ELF file"},
             Case{"half a header", library.substr(0, 40), "truncated"},
             Case{"no segment table", library.substr(0, sizeof(Elf64_Ehdr)), "truncated"},
             Case{"odd class", bad_class, "damaged"},
             Case{"no segments", no_segments, "damaged"},
             Case{"segment table beyond everything", far_segments, "truncated"},
         }) {
        const auto file = parse_elf(bytes, 4096);
        ASSERT_FALSE(file) << name;
        EXPECT_THAT(file.error().message(), HasSubstr(why)) << name;
    }
}

TEST(ElfLibrary, ReadsThisVeryProgram) {
    const auto self = read_elf(FileTree(), "/proc/self/exe");
    ASSERT_TRUE(self) << self.error().message();
    EXPECT_FALSE(self->truncated);
    EXPECT_FALSE(read_elf(FileTree(), "/dev/null"));
    EXPECT_FALSE(read_elf(FileTree(), "/nonexistent"));
}

TEST(ElfLibrary, AnUnknownMachineHasANumber) {
    EXPECT_EQ(machine_name({.bits = 32, .big_endian = false, .machine = 9999}),
              "machine 9999, 32 bit");
}

}  // namespace
}  // namespace mail_relay
