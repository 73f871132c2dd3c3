"""A machine of its own inside this one: files, processes, network and host name.

Its root is an overlay over the real root, so that every program is there and every change (a
configuration, a removed library, a new user) stays in memory and is gone with the machine. All of
its processes live in one process namespace whose first process ends when this Python does, however
it ends: nothing can be left running.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

# Prints the number of the namespace's first process as the caller sees it (read while /proc is
# still the caller's), then waits for the caller to close standard input. It is printed from inside
# the new root: before that, /proc/NUMBER/root would still be the real system. Ignoring SIGCHLD,
# which a shell cannot hand on, makes the kernel reap orphans. A root that is no mount point (a
# chroot) cannot be made private: therefore everything happens below one private tmpfs.
_INIT = """
set -e
read -r pid rest </proc/self/stat
mount --make-rprivate / 2>/dev/null || true
mount -t tmpfs -o mode=755 tmpfs {base}
mount --make-private {base}
mkdir {base}/upper {base}/work {base}/root
cd {base}/root
layers=lowerdir=/,upperdir={base}/upper,workdir={base}/work
mount -t overlay -o $layers overlay {base}/root
for fresh in dev tmp run var/log var/mail; do mount -t tmpfs tmpfs {base}/root/$fresh; done
chmod 1777 {base}/root/tmp
mkdir {base}/root/dev/shm
for device in null zero full random urandom; do
    : >{base}/root/dev/$device
    mount --bind /dev/$device {base}/root/dev/$device
done
ln -s /proc/self/fd {base}/root/dev/fd
mount -t proc proc {base}/root/proc
hostname {name}
ip link set lo up
exec chroot {base}/root sh -c \
    'echo "$1"; exec env --ignore-signal=CHLD cat >/dev/null' init "$pid"
