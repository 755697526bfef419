"""An old client: it signs with SHA-1, and does not hear what the server prefers (EXT_INFO).
HOST PORT USER KEYFILE"""

import sys

import paramiko
from paramiko.common import MSG_EXT_INFO


class Old(paramiko.Transport):
    _handler_table = {**paramiko.Transport._handler_table, MSG_EXT_INFO: lambda self, message: None}


host, port, user, key = sys.argv[1:]
ssh = paramiko.SSHClient()
ssh.set_missing_host_key_policy(paramiko.AutoAddPolicy())
ssh.connect(
    host,
    int(port),
    user,
    pkey=paramiko.RSAKey.from_private_key_file(key),
    look_for_keys=False,
    allow_agent=False,
    disabled_algorithms={"pubkeys": ["rsa-sha2-512", "rsa-sha2-256"]},
    transport_factory=Old,
)
