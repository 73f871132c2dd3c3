# shellcheck shell=bash
# The libraries of the portable executables, made below build/portable-libraries: a folder with Debian's
# newest packages of the architecture, and a small libcurl from its source package. Sourced by ./dev
# after debian_archive.sh.

PORTABLE_LIBRARIES=$PWD/build/portable-libraries

# bookworm names them for every architecture alike.
SYSROOT_PACKAGES=(
    libc6 libc6-dev libcrypt-dev linux-libc-dev libstdc++6 libstdc++-12-dev libgcc-s1 libgcc-12-dev
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

# portable_libraries x86_64|aarch64
portable_libraries() {
    local architecture=$1 folder=$PORTABLE_LIBRARIES/$1
    [ ! -e "$folder/complete" ] || return 0
    rm -rf "$folder"
    mkdir -p "$folder"
    echo "making the libraries of the portable executables ($architecture; see $folder/log)"
    if ! make_portable_libraries "$architecture" "$folder" </dev/null >"$folder/log" 2>&1; then
        tail -n 30 "$folder/log" >&2
        return 1
    fi
    touch "$folder/complete"
}

make_portable_libraries() {
    local architecture=$1 folder=$2
    make_sysroot "$architecture" "$folder" && unpack_curl && note_versions "$folder" || return
    cmake -G Ninja -S "$PORTABLE_LIBRARIES/source/curl" -B "$folder/curl-build" \
        -DCMAKE_TOOLCHAIN_FILE="$PWD/mkp/portable/$architecture.cmake" \
        -DCMAKE_INSTALL_PREFIX="$folder/curl" "${CURL_OPTIONS[@]}" &&
        cmake --build "$folder/curl-build" --target install &&
        rm -rf "$folder/curl-build"
}

unpack_curl() {
    local folder=$PORTABLE_LIBRARIES/source
    [ ! -e "$folder/curl/complete" ] || return 0
    prepare_private_apt "$folder" "$(dpkg --print-architecture)" deb-src &&
        (cd "$folder" && private_apt "$folder" "$(dpkg --print-architecture)" \
            apt-get --download-only source curl) &&
        rm -rf "$folder/curl" &&
        (cd "$folder" && dpkg-source --no-check -x curl_*.dsc curl) &&
        touch "$folder/curl/complete"
}

make_sysroot() {
    local architecture=$1 folder=$2/sysroot package
    local debian=${architecture/x86_64/amd64}
    debian=${debian/aarch64/arm64}
    prepare_private_apt "$2/apt" "$debian" deb || return
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
        dpkg-parsechangelog -l "$PORTABLE_LIBRARIES/source/curl/debian/changelog" -S Version |
            sed 's/^/curl /'
        for package in "$1"/packages/{libssl-dev,libc-ares-dev,libboost-json1.81-dev,libfmt-dev}_*.deb \
            "$1"/packages/{libc6-dev,libstdc++-12-dev}_*.deb; do
            # shellcheck disable=SC2016
            dpkg-deb -W --showformat='${source:Package} ${source:Version}\n' "$package" || return
        done
    } | sort >"$1/versions"
}
