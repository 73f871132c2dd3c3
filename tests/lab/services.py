"""What systemd and apt do on a mail host, as far as the product's printed repairs need them.

A machine has no init system and no way to a package server. Its `systemctl` does what Debian's
postfix unit does; its `apt` brings back what remove_package took away, and both run the package's
own scripts. So a repair can be applied exactly as it is printed.
"""

from __future__ import annotations

from lab.machine import Machine

_TOOLS = "/usr/local/lab"
_PACKAGES = "/root/removed-packages"

_SYSTEMCTL = """#!/bin/sh
# systemctl start|stop|restart|reload postfix
start() { /usr/lib/postfix/configure-instance.sh - && postfix start; }
case "$1 $2" in
    'start postfix') start ;;
    'stop postfix') postfix stop ;;
    'restart postfix') postfix stop; start ;;
    'reload postfix') postfix reload ;;
    *) echo "this machine's systemctl knows only postfix: $*" >&2; exit 1 ;;
esac
"""

_APT = f"""#!/bin/sh
# apt install PACKAGE...
[ "$1" = install ] || exit 1
shift
for package in "$@"; do
    case "$package" in -*) continue ;; esac
    if [ ! -e "{_PACKAGES}/$package.tar" ]; then
        dpkg -s "$package" >/dev/null || exit 100
        echo "$package is already the newest version."
        continue
    fi
    tar -xf "{_PACKAGES}/$package.tar" -C / || exit 100
    script=/var/lib/dpkg/info/$package.postinst
    [ ! -x "$script" ] || DEBIAN_FRONTEND=noninteractive "$script" configure || exit 100
done
"""


def install_service_tools(machine: Machine) -> None:
    """Puts systemctl, apt and apt-get in front of the real ones."""
    machine.write(f"{_TOOLS}/systemctl", _SYSTEMCTL, 0o755)
    for name in ("apt", "apt-get"):
        machine.write(f"{_TOOLS}/{name}", _APT, 0o755)


def remove_package(machine: Machine, package: str) -> None:
    """Takes a package's files away; the machine's apt can install it again."""
    script = f"/var/lib/dpkg/info/{package}.prerm"
    machine.shell(f"[ ! -x {script} ] || DEBIAN_FRONTEND=noninteractive {script} remove")
    machine.shell(
        f"mkdir -p {_PACKAGES} && cd / && dpkg -L {package} |"
        ' while read -r file; do [ -d "$file" ] && [ ! -L "$file" ] || echo ".$file"; done'
        f" >{_PACKAGES}/{package}.list"
        f" && tar -cf {_PACKAGES}/{package}.tar -T {_PACKAGES}/{package}.list"
        f" && xargs rm -f <{_PACKAGES}/{package}.list"
    )
