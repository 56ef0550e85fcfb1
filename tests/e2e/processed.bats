#!/usr/bin/env bats
# What becomes of a mail in the mailbox once it is taken.
setup() { load helpers; e2e_setup; e2e_needs_program; }
teardown() { e2e_teardown; }

task() { mail_make li@team.test tasks@team.test "[orders] $1 @joe" "text of $1" | submit LI tasks@team.test; }

@test "processed mails are moved to a folder, made when it is missing" {
    E2E_MAILBOX_KEYS='done = "move:Cardpost/Done"' instance_make
    daemon_start
    task one
    wait_mail joe@team.test 'text of one'
    wait_for "$E2E_WAIT" is_moved 1
    task two
    wait_for "$E2E_WAIT" is_moved 2
    assert_equal "$(mail_count tasks@team.test)" 0
}
is_moved() { [ "$(mail_count tasks@team.test Cardpost.Done)" = "$1" ] && [ "$(mail_count tasks@team.test)" = 0 ]; }

@test "D07: remembered only, a mail stays where and as it is and acts once, read or unread" {
    instance_make
    daemon_start
    task one
    wait_mail joe@team.test 'text of one'
    assert_equal "$(mail_count tasks@team.test)" 1
    # a person reads it in the shared mailbox; the daemon is started again
    imap TASKS INBOX 'STORE 1 +FLAGS (\Seen)'
    daemon_stop
    daemon_start
    task two
    wait_mail joe@team.test 'text of two'
    assert_equal "$(mail_count joe@team.test)" 2
    assert_equal "$(mail_count tasks@team.test)" 2
    assert_equal "$(mail_files tasks@team.test | grep -c ':2,[A-Z]*S')" 1
}

@test "D01: the same mail copied in the mailbox makes no second card and no second comment" {
    instance_make
    daemon_start
    task one
    file=$(wait_mail joe@team.test 'text of one')
    mail_make joe@team.test "$(mail_field "$file" Reply-To | sed 's/.*<\(.*\)>.*/\1/')" "Re: $(mail_field "$file" Subject)" 'an answer' | submit JOE tasks@team.test
    wait_for "$E2E_WAIT" outcomes_are 'applied commented'
    imap TASKS INBOX 'COPY 1:2 INBOX'
    wait_for "$E2E_WAIT" outcomes_are 'applied commented duplicate duplicate'
    assert_equal "$(cardpost card list --json | jq length)" 1
    assert_equal "$(cardpost card show 1 --json | jq '.comments | length')" 2
    assert_equal "$(mail_count joe@team.test)" 1
}
outcomes_are() { [ "$(outcomes)" = "$1" ]; }
# Of the mails, in their order.
outcomes() { sqlite3 -readonly "$INSTANCE/data/cardpost.db" 'SELECT outcome FROM outcome WHERE seq > 1 ORDER BY seq' | xargs; }

@test "D07: mails are read, flagged, moved and deleted before they are fetched" {
    instance_make
    for i in 1 2 3 4 5 6; do task "number $i"; done
    wait_mails tasks@team.test 6
    imap TASKS INBOX 'STORE 1 +FLAGS (\Seen)'
    imap TASKS INBOX 'STORE 2 +FLAGS (\Flagged \Answered \Seen)'
    imap TASKS '' 'CREATE Elsewhere'
    imap TASKS INBOX 'MOVE 4 Elsewhere'
    imap TASKS INBOX 'STORE 4 +FLAGS (\Deleted)'
    imap TASKS INBOX 'EXPUNGE'
    # marked deleted and still there
    imap TASKS INBOX 'STORE 3 +FLAGS (\Deleted)'
    daemon_start
    wait_mails joe@team.test 4
    task seven
    wait_mail joe@team.test 'text of seven'
    assert_equal "$(outcomes)" 'applied applied applied applied applied'
    assert_equal "$(mail_count joe@team.test)" 5
    # nobody's flags were touched
    assert_equal "$(mail_files tasks@team.test | sed -n 's/.*:2,\([A-Z]*\).*/\1/p' | sort | xargs)" 'FRS S T'
    # moved back it is a new mail in the folder, taken once
    imap TASKS Elsewhere 'MOVE 1 INBOX'
    wait_mails joe@team.test 6
    assert_equal "$(outcomes)" 'applied applied applied applied applied applied'
}

