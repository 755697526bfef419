#!/bin/sh
# deb: $1 is "configure" and $2 the version that was configured before, if any.
# rpm: $1 is the number of versions that are installed now.
set -e

systemd-sysusers tidegate.conf
chgrp tidegate /etc/tidegate /etc/tidegate/tidegate.hcl
[ -d /run/systemd/system ] || exit 0

systemctl daemon-reload
if systemctl --quiet is-active tidegate.service; then
	# The process hands its ports over to the new program and finishes its transfers:
	# no client is refused. See docs/operations.md, "Replacing the program".
	systemctl kill --signal=USR2 --kill-who=main tidegate.service
elif [ "$1" = configure ] && [ -z "$2" ] || [ "$1" = 1 ]; then
	echo "Configure /etc/tidegate/tidegate.hcl, then: systemctl enable --now tidegate"
fi