"""

# What the lab's own commands are found by; a plug-in is started with the Checkmk agent's PATH.
_PATH = "/usr/local/lab:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class LabError(Exception):
    """A command in a machine failed, or the machine could not be made."""


class Machine:
    """Use as a context manager. Needs root, as making namespaces and mounts does."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._base = Path(tempfile.mkdtemp(prefix="mail-lab-"))
        script = _INIT.format(base=shlex.quote(str(self._base)), name=shlex.quote(name))
        self._init = subprocess.Popen(
            [
                "unshare",
                "--mount",
                "--propagation",
                "unchanged",
                "--net",
                "--uts",
                "--ipc",
                "--pid",
                "--fork",
                "--kill-child",
                "sh",
                "-c",
                script,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        pid = self._init.stdout.readline().strip()
        if not pid:
            error = self._init.communicate()[1].strip()
            self.close()
            raise LabError(f"cannot make machine {name}: {error}")
        self.pid = int(pid)
        if os.path.samestat(os.stat(f"/proc/{pid}/root/"), os.stat("/")):
            self.close()
            raise LabError(f"machine {name} is not apart from this one")
        self.write("/etc/hostname", f"{name}\n")
        self.write("/etc/mailname", f"{name}\n")
        self.write("/etc/hosts", f"127.0.0.1 localhost\n::1 localhost\n127.0.1.1 {name}\n")
        self.write("/etc/resolv.conf", "")

    def __enter__(self) -> Machine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends every process of the machine and forgets its files."""
        # The end of its input ends the first process, and with it the whole namespace.
        for stream in (self._init.stdin, self._init.stdout, self._init.stderr):
            stream.close()
        try:
            self._init.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._init.kill()
            self._init.wait()
        # In a chroot on a shared mount the tmpfs may be seen from outside, too.
        while os.path.ismount(self._base):
            subprocess.run(["umount", "--lazy", self._base], check=False)
        self._base.rmdir()

    def lay_over(self, folder: Path, place: str) -> None:
        """Shows a folder of the caller's at `place`, wherever it lies (/tmp of a machine is its
        own); what is changed there goes with the machine."""
        layers = self._base / ("layers" + place.replace("/", "-"))
        script = (
            f"mkdir -p {layers}/upper {layers}/work {self._base}/root{place}\n"
            f"mount -t overlay -o lowerdir={folder},upperdir={layers}/upper,workdir={layers}/work"
            f" overlay {self._base}/root{place}"
        )
        subprocess.run(
            ["nsenter", f"--target={self.pid}", "--mount", "--", "sh", "-ec", script], check=True
        )

    def _enter(self, arguments: Sequence[str], user: str | None) -> list[str]:
        command = [
            "nsenter",
            f"--target={self.pid}",
            "--mount",
            "--net",
            "--uts",
            "--ipc",
            "--pid",
            "--root",
            "--wd",
            "--",
            "setpriv",
            "--pdeathsig=KILL",
        ]
        if user:
            command += [f"--reuid={user}", f"--regid={self._group(user)}", "--init-groups"]
        return [*command, "--", *arguments]

    def _group(self, user: str) -> str:
        for line in self.read("/etc/passwd").splitlines():
            fields = line.split(":")
            if fields[0] == user:
                return fields[3]
        raise LabError(f"{self.name} has no user {user}")

    @staticmethod
    def _environment(extra: dict[str, str] | None) -> dict[str, str]:
        return {"PATH": _PATH, "LC_ALL": "C.UTF-8", "HOME": "/root", **(extra or {})}

    def run(
        self,
        *arguments: str,
        stdin: str | None = None,
        user: str | None = None,
        environment: dict[str, str] | None = None,
        check: bool = True,
        timeout_s: float = 60.0,
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command inside and returns what it printed; raises LabError if it fails."""
        # A daemon keeps its starter's output open for ever: files, unlike pipes, do not mind.
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            try:
                done = subprocess.run(
                    self._enter(arguments, user),
                    env=self._environment(environment),
                    text=True,
                    stdout=out,
                    stderr=err,
                    timeout=timeout_s,
                    check=False,
                    **({"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}),
                )
            except subprocess.TimeoutExpired as error:
                raise LabError(
                    f"{self.name}: {shlex.join(arguments)}: no end after " f"{timeout_s:g} s"
                ) from error
            out.seek(0)
            err.seek(0)
            done.stdout, done.stderr = out.read(), err.read()
        if check and done.returncode != 0:
            raise LabError(
                f"{self.name}: {shlex.join(arguments)}: exit status {done.returncode}\n"
                f"{done.stdout}{done.stderr}"
            )
        return done

    def shell(self, script: str, **options: object) -> str:
        """Runs a line of shell inside, as an administrator would type it."""
        return self.run("sh", "-c", script, **options).stdout

    def start(
        self, *arguments: str, user: str | None = None, **options: object
    ) -> subprocess.Popen[str]:
        """Starts a command inside and returns at once; it ends with the machine at the latest."""
        options = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
            **options,
        }
        return subprocess.Popen(
            self._enter(arguments, user), env=self._environment(None), text=True, **options
        )

    def pull_interface(self, owner: Machine, interface: str, name: str) -> None:
        """Takes a network interface over from another machine and renames it."""
        subprocess.run(
            [
                "nsenter",
                f"--target={owner.pid}",
                "--net",
                "ip",
                "link",
                "set",
                interface,
                "name",
                name,
                "netns",
                str(self.pid),
            ],
            check=True,
        )

    def path(self, name: str | PurePosixPath) -> Path:
        """Where this Python finds a file of the machine."""
        root = Path(f"/proc/{self.pid}/root")
        *folders, file = str(name).strip("/").split("/")
        path = root
        for folder in folders:
            path /= folder
            # The kernel would follow an absolute link from our own root.
            while path.is_symlink() and (target := os.readlink(path)).startswith("/"):
                path = self.path(target)
        return path / file

    def read(self, name: str) -> str:
        return self.path(name).read_text(encoding="utf-8")

    def write(self, name: str, content: str | bytes, mode: int = 0o644) -> None:
        """Writes a file, making its folders."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(mode)

    def add_user(self, name: str, uid: int) -> None:
        home = f"/home/{name}"
        for file, line in (
            ("passwd", f"{name}:x:{uid}:{uid}::{home}:/bin/sh\n"),
            ("group", f"{name}:x:{uid}:\n"),
        ):
            with self.path(f"/etc/{file}").open("a", encoding="utf-8") as stream:
                stream.write(line)
        self.path(home).mkdir(parents=True)
        os.chown(self.path(home), uid, uid)

    @contextmanager
    def hidden(self, folder: str) -> Iterator[None]:
        """An empty folder in this one's place for as long as the block lasts."""
        self.hide(folder)
        try:
            yield
        finally:
            self.show(folder)

    def hide(self, folder: str) -> None:
        self.run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", folder)

    def show(self, folder: str) -> None:
        self.run("umount", "--lazy", folder)
