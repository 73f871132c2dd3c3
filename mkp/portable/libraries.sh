# shellcheck shell=bash
# The libraries of the portable executables, made below build/portable-libraries: a folder with Debian's
# newest packages of the architecture, and a small libcurl from its source package. Sourced by ./dev
# after debian_archive.sh.

PORTABLE_LIBRARIES=$PWD/build/portable-libraries
SOURCE_APT=$PORTABLE_LIBRARIES/source-apt

# bookworm names them for every architecture alike.
SYSROOT_PACKAGES=(
    libc6 libc6-dev libcrypt-dev linux-libc-dev libstdc++6 libstdc++-12-dev libgcc-s1 libgcc-12-dev
    gcc-12-base base-files
    libssl-dev libssl3 libc-ares-dev libc-ares2 libfmt-dev libfmt9
    libboost1.81-dev libboost-json1.81-dev libboost-json1.81.0 libboost-container1.81-dev
    libboost-container1.81.0 libboost-program-options1.81-dev libboost-program-options1.81.0
)

CURL_FLAGS='-Os -DNDEBUG -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection'
CURL_FLAGS+=' -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -fno-unwind-tables'

# Only what speaks SMTP, IMAP and HTTPS, with certificates that are named by the program: nothing is
# loaded, configured or found at run time. It is given addresses, never names: so it has no resolver,
# which would take 100 kB for each connection.
CURL_OPTIONS=(
    -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF -DCMAKE_POSITION_INDEPENDENT_CODE=ON
    -DBUILD_CURL_EXE=OFF -DBUILD_TESTING=OFF -DENABLE_MANUAL=OFF -DPICKY_COMPILER=OFF
    -DENABLE_ARES=OFF -DENABLE_THREADED_RESOLVER=OFF -DCURL_USE_OPENSSL=ON -DOPENSSL_USE_STATIC_LIBS=ON
    -DCURL_DISABLE_OPENSSL_AUTO_LOAD_CONFIG=ON -DCURL_CA_BUNDLE=none -DCURL_CA_PATH=none
    -DCURL_DISABLE_ALTSVC=ON -DCURL_DISABLE_COOKIES=ON -DCURL_DISABLE_DICT=ON -DCURL_DISABLE_DOH=ON
    -DCURL_DISABLE_FILE=ON -DCURL_DISABLE_FTP=ON -DCURL_DISABLE_GOPHER=ON -DCURL_DISABLE_HSTS=ON
    -DCURL_DISABLE_LDAP=ON -DCURL_DISABLE_LDAPS=ON -DCURL_DISABLE_LIBCURL_OPTION=ON
    -DCURL_DISABLE_MQTT=ON -DCURL_DISABLE_NETRC=ON -DCURL_DISABLE_NTLM=ON -DCURL_DISABLE_POP3=ON
    -DCURL_DISABLE_RTSP=ON -DCURL_DISABLE_SMB=ON -DCURL_DISABLE_TELNET=ON -DCURL_DISABLE_TFTP=ON
    -DCURL_ZLIB=OFF -DCURL_BROTLI=OFF -DCURL_ZSTD=OFF -DUSE_NGHTTP2=OFF -DUSE_LIBIDN2=OFF
    -DCURL_USE_LIBPSL=OFF -DCURL_USE_LIBSSH2=OFF -DCURL_USE_GSSAPI=OFF -DENABLE_UNIX_SOCKETS=OFF
    # Hardened like the programs; and the archive does not tell where it was built.
    "-DCMAKE_C_FLAGS_RELEASE=$CURL_FLAGS -ffile-prefix-map=$PWD=."
)

# portable_libraries x86_64|aarch64: makes them unless they are there, made as it would be done now.
portable_libraries() {
    local architecture=$1 folder=$PORTABLE_LIBRARIES/$1 recipe
    recipe=$(recipe "$architecture")
    [ "$recipe" != "$(cat "$folder/complete" 2>/dev/null)" ] || return 0
    rm -rf "$folder"
    mkdir -p "$folder"
    echo "making the libraries of the portable executables ($architecture; see $folder/log)"
    if ! make_portable_libraries "$architecture" "$folder" </dev/null >"$folder/log" 2>&1; then
        tail -n 30 "$folder/log" >&2
        return 1
    fi
    echo "$recipe" >"$folder/complete"
}

recipe() {
    cat mkp/portable/{debian_archive.sh,libraries.sh,sysroot.cmake,"$1.cmake"} | sha256sum
}

