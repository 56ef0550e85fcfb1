#!/usr/bin/env bash
# What the end-to-end tests share: an instance of cardpost on the servers of setup_suite, mails in, mails out.
#
#   setup() { load helpers; e2e_setup; }      teardown() { e2e_teardown; }
#
#   instance_make            data directory, keys and cardpost.conf in $INSTANCE (variables below change it)
#   cardpost ARGUMENT...     the program, with that configuration
#   daemon_start, daemon_stop, daemon_kill, daemon_log PATTERN
#   mail_make FROM TO SUBJECT TEXT [FIELD: VALUE]...      a mail on standard output
#   submit USER TO... <MAIL  with AUTH, as that mailbox's owner: a proven sender (USER: LI, WANG, SUPPLIER, …)
#   inject FROM TO... <MAIL  from outside, without AUTH: an unproven one
#   wait_for SECONDS COMMAND...    polls; on time-out fails, saying what it waited for
#   wait_mails ADDRESS N     the mailbox holds N mails or more;  wait_mail ADDRESS PATTERN: one matches; its path
#   mail_files ADDRESS, mail_text FILE (decoded), mail_field FILE NAME
#   assert_match TEXT PATTERN, refute_match, assert_equal, assert_mail FILE PATTERN, refute_mail
#
# Patterns are extended regular expressions. Deadlines are only against hanging: 60 s by default, E2E_WAIT
# changes them all.
# shellcheck disable=SC2034,SC2153 # set for the tests, set by setup_suite
bats_require_minimum_version 1.5.0
E2E_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
E2E_TOP=$(cd "$E2E_DIR/../.." && pwd)
: "${CARDPOST:=$E2E_TOP/${BUILD:-build}/cardpost}" "${E2E_WAIT:=60}"
export CARDPOST_TEMPLATES=${CARDPOST_TEMPLATES:-$E2E_TOP/templates}

# ---- life of a test
e2e_setup() {
    [ -z "${E2E_SKIP:-}" ] || skip "$E2E_SKIP"
    INSTANCE=$BATS_TEST_TMPDIR/instance DAEMON=
    "$E2E_DIR/mailenv" reset "$E2E_SERVERS"
}

# A program that is not built (yet) is no reason to fail a test of the environment.
e2e_needs_program() { [ -x "$CARDPOST" ] || skip "$CARDPOST is not built"; }

e2e_teardown() {
    [ -z "${DAEMON:-}" ] || daemon_stop
    if [ -z "${BATS_TEST_COMPLETED:-}" ] && [ -s "${INSTANCE:-}/log" ]; then
        echo "--- the last lines of the daemon's log"
        tail -n 40 "$INSTANCE/log"
    fi
}

