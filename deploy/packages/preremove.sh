#!/bin/sh
# deb: $1 is "remove" when the package is removed. rpm: $1 is the number of versions that
# will be left.
set -e

if [ "$1" = remove ] || [ "$1" = 0 ]; then
	[ ! -d /run/systemd/system ] || systemctl --quiet disable --now tidegate.service
fi