@test "D07: mails are read, moved and deleted while they are fetched" {
    E2E_MAILBOX_KEYS='done = "move:Done"' instance_make
    imap TASKS '' 'CREATE Elsewhere'
    for i in $(seq 1 60); do
        { mail_make li@team.test tasks@team.test "[orders] number $i" "text of $i"; head -c 60000 /dev/urandom | base64; } | submit LI tasks@team.test
    done
    wait_mails tasks@team.test 60
    daemon_start
    # the people at work: they hold whatever they got, the daemon has the rest
    for i in $(seq 1 15); do
        imap TASKS INBOX "UID STORE $((i + 30)) +FLAGS (\\Seen)" >/dev/null || true
        imap TASKS INBOX "UID MOVE $((61 - i)) Elsewhere" >/dev/null || true
        imap TASKS INBOX "UID STORE $((46 - i)) +FLAGS (\\Deleted)" >/dev/null || true
        imap TASKS INBOX "UID EXPUNGE $((46 - i))" >/dev/null || true
    done
    task last
    wait_mail joe@team.test 'text of last'
    wait_for "$E2E_WAIT" inbox_is_empty
    # each mail that went to Done has one outcome, and no other mail has two
    rows=$(sqlite3 -readonly "$INSTANCE/data/journal.db" 'SELECT count(*), count(DISTINCT sha256) FROM input WHERE mailbox IS NOT NULL')
    assert_match "$rows" '^([0-9]+)\|\1$'
    [ "${rows%|*}" -ge "$(mail_count tasks@team.test Done)" ]
    assert_equal "$(outcomes | xargs -n1 | sort -u)" applied
    assert_equal "$(grep -c 'warning' "$INSTANCE/log" || true)" 0
}
inbox_is_empty() { [ "$(mail_count tasks@team.test)" = 0 ]; }
@test "P08: an oversize mail is fetched in part, a card says so, and it stays in the mailbox" {
    E2E_MAILBOX_KEYS=$'max_mail = 64k\ndone = "move:Done"' instance_make
    daemon_start
    {
        mail_make li@team.test tasks@team.test "[orders] Huge @joe" "the beginning"
        head -c 300000 /dev/urandom | base64
    } | submit LI tasks@team.test
    file=$(wait_mail joe@team.test '^Subject: \[tasks-1\] Huge')
    assert_mail "$file" 'stays in the'
    daemon_log 'outcome=oversize'
    task small
    wait_mail joe@team.test 'text of small'
    wait_for "$E2E_WAIT" is_small_moved
    assert_equal "$(mail_count tasks@team.test)" 1
}

@test "P08: 60 MB, over the usual limit, as the first of ten" {
    E2E_MAILBOX_KEYS='done = "move:Done"' instance_make
    { mail_make li@team.test tasks@team.test "[orders] Huge" "the beginning"; yes "$(printf 'x%.0s' {1..70})" | head -c 60000000; } >"$BATS_TEST_TMPDIR/huge"
    curl -sS --max-time 60 --cacert "$CA_FILE" --user "$TASKS_USER:$TASKS_PASS" "imaps://localhost:$IMAPS_PORT/INBOX" -T "$BATS_TEST_TMPDIR/huge"
    for i in 1 2 3 4 5 6 7 8 9; do task "number $i"; done
    daemon_start
    wait_for "$E2E_WAIT" are_moved 9
    wait_for "$E2E_WAIT" counted '9 applied 1 oversize'
    assert_equal "$(outcomes | cut -d' ' -f1)" oversize
    assert_match "$(cardpost card show 1 --json | jq -r '.comments[0].text')" 'the original stays in the mailbox'
    assert_equal "$(mail_count tasks@team.test)" 1
    [ "$(du -sk "$INSTANCE/data" | cut -f1)" -lt 5000 ]
    for pid in "$DAEMON" $(pgrep -P "$DAEMON"); do
        # a password command that has just ended has no memory any more
        peak=$(sed -n 's/^VmHWM: *\([0-9]*\) kB/\1/p' "/proc/$pid/status" || true)
        [ "${peak:-0}" -lt "$((512 * 1024))" ]
    done
}
counted() { [ "$(outcomes | xargs -n1 | sort | uniq -c | xargs)" = "$1" ]; }
are_moved() { [ "$(mail_count tasks@team.test Done)" = "$1" ]; }
is_small_moved() { [ "$(mail_count tasks@team.test Done)" = 1 ]; }
