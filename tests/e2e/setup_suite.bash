#!/usr/bin/env bash
# One Dovecot and Postfix for all files of this directory; E2E_SKIP says why there are none.
setup_suite() {
    local here
    here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
    export E2E_SERVERS=$BATS_SUITE_TMPDIR/servers E2E_SKIP=
    if [ "$(id -u)" != 0 ]; then
        E2E_SKIP="the servers need root"
        return
    fi
    "$here/mailenv" start "$E2E_SERVERS"
    set -a
    eval "$("$here/mailenv" env "$E2E_SERVERS")"
    set +a
}

teardown_suite() {
    local here
    here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
    [ -n "$E2E_SKIP" ] || "$here/mailenv" wipe "$E2E_SERVERS"
}
