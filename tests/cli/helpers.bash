#!/usr/bin/env bash
# What the tests of the command line share: an instance over folders in $DIR, without any server.
#
#   setup() { load helpers; cli_setup; }      teardown() { cli_teardown; }
#
#   cardpost ARGUMENT...   the program in $DIR, with the configuration there; standard input is /dev/null
#   instance_make          cardpost.conf, data, two Maildirs (in, out/RECIPIENT), the sample team
#   drop_mail NAME <MAIL   a mail into the Maildir in
#   code N COMMAND...      the exit code must be N; $output, $stderr
#   one_error_line         standard error is one line "cardpost: …"
#   daemon_start, daemon_stop
# shellcheck disable=SC2154 # output and stderr are set by run
bats_require_minimum_version 1.5.0
CLI_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
: "${CARDPOST:=$CLI_TOP/${BUILD:-build}/cardpost}"
export CARDPOST_TEMPLATES=${CARDPOST_TEMPLATES:-$CLI_TOP/templates}
export LC_ALL=C.UTF-8 TZ=UTC

cli_setup() {
    [ -x "$CARDPOST" ] || skip "$CARDPOST is not built"
    DIR=$BATS_TEST_TMPDIR/instance DAEMON=
    mkdir -p "$DIR"
    cd "$DIR" || return
    unset CARDPOST_CONFIG
}
cli_teardown() { [ -z "${DAEMON:-}" ] || daemon_stop; }

# The deadline is only against hanging.
cardpost() { timeout 120 "$CARDPOST" "$@" </dev/null; }
cardpost_reads() { timeout 120 "$CARDPOST" "$@"; }

code() {
    local wanted=$1
    shift
    run --separate-stderr "$@"
    [ "$status" = "$wanted" ] || { printf '%s\n' "$* ended with $status and not $wanted" "$output" "$stderr"; return 1; }
}
one_error_line() {
    case $stderr in
    *$'\n'*) printf 'more than one line: %s\n' "$stderr"; return 1 ;;
    "cardpost: "*) ;;
    *) printf 'no error line: %s\n' "$stderr"; return 1 ;;
    esac
}
match() { grep -qE -- "$2" <<<"$1" || { printf 'no match of: %s\nin:\n%s\n' "$2" "$1"; return 1; }; }
same() { [ "$1" = "$2" ] || { printf 'expected: %s\nseen:     %s\n' "$2" "$1"; return 1; }; }

instance_make() {
    mkdir -p in/new in/cur in/tmp
    cardpost init --address tasks@team.test --source "maildir:$DIR/in" --target "maildir:$DIR/out/{recipient}" \
        --data data --timezone UTC >init.out || return
    # whoever drops a file into this folder is believed: it stands for a border that proves senders
    sed -i 's/^mailbox main {/mailbox main {\n    trust = "from"/; s/^notify {/notify {\n    settle = 0/' cardpost.conf
    cardpost apply --yes "$CLI_TOP/contrib/teams/shop.en.team" >apply.out
}
drop_mail() { cat >"in/tmp/$1" && mv "in/tmp/$1" "in/new/$1"; }
simple_mail() { # FROM SUBJECT ID
    printf 'From: %s\nTo: tasks@team.test\nSubject: %s\nDate: Mon, 23 Nov 2026 08:00:00 +0000\nMessage-ID: <%s@cli.test>\n\ntext of %s\n' \
        "$1" "$2" "$3" "$3"
}

daemon_start() {
    "$CARDPOST" run </dev/null >>daemon.log 2>&1 3>&- &
    DAEMON=$!
    until_true grep -q 'maildir\.up' daemon.log
}
daemon_stop() {
    kill -TERM "$DAEMON" 2>/dev/null || true
    wait "$DAEMON" 2>/dev/null || true
    DAEMON=
}
until_true() {
    local end=$((SECONDS + 60))
    until "$@"; do
        if [ $SECONDS -ge $end ]; then echo "waited in vain for: $*"; return 1; fi
        sleep 0.05
    done
}
