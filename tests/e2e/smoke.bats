#!/usr/bin/env bats
# The shortest way: a member's mail becomes a card, the assignee hears of it, the daemon stops cleanly.
setup() { load helpers; e2e_setup; e2e_needs_program; instance_make; }
teardown() { e2e_teardown; }

@test "a mail becomes a card, its assignee is told, SIGTERM ends the daemon with 0" {
    daemon_start
    mail_make "Wang Fang <wang@team.test>" tasks@team.test "[orders] 包裹破损 20731 @anna" "请看照片" | submit WANG tasks@team.test
    file=$(wait_mail anna@team.test '^Subject: \[tasks-1\]')
    assert_mail "$file" '^Subject: \[tasks-1\] 包裹破损 20731$'
    assert_mail "$file" '请看照片'
    assert_match "$(mail_field "$file" Reply-To)" 'tasks\+r\.[a-z2-7]{26}@team\.test'
    run -0 cardpost card show tasks-1
    assert_match "$output" '包裹破损 20731'
    daemon_stop
    assert_equal "$DAEMON_CODE" 0
}

@test "an answer to the notice becomes a comment, its author hears nothing" {
    daemon_start
    mail_make "wang@team.test" tasks@team.test "[orders] Damaged @anna" "first" | submit WANG tasks@team.test
    file=$(wait_mail anna@team.test '^Subject: \[tasks-1\]')
    to=$(mail_field "$file" Reply-To | sed 's/.*<//; s/>.*//')
    mail_make anna@team.test "$to" "Re: [tasks-1] Damaged" "seen and answered" "In-Reply-To: $(mail_field "$file" Message-ID)" |
        submit ANNA "$to"
    file=$(wait_mail wang@team.test 'seen and answered')
    assert_match "$(mail_field "$file" Subject)" '^(Re: )?\[tasks-1\] Damaged$'
    assert_equal "$(mail_count anna@team.test)" 1
}
