"""What every script here begins with: a session with the server under test."""

import contextlib
import ftplib
import os
import ssl


@contextlib.contextmanager
def session():
    if os.environ["MODE"] == "tls":
        ftp = ftplib.FTP_TLS(context=ssl.create_default_context(cafile=os.environ["CA"]))
    else:
        ftp = ftplib.FTP()
    ftp.connect(os.environ["HOST"], int(os.environ["PORT"]), timeout=60)
    ftp.login(os.environ["USER"], os.environ["PASSWORD"])
    if os.environ["MODE"] == "tls":
        ftp.prot_p()
    try:
        yield ftp
        if ftp.sock:  # a script may have gone without a word
            ftp.quit()
    finally:
        ftp.close()


def put(ftp, name, data, **options):
    import io

    reply = ftp.storbinary("STOR " + name, io.BytesIO(data), **options)
    assert reply.startswith("226"), reply


def get(ftp, name, **options):
    parts = []
    reply = ftp.retrbinary("RETR " + name, parts.append, **options)
    assert reply.startswith("226"), reply
    return b"".join(parts)


def same(got, want):
    assert got == want, "got %r, want %r" % (got[:200], want[:200])


def refused(code, call, *args):
    try:
        reply = call(*args)
    except ftplib.error_perm as e:
        assert str(e).startswith(code), e
    else:
        raise AssertionError("%r was answered %r, want %s" % (args, reply, code))
