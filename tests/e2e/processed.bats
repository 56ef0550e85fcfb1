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

@test "D01: the same mail copied in the mailbox makes no second card" {
    instance_make
    daemon_start
    task one
    wait_mail joe@team.test 'text of one'
    imap TASKS INBOX 'COPY 1 INBOX'
    daemon_log 'outcome=duplicate'
    assert_equal "$(mail_count joe@team.test)" 1
}

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
is_small_moved() { [ "$(mail_count tasks@team.test Done)" = 1 ]; }