# Has portable_libraries make anew what Debian has newer packages for, as security updates are. Asks
# once in an hour.
forget_old_libraries() {
    local architecture folder
    for architecture in x86_64 aarch64; do
        folder=$PORTABLE_LIBRARIES/$architecture
        if [ ! -e "$folder/complete" ] || [ -n "$(find "$folder" -maxdepth 1 -name taken -mmin -60)" ]; then
            continue
        fi
        if ! newest_packages "$architecture" "$folder" >"$folder/newest" 2>>"$folder/log"; then
            echo "Debian's archive cannot be asked for newer libraries ($architecture; see" \
                "$folder/log): those that are there are used" >&2
        elif cmp -s "$folder/newest" "$folder/taken"; then
            touch "$folder/taken"
        else
            rm "$folder/complete"
        fi
    done
}

# What the archive has of all that is taken, by name and checksum: newest_packages ARCHITECTURE FOLDER
newest_packages() {
    local debian
    debian=$(debian_architecture "$1")
    prepare_private_apt "$2/apt" "$debian" deb >&2 &&
        prepare_private_apt "$SOURCE_APT" "$(dpkg --print-architecture)" deb-src >&2 &&
        (cd "$2/apt" && private_apt "$2/apt" "$debian" \
            apt-get --print-uris download "${SYSROOT_PACKAGES[@]}" && source_apt --print-uris) |
        awk '$4 ~ /^[A-Z0-9]+:/ { print $2, $4 }'
}

# source_apt OPTION: what it has of curl
source_apt() {
    private_apt "$SOURCE_APT" "$(dpkg --print-architecture)" apt-get "$1" --download-only source curl
}

debian_architecture() {
    local debian=${1/x86_64/amd64}
    echo "${debian/aarch64/arm64}"
}

make_portable_libraries() {
    local architecture=$1 folder=$2
    newest_packages "$architecture" "$folder" >"$folder/taken" &&
        make_sysroot "$architecture" "$folder" && unpack_curl "$folder" &&
        note_versions "$folder" && gather_licenses "$folder" || return
    cmake -G Ninja -S "$folder/source/curl" -B "$folder/curl-build" \
        -DCMAKE_TOOLCHAIN_FILE="$PWD/mkp/portable/$architecture.cmake" \
        -DCMAKE_INSTALL_PREFIX="$folder/curl" "${CURL_OPTIONS[@]}" &&
        cmake --build "$folder/curl-build" --target install &&
        rm -rf "$folder/curl-build" || return
    # Newer than whatever was compiled with others, which is then done again.
    find "$folder/sysroot" "$folder/curl" -exec touch --no-dereference {} +
}

unpack_curl() {
    mkdir -p "$1/source"
    (cd "$1/source" && source_apt --yes && dpkg-source --no-check -x curl_*.dsc curl)
}

make_sysroot() {
    local architecture=$1 folder=$2/sysroot package debian
    debian=$(debian_architecture "$1")
    mkdir -p "$folder" "$2/packages"
    (cd "$2/packages" && private_apt "$2/apt" "$debian" apt-get download "${SYSROOT_PACKAGES[@]}") ||
        return
    for package in "$2"/packages/*.deb; do
        dpkg -x "$package" "$folder" || return
    done
    # Nothing throws through these: what unwinding needs of them is half a megabyte of each program.
    for package in ssl crypto cares; do
        "$architecture-linux-gnu-objcopy" -D -R .eh_frame -R .rela.eh_frame \
            "$folder/usr/lib/$architecture-linux-gnu/lib$package.a" || return
    done
}

# Source packages of all that is linked in, "NAME VERSION" a line, for --version and the bill of materials.
note_versions() {
    local package
    {
        dpkg-parsechangelog -l "$1/source/curl/debian/changelog" -S Version |
            sed 's/^/curl /'
        for package in "$1"/packages/{libssl-dev,libc-ares-dev,libboost-json1.81-dev,libfmt-dev}_*.deb \
            "$1"/packages/{libc6-dev,libstdc++-12-dev}_*.deb; do
            # shellcheck disable=SC2016
            dpkg-deb -W --showformat='${source:Package} ${source:Version}\n' "$package" || return
        done
    } | LC_ALL=C sort >"$1/versions"
}

# By the same names, the notices that have to go with what is linked in, and the licences that they refer
# to. Boost's asks for none with executables.
gather_licenses() {
    local documents=$1/sysroot/usr/share/doc common=$1/sysroot/usr/share/common-licenses
    mkdir -p "$1/licenses"
    cp "$1/source/curl/COPYING" "$1/licenses/curl" &&
        cp "$documents/libc-ares-dev/copyright" "$1/licenses/c-ares" &&
        cp "$documents/libfmt-dev/copyright" "$1/licenses/fmtlib" &&
        cp "$documents/gcc-12-base/copyright" "$1/licenses/gcc-12" &&
        cp "$documents/libc6-dev/copyright" "$1/licenses/glibc" &&
        cp "$documents/libssl-dev/copyright" "$1/licenses/openssl" &&
        cp "$common/Apache-2.0" "$common/GPL-3" "$common/LGPL-2.1" "$1/licenses/"
}
