#!/usr/bin/env bats
# A submission server that refuses, hangs up and lies (smtp.pl), and what becomes of the mails meant for it.
setup() {
    load helpers
    e2e_setup
    e2e_needs_program
    FAKE=$BATS_TEST_TMPDIR/fake
    mkdir -p "$FAKE/bodies"
    : >"$FAKE/script"
    : >"$FAKE/log"
    perl "$E2E_DIR/smtp.pl" "$FAKE/port" "$FAKE/script" "$FAKE/log" "$FAKE/bodies" 3>&- &
    FAKE_PID=$!
    wait_for "$E2E_WAIT" test -s "$FAKE/port"
    instance_make
    # the second block of servers: the outgoing one
    perl -0pi -e 's/(outgoing \{\s*smtp_host = )"[^"]*"(\s*smtp_port = )\d+(\s*tls = )"[^"]*"\s*ca_file = "[^"]*"/${1}"127.0.0.1"${2}'"$(<"$FAKE/port")"'${3}"none"/' "$INSTANCE/cardpost.conf"
}
teardown() {
    e2e_teardown
    [ -z "${FAKE_PID:-}" ] || kill "$FAKE_PID" 2>/dev/null || true
}

task() { mail_make li@team.test tasks@team.test "[orders] $1 @joe" "text of $1" | submit LI tasks@team.test; }
queue_is() { [ "$(queue "$1")" = "$2" ]; }
# One value of the mail to joe.
queue() { cardpost queue list --all --json | jq -r "[.[] | select(.recipient == \"joe@team.test\")] | .[0].$1 // \"none\""; }
bodies_to() { grep -lE "^To: .*$1" "$FAKE"/bodies/* 2>/dev/null | sort -V; }
has_bodies() { [ "$(bodies_to "$1" | wc -l)" -ge "$2" ]; }

@test "S01: 4xx at each stage waits, goes again by the schedule with the same Message-ID, and arrives once" {
    daemon_start
    local stage body=
    for stage in connect mail rcpt data dot; do
        echo "$stage 451 4.3.0 later" >"$FAKE/script"
        rm -f "$FAKE"/bodies/*
        task "$stage"
        wait_for "$E2E_WAIT" queue_is status deferred
        assert_equal "$(queue attempts) $(queue code)" '1 451'
        # the next try is a minute away, not at once
        [ "$(date -d "$(queue next_at)" +%s)" -gt "$(($(date +%s) + 20))" ]
        [ "$stage" != dot ] || body=$(bodies_to joe)
        id=$(queue message_id)
        : >"$FAKE/script"
        cardpost queue retry all
        wait_for "$E2E_WAIT" queue_is status sent
        assert_equal "$(queue message_id)" "$id"
        last=$(bodies_to joe | tail -n 1)
        grep -qiF "Message-ID: $id" "$last" || grep -qF "$id" "$last"
        [ "$stage" != dot ] || cmp "$body" "$last"
        assert_equal "$(bodies_to joe | wc -l)" "$([ "$stage" = dot ] && echo 2 || echo 1)"
        daemon_stop
        sqlite3 "$INSTANCE/data/cardpost.db" "DELETE FROM outbox_bytes; DELETE FROM outbox"
        daemon_start
    done
}

@test "S01: 5xx fails once, is not tried again, the admin is told, and a refused telling makes no loop" {
    daemon_start
    printf 'rcpt 550 5.1.1 no such user\n' >"$FAKE/script"
    task "nobody"
    wait_for "$E2E_WAIT" queue_is status failed
    assert_equal "$(queue attempts) $(queue code)" '1 550'
    # the mail that tells of it is refused as well: that is no reason for one more
    daemon_log 'notice\.rendered .*kind=admin'
    wait_for "$E2E_WAIT" admin_is_refused
    wait_for "$E2E_WAIT" nothing_waits
    assert_equal "$(grep -c '^RCPT TO:<joe@team.test>' "$FAKE/log")" 1
    tried=$(grep -c '^RCPT' "$FAKE/log")
    sleep 3
    assert_equal "$(grep -c '^RCPT' "$FAKE/log")" "$tried"
    [ "$tried" -le 4 ]
    assert_equal "$(bodies_to joe | wc -l)" 0
    kill -0 "$DAEMON"
}
admin_is_refused() {
    sqlite3 -readonly -cmd '.timeout 30000' "$INSTANCE/data/cardpost.db" \
        "SELECT status FROM outbox WHERE id IN (SELECT outbox_id FROM notice WHERE kind = 'admin')" | grep -qx failed
}
nothing_waits() { cardpost queue list --json | jq -e 'all(.[]; .status == "failed" or .status == "sent")' >/dev/null; }

@test "S01: 5xx for one recipient: the admin's mail about it arrives and names who did not get what, once" {
    daemon_start
    printf 'rcpt:joe@team.test 550 5.1.1 no such user\n' >"$FAKE/script"
    task "nobody"
    wait_for "$E2E_WAIT" queue_is status failed
    wait_for "$E2E_WAIT" admin_is_told
    wait_for "$E2E_WAIT" nothing_waits
    told=$(grep -l '^X-Cardpost-Reason: admin' "$FAKE"/bodies/*)
    assert_equal "$(wc -l <<<"$told")" 1
    assert_match "$(tr -d '\r' <"$told" | grep '^To:')" 'li@team\.test'
    assert_mail "$told" 'could not be delivered to joe@team\.test: .*550 5\.1\.1 no such user'
    assert_equal "$(bodies_to joe | wc -l)" 0
}
admin_is_told() { grep -q '^X-Cardpost-Reason: admin' "$FAKE"/bodies/* 2>/dev/null; }

@test "S05: STARTTLS not offered, or refused, and AUTH LOGIN without it: no password, the mail waits, status says why" {
    sed -i 's/tls = "none"/tls = "starttls"/' "$INSTANCE/cardpost.conf"
    printf '%s\n' 'ehlo 250-fake\r\n250 AUTH LOGIN' >"$FAKE/script"
    daemon_start
    task "waits"
    wait_for "$E2E_WAIT" status_says 'STARTTLS not supported'
    wait_for "$E2E_WAIT" queue_is status deferred
    printf '%s\n' 'ehlo 250-fake\r\n250-STARTTLS\r\n250 AUTH LOGIN' >"$FAKE/script"
    cardpost queue retry all
    wait_for "$E2E_WAIT" status_says '454 4\.7\.0'
    wait_for "$E2E_WAIT" queue_is status deferred
    refute_match "$(<"$FAKE/log")" "^(AUTH|MAIL)|$TASKS_PASS|$(printf %s "$TASKS_PASS" | base64)"
}
status_says() { cardpost status 2>/dev/null | grep -qE -- "^  last answer: .*$1"; }

@test "S03: the connection closes after the dot: unknown, sent again with equal bytes, one copy more" {
    daemon_start
    echo 'dot close' >"$FAKE/script"
    task "vanished"
    wait_for "$E2E_WAIT" queue_is status unknown
    : >"$FAKE/script"
    cardpost queue retry all
    wait_for "$E2E_WAIT" queue_is status sent
    mapfile -t copies < <(bodies_to joe)
    assert_equal "${#copies[@]}" 2
    cmp "${copies[0]}" "${copies[1]}"
}

@test "G01: what a server and a sender write makes one escaped, short line of the log each" {
    daemon_start
    # shellcheck disable=SC2016
    printf 'rcpt 550-5.1.1 red\\e[31m\\r\\n550-2026-01-01T00:00:00.000Z error cardpost[1] fake.line why=%%n\\r\\n550 end%s\n' \
        "$(head -c 100000 /dev/zero | tr '\0' y)" >"$FAKE/script"
    evil='=?utf-8?q?x=0A2026-01-01T00=3A00=3A00.000Z_error_cardpost=5B1=5D_fake.line=1B=5B2J=0D%n%s?='
    {
        printf 'From: %s <evil@other.test>\nTo: tasks@team.test\nSubject: %s\n %s\nMessage-ID: <%%n%%s@x>\n' "$evil" "$evil" \
            "$(head -c 1000000 /dev/zero | tr '\0' z | fold -w 900 | sed 's/^/ /')"
        printf 'MIME-Version: 1.0\nContent-Type: application/octet-stream; name="%s"\nContent-Disposition: attachment; filename="%s"\n\nx\n' "$evil" "$evil"
    } | sed 's/\r$//; s/$/\r/' >"$BATS_TEST_TMPDIR/evil"
    curl -sS --max-time 60 --cacert "$CA_FILE" --user "$TASKS_USER:$TASKS_PASS" "imaps://localhost:$IMAPS_PORT/INBOX" -T "$BATS_TEST_TMPDIR/evil"
    daemon_log 'seq=2 .*outcome='
    task "after"
    daemon_log 'outbox\.result .*status=failed .*red'
    cardpost status >/dev/null
    # every line is a line of ours, none is long, none carries a control character, none was written by others
    assert_equal "$(grep -cvE '^20[0-9-]+T[0-9:.]+Z (error|warning|info|debug) [a-z0-9:._-]+\[[0-9]+\] [a-z_.-]+( |$)' "$INSTANCE/log")" 0
    refute_match "$(<"$INSTANCE/log")" '^2026-01-01'
    [ "$(grep -c 'fake\.line' "$INSTANCE/log")" -gt 0 ]
    assert_equal "$(LC_ALL=C grep -cP '[\x00-\x08\x0b-\x1f\x7f]' "$INSTANCE/log")" 0
    [ "$(wc -L <"$INSTANCE/log")" -lt 3000 ]
}
