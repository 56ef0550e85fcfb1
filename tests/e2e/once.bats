#!/usr/bin/env bats
# run --once against the servers: for cron, and for whoever wants to see before a daemon runs.
setup() { load helpers; e2e_setup; e2e_needs_program; instance_make; }
teardown() { e2e_teardown; }

once() { cardpost run --once >>"$INSTANCE/log" 2>&1 </dev/null; }
new_task() { mail_make wang@team.test tasks@team.test "[orders] $1 @anna" "text of $1" | submit WANG tasks@team.test; }
inbox_holds() { [ "$(mail_count tasks@team.test)" -ge "$1" ]; }

@test "run --once takes in what waits, sends, and ends; the next one finds only what is new" {
    run -0 once
    assert_equal "$(cardpost card list)" "(none)"
    new_task First
    new_task Second
    wait_for "$E2E_WAIT" inbox_holds 2
    run -0 once
    assert_equal "$(cardpost card list --json | jq length)" 2
    wait_mails anna@team.test 2
    assert_equal "$(cardpost queue list)" "(none)"
    run -0 once
    assert_equal "$(cardpost card list --json | jq length)" 2
    new_task Third
    wait_for "$E2E_WAIT" inbox_holds 3
    run -0 once
    wait_mail anna@team.test '^Subject: \[tasks-3\] Third$'
    assert_equal "$(cardpost card list --json | jq length)" 3
    assert_equal "$(mail_count anna@team.test)" 3
    refute_match "$(cat "$INSTANCE/log")" ' (warning|error) '
}

@test "run --once ends with 75 when the mailbox refuses the login; the mail is taken in once that is mended" {
    new_task Waits
    wait_for "$E2E_WAIT" inbox_holds 1
    echo wrong >"$INSTANCE/wrong"
    chmod 600 "$INSTANCE/wrong"
    cp "$INSTANCE/cardpost.conf" "$INSTANCE/good.conf"
    sed -i "0,/password_file/s,/password\",/wrong\"," "$INSTANCE/cardpost.conf"
    run -75 once
    daemon_log 'imap\.refused .*mailbox=main'
    assert_equal "$(cardpost card list)" "(none)"
    wait_mail li@team.test 'mailbox main: .*[Aa]uthentication failed\.? \(mend user, password, ' # the admin is told
    cp "$INSTANCE/good.conf" "$INSTANCE/cardpost.conf"
    run -0 once
    assert_equal "$(cardpost card list --json | jq -r '.[].title')" Waits
    wait_mail anna@team.test '^Subject: \[tasks-1\] Waits$'
}

@test "run --once and a second daemon: a data directory has one writer" {
    daemon_start
    run -75 cardpost run --once
    assert_match "$output" "in use by another cardpost \(process [0-9]+\)"
    daemon_stop
    run -0 once
}
