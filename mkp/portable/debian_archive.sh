# shellcheck shell=bash
# What the portable executables and their tests take from Debian's archive beside the installed packages:
# sourced by ./dev. Lists and downloads are kept below build; the machine's own apt is only asked where
# its archive is.

# Lines for a sources list, of the archive that this machine's own apt uses: debian_sources deb|deb-src
# Backports and other releases are left out, whose curl would be the newest source.
debian_sources() {
    local type=$1 found
    # shellcheck disable=SC2016
    found=$(apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' | sort -u | awk -v type="$type" \
        '$1 == "Debian" && $2 ~ /^bookworm(-security|-updates)?$/ { print type, $3, $4, $5 }')
    if [ -z "$found" ]; then
        echo "apt knows no archive of Debian 12 on this machine: run apt-get update" >&2
        return 1
    fi
    printf '%s\n' "$found"
}

# An apt that knows of nothing installed: private_apt FOLDER ARCHITECTURE COMMAND...
private_apt() {
    local folder=$1 architecture=$2
    shift 2
    "${1:-apt-get}" -q -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" \
        -o Dir::Etc::sourcelist="$folder/sources.list" -o Dir::Etc::sourceparts=- \
        -o Dir::State::lists="$folder/lists" -o Dir::State::status="$folder/status" \
        -o Dir::Cache="$folder/cache" -o APT::Sandbox::User=root "${@:2}"
}

# prepare_private_apt FOLDER ARCHITECTURE deb|deb-src
prepare_private_apt() {
    local folder=$1 architecture=$2 type=$3
    mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
    : >"$folder/status"
    debian_sources "$type" >"$folder/sources.list"
    # Without the option, lists that cannot be fetched are no error.
    private_apt "$folder" "$architecture" apt-get -o APT::Update::Error-Mode=any update
}

# Debian 11 in a folder, in which the tests run what is shipped: old_debian FOLDER
old_debian() {
    local folder=$1 mirror
    [ ! -e "$folder/complete" ] || return 0
    mirror=$(debian_sources deb | awk '$3 == "bookworm" { print $2; exit }') && [ -n "$mirror" ] &&
        rm -rf "$folder" &&
        DEBIAN_FRONTEND=noninteractive debootstrap --variant=minbase \
            --include=libnss-myhostname,postfix bullseye "$folder" "$mirror" &&
        touch "$folder/complete"
}
