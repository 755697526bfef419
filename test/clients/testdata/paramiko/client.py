"""What every script here begins with: a session with the server under test."""

import contextlib
import os

import paramiko


@contextlib.contextmanager
def session(**login):
    ssh = paramiko.SSHClient()
    ssh.load_host_keys(os.environ["KNOWN_HOSTS"])
    ssh.connect(
        os.environ["HOST"],
        int(os.environ["PORT"]),
        os.environ["USER"],
        look_for_keys=False,
        allow_agent=False,
        **(login or {"password": os.environ["PASSWORD"]}),
    )
    with contextlib.closing(ssh), ssh.open_sftp() as sftp:
        yield sftp


def same(got, want):
    assert got == want, f"{got!r:.300} is not {want!r:.300}"
