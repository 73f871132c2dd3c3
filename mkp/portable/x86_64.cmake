set(architecture x86_64)
set(CMAKE_C_FLAGS_INIT -fcf-protection=full)
include(${CMAKE_CURRENT_LIST_DIR}/sysroot.cmake)
