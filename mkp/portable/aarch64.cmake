# What is built runs under qemu.
set(architecture aarch64)
set(CMAKE_C_FLAGS_INIT -mbranch-protection=standard)
include(${CMAKE_CURRENT_LIST_DIR}/sysroot.cmake)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static)