# ---- the instance
# What stands in cardpost.conf beyond the usual: E2E_TOP_KEYS, E2E_MAILBOX_KEYS, E2E_OUTGOING_KEYS (lines), and
# E2E_SETTLE (0), E2E_IMAP_HOST (localhost), E2E_SMTP_HOST (localhost), E2E_TLS (implicit or starttls),
# E2E_TEAM (a team file; contrib/teams/shop.en.team; "" for none).
instance_make() {
    local imap_port=$IMAPS_PORT smtp_port=$SMTPS_PORT tls=${E2E_TLS:-implicit}
    local team=${E2E_TEAM-$E2E_TOP/contrib/teams/shop.en.team}
    [ "$tls" = implicit ] || { imap_port=$IMAP_PORT smtp_port=$SUBMISSION_PORT; }
    mkdir -p "$INSTANCE"
    printf '%s\n' "$TASKS_PASS" >"$INSTANCE/password"
    chmod 600 "$INSTANCE/password"
    "$CARDPOST" init --config "$INSTANCE/cardpost.conf" --address "$TASKS_USER" --data "$INSTANCE/data" --name tasks \
        --imap-host localhost --smtp-host localhost --password-file "$INSTANCE/password" >"$INSTANCE/init.out" </dev/null ||
        { cat "$INSTANCE/init.out"; return 1; }
    cat >"$INSTANCE/cardpost.conf" <<C
name = "tasks"
address = "$TASKS_USER"
data = "$INSTANCE/data"
language = "en"
timezone = "UTC"
${E2E_TOP_KEYS:-}
mailbox main {
    provider = "own"
    imap_host = "${E2E_IMAP_HOST:-localhost}"
    imap_port = $imap_port
    tls = "$tls"
    ca_file = "$CA_FILE"
    user = "$TASKS_USER"
    password_file = "$INSTANCE/password"
    # Postfix names who logged in; Dovecot's LMTP adds the first Received, Postfix' smtpd the second
    authenticated_received = true
    received_hops = 2
${E2E_MAILBOX_KEYS:-}
}
outgoing {
    smtp_host = "${E2E_SMTP_HOST:-localhost}"
    smtp_port = $smtp_port
    tls = "$tls"
    ca_file = "$CA_FILE"
    user = "$TASKS_USER"
    password_file = "$INSTANCE/password"
${E2E_OUTGOING_KEYS:-}
}
notify { settle = ${E2E_SETTLE:-0} }
C
    [ -z "$team" ] || cardpost apply --yes "$team" >"$INSTANCE/apply.out" 2>&1 || { cat "$INSTANCE/apply.out"; return 1; }
}

cardpost() { "$CARDPOST" -c "$INSTANCE/cardpost.conf" "$@"; }

# ---- the daemon: its process id in $DAEMON, its log in $INSTANCE/log
daemon_start() {
    local from
    from=$(grep -c . "$INSTANCE/log" 2>/dev/null || true)
    # bats waits for whoever holds its descriptor 3
    "$CARDPOST" -v -c "$INSTANCE/cardpost.conf" run </dev/null >>"$INSTANCE/log" 2>&1 3>&- &
    DAEMON=$!
    wait_for "$E2E_WAIT" daemon_is_ready "$((${from:-0} + 1))"
}
daemon_is_ready() {
    kill -0 "$DAEMON" 2>/dev/null || { echo "the daemon ended"; tail -n 20 "$INSTANCE/log"; return 99; }
    tail -n "+$1" "$INSTANCE/log" | grep -q 'run\.ready'
}
daemon_stop() {
    kill -TERM "$DAEMON" 2>/dev/null || true
    daemon_wait
}
daemon_kill() {
    kill -KILL "$DAEMON" 2>/dev/null || true
    daemon_wait
}
# Sets DAEMON_CODE to the exit code.
daemon_wait() {
    DAEMON_CODE=0
    wait "$DAEMON" 2>/dev/null || DAEMON_CODE=$?
    DAEMON=
}
# Waits for a line of the log.
daemon_log() { wait_for "$E2E_WAIT" grep -qE -- "$1" "$INSTANCE/log"; }

# ---- mails in
mail_make() {
    local from=$1 to=$2 subject=$3 text=$4
    shift 4
    printf 'From: %s\nTo: %s\nSubject: %s\nDate: %s\nMessage-ID: <%s@e2e.test>\n' "$from" "$to" "$subject" \
        "$(date -R)" "$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')"
    printf 'MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n'
    [ $# = 0 ] || printf '%s\n' "$@"
    printf '\n%s\n' "$text"
}

# submit USER TO...: by STARTTLS and AUTH; USER is the prefix of the mailenv variables.
submit() {
    local user=${1}_USER pass=${1}_PASS
    shift
    # printf, because curl takes the first ":" of user:password as the border and nothing else
    e2e_curl "smtp://$MAIL_HOST:$SUBMISSION_PORT/e2e.test" "${!user}" --ssl-reqd --cacert "$CA_FILE" \
        --user "${!user}:${!pass}" "$@"
}
# inject FROM TO...: to the MX port; a mail given for somebody from anybody.
inject() {
    local from=$1
    shift
    e2e_curl "smtp://$MAIL_HOST:$SMTP_PORT/e2e.test" "$from" "$@"
}
e2e_curl() {
    local url=$1 from=$2 mail=$BATS_TEST_TMPDIR/outgoing.eml argument=()
    shift 2
    while [ $# -gt 0 ]; do
        case $1 in
        --cacert | --user) argument+=("$1" "$2"); shift ;;
        --*) argument+=("$1") ;;
        *) argument+=(--mail-rcpt "$1") ;;
        esac
        shift
    done
    sed 's/\r$//; s/$/\r/' >"$mail"
    curl --silent --show-error --max-time "$E2E_WAIT" --url "$url" --mail-from "$from" "${argument[@]}" --upload-file "$mail"
}

