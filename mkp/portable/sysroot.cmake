# Compiles against a folder with Debian's packages of one architecture, whatever this machine has of
# them, so that the same packages give the same bytes. Included with `architecture` set.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${architecture})
set(CMAKE_C_COMPILER ${architecture}-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER ${architecture}-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE ${architecture}-linux-gnu)

get_filename_component(project ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
set(CMAKE_SYSROOT ${project}/build/portable-libraries/${architecture}/sysroot)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Without these the compiler's own libc.a and libstdc++.a are taken.
set(libraries ${CMAKE_SYSROOT}/usr/lib/${architecture}-linux-gnu)
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "-B${libraries} -L${libraries} -L${CMAKE_SYSROOT}/usr/lib/gcc/${architecture}-linux-gnu/12")
