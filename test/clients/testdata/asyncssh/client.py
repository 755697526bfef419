"""What every script here begins with: a session with the server under test."""

import contextlib
import os

import asyncssh


@contextlib.asynccontextmanager
async def session(**login):
    async with asyncssh.connect(
        os.environ["HOST"],
        int(os.environ["PORT"]),
        username=os.environ["USER"],
        known_hosts=os.environ["KNOWN_HOSTS"],
        **({"client_keys": None} | (login or {"password": os.environ["PASSWORD"]})),
    ) as ssh, ssh.start_sftp_client() as sftp:
        yield sftp


def same(got, want):
    assert got == want, f"{got!r:.300} is not {want!r:.300}"