# imap USER [FOLDER] COMMAND: one IMAP command as that mailbox's owner, its answer on standard output.
imap() {
    local user=${1}_USER pass=${1}_PASS folder=
    shift
    [ $# = 1 ] || { folder=$1; shift; }
    curl --silent --show-error --max-time "$E2E_WAIT" --cacert "$CA_FILE" --user "${!user}:${!pass}" \
        "imaps://$MAIL_HOST:$IMAPS_PORT/$folder" --request "$1"
}

# ---- waiting
# A command that returns 99 has given up: waiting ends at once (not 2: grep's word for a file not there yet).
wait_for() {
    local seconds=$1 end rc
    shift
    end=$((SECONDS + seconds))
    while :; do
        rc=0
        "$@" || rc=$?
        [ $rc != 0 ] || return 0
        if [ $rc = 99 ] || [ $SECONDS -ge $end ]; then break; fi
        sleep 0.05
    done
    echo "waited $seconds s in vain for: $*"
    return 1
}

# ---- mails out: read from the Maildir, so that no client changes a flag
# The files of a mailbox's INBOX (or of FOLDER), in the order they came.
mail_files() {
    local box=$MAIL_STORE/$1/Maildir${2:+/.$2}
    find "$box/new" "$box/cur" -type f -printf '%T@ %p\n' 2>/dev/null | sort -n | cut -d' ' -f2-
}
mail_count() { mail_files "$@" | wc -l; }
has_mails() { [ "$(mail_count "$1")" -ge "$2" ]; }
wait_mails() {
    wait_for "$E2E_WAIT" has_mails "$1" "$2" || { mails_seen "$1"; return 1; }
}
# The path of the first mail whose decoded text matches, in MAIL_FOUND too.
find_mail() {
    local f
    while IFS= read -r f; do
        if mail_text "$f" | grep -qE -- "$2"; then MAIL_FOUND=$f; return 0; fi
    done < <(mail_files "$1")
    return 1
}
wait_mail() {
    wait_for "$E2E_WAIT" find_mail "$1" "$2" >&2 || { mails_seen "$1" >&2; return 1; }
    echo "$MAIL_FOUND"
}
mails_seen() {
    local f
    echo "--- $1 holds:"
    while IFS= read -r f; do printf '%s\n' "* $(mail_field "$f" From): $(mail_field "$f" Subject)"; done < <(mail_files "$1")
}
# Header fields unfolded and decoded, then the text of each part in UTF-8.
mail_text() { perl "$E2E_DIR/mailtext.pl" "$1"; }
# The decoded value of the first field of that name; empty when there is none.
mail_field() { mail_text "$1" | sed -n "1,/^\$/s/^$2: //Ip" | head -n 1; }

# ---- assertions: each prints what was seen
assert_equal() {
    [ "$1" = "$2" ] || { printf 'expected: %s\nseen:     %s\n' "$2" "$1"; return 1; }
}
assert_match() {
    grep -qE -- "$2" <<<"$1" || { printf 'no match of: %s\nin:\n%s\n' "$2" "$1"; return 1; }
}
refute_match() {
    ! grep -nE -- "$2" <<<"$1" || { printf 'must not match: %s\n' "$2"; return 1; }
}
assert_mail() { assert_match "$(mail_text "$1")" "$2"; }
refute_mail() { refute_match "$(mail_text "$1")" "$2"; }
