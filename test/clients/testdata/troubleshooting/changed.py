"""Uploads a file while its user is removed, and asks for more. HOST PORT USER PASSWORD"""

import sys

import paramiko

host, port, user, password = sys.argv[1:]
ssh = paramiko.SSHClient()
ssh.set_missing_host_key_policy(paramiko.AutoAddPolicy())
ssh.connect(host, int(port), user, password, look_for_keys=False, allow_agent=False)
sftp = ssh.open_sftp()
file = sftp.open("upload", "w")
file.write("half")
print("uploading", flush=True)
sys.stdin.read()
try:
    sftp.mkdir("more")
except OSError:
    print("refused", flush=True)
ssh.close()
