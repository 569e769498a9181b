"""A service of systemd that runs the exporter with no more rights than it needs: reading logs, and its own state."""

from __future__ import annotations

import re
from pathlib import PurePath

_UNIT = """\
# Made by `logwatch render systemd-unit`: put it into /etc/systemd/system/logwatch.service, then
# systemctl daemon-reload && systemctl enable --now logwatch
[Unit]
Description=logwatch: worker logs counted and judged by rules, for Prometheus
After=network.target

[Service]
Type=exec
# The state's real place: /var/lib/logwatch is a symbolic link to it, and links are not followed.
ExecStart={command} --state %S/private/logwatch
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=5s
# A wrong configuration does not mend itself.
RestartPreventExitStatus=2
# What is read is stored before it ends.
TimeoutStopSec=30s

# A user that exists only while it runs, and owns only its state. It reads what these groups may read: the logs of
# Debian, and the journal. Name the group of your workers' logs instead, where they have one of their own.
DynamicUser=yes
SupplementaryGroups=adm systemd-journal
StateDirectory=logwatch
StateDirectoryMode=0700
UMask=0077

# It writes nothing else, and sees no homes, devices, or processes of others.
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectProc=invisible
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RemoveIPC=yes

# It needs no privilege, and no way to get one.
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
PrivateUsers=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

# One descriptor a followed file; bounds for what hostile logs could make of it.
LimitNOFILE=16384
TasksMax=256
MemoryMax=1G

[Install]
WantedBy=multi-user.target
"""
_PLAIN = re.compile(r"[\w@%$+=:,./\[\]-]+", re.ASCII)


def systemd_unit(executable: PurePath, config: PurePath, listen: str | None) -> str:
    """Return the unit that serves by the configuration `config`, and on `listen` where the configuration is not to say.

    Both paths are absolute.
    """
    address = ("--web.listen-address", listen) if listen else ()
    arguments = (str(executable), "serve", "--config", str(config), *address)
    return _UNIT.format(command=" ".join(map(_argument, arguments)))


def _argument(text: str) -> str:
    """Return `text` as one argument of a command line (systemd.service(5), "Command lines")."""
    plain = _PLAIN.fullmatch(text)
    for char, spelled in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("%", "%%"), ("$", "$$")):
        text = text.replace(char, spelled)
    return text if plain else f'"{text}"'
