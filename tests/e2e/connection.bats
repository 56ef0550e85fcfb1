#!/usr/bin/env bats
# The connections to the servers: TLS in both forms, what is refused before a secret is sent, and what is taken
# up again after it broke.
setup() { load helpers; e2e_setup; e2e_needs_program; }
teardown() {
    e2e_teardown
    [ ! -e "$BATS_TEST_TMPDIR/users" ] || cp -p "$BATS_TEST_TMPDIR/users" "${MAIL_STORE%/*}/users"
}

task() { mail_make li@team.test tasks@team.test "[orders] $1 @joe" "text of $1" | submit LI tasks@team.test; }
status_shows() { cardpost status 2>/dev/null | grep -qE -- "$1"; }

@test "STARTTLS for IMAP and SMTP, at a server that takes no login before it" {
    E2E_TLS=starttls E2E_IMAP_HOST=$ADDR_STRICT instance_make
    daemon_start
    task one
    wait_mail joe@team.test 'text of one'
}

@test "I09: wrong certificates, with both kinds of TLS: no login is tried, status says refused and why" {
    for tls in implicit starttls; do
        for address in "$ADDR_BADHOST" "$ADDR_BADCA" "$ADDR_EXPIRED" "$ADDR_GOOD"; do
            : >"$DOVECOT_LOG"
            E2E_TLS=$tls E2E_IMAP_HOST=$address E2E_TEAM='' instance_make
            revoke_if_good mailbox "$address"
            daemon_start
            wait_for "$E2E_WAIT" status_shows '^mailbox main: refused .*certificate'
            daemon_stop
            wait_for "$E2E_WAIT" grep -q "lip=$address" "$DOVECOT_LOG"
            refute_match "$(<"$DOVECOT_LOG")" 'Login: user|auth failed|user=<[^>]'
            rm -rf "$INSTANCE"
        done
    done
}

# Of the servers tried here the good one has been revoked by its CA: SECTION ADDRESS
revoke_if_good() {
    [ "$2" = "$ADDR_GOOD" ] || return 0
    sed -i "/^$1 /,/^}/s,ca_file = .*,ca_file = \"$REVOKED_CA_FILE\"," "$INSTANCE/cardpost.conf"
}

@test "S05: wrong certificates at the SMTP server, with both kinds of TLS: no login there, the mail waits, status says why" {
    for tls in implicit starttls; do
        for address in "$ADDR_BADHOST" "$ADDR_BADCA" "$ADDR_EXPIRED" "$ADDR_GOOD"; do
            E2E_TLS=$tls E2E_SMTP_HOST=$address instance_make
            revoke_if_good outgoing "$address"
            daemon_start
            task "$tls $address"
            : >"$POSTFIX_LOG"
            wait_for "$E2E_WAIT" queue_waits
            wait_for "$E2E_WAIT" status_shows '^  last answer: .*certificate'
            daemon_log 'deliver\.refused .*certificate'
            daemon_log 'notice\.rendered .*kind=admin'
            daemon_stop
            wait_for "$E2E_WAIT" grep -q 'smtpd.*connect from' "$POSTFIX_LOG"
            refute_match "$(<"$POSTFIX_LOG")" 'sasl_username|AUTH'
            assert_equal "$(mail_count joe@team.test)" 0
            rm -rf "$INSTANCE"
            "$E2E_DIR/mailenv" reset "$E2E_SERVERS"
        done
    done
}
queue_waits() { cardpost queue list --json | jq -e 'length > 0 and all(.[]; .status != "sent") and any(.[]; .status == "deferred")' >/dev/null; }

@test "sessions that are cut are taken up again, and nothing is missed or taken twice" {
    instance_make
    daemon_start
    task one
    wait_mail joe@team.test 'text of one'
    "$E2E_DIR/mailenv" kick "$E2E_SERVERS"
    task two
    wait_mail joe@team.test 'text of two'
    assert_equal "$(mail_count joe@team.test)" 2
}

@test "a server that goes and comes back: mails that came meanwhile are taken" {
    instance_make
    daemon_start
    task one
    wait_mail joe@team.test 'text of one'
    $DOVEADM stop
    "$E2E_DIR/mailenv" start "$E2E_SERVERS"
    task two
    # one retry at once, the next a minute later
    E2E_WAIT=$((E2E_WAIT + 60)) wait_mail joe@team.test 'text of two'
    assert_equal "$(mail_count joe@team.test)" 2
    wait_for "$E2E_WAIT" status_shows '^mailbox main: up'
}

@test "I11: a refused password is not tried again and again, an admin hears of it, the other mailbox works" {
    mkdir -p "$INSTANCE"
    printf 'wrong\n' >"$INSTANCE/wrong"
    chmod 600 "$INSTANCE/wrong"
    : >"$DOVECOT_LOG"
    E2E_TOP_KEYS="mailbox second { imap_host = \"localhost\" imap_port = $IMAPS_PORT ca_file = \"$CA_FILE\" address = \"$BOSS_USER\"
        user = \"$BOSS_USER\" password_file = \"$INSTANCE/wrong\" }" instance_make
    daemon_start
    wait_for "$E2E_WAIT" status_shows '^mailbox second: refused'
    task one
    wait_mail joe@team.test 'text of one'
    file=$(wait_mail li@team.test '^X-Cardpost-Reason: admin')
    assert_mail "$file" 'mailbox second'
    assert_equal "$(grep -c "user=<$BOSS_USER>.*auth failed\|auth failed.*user=<$BOSS_USER>" "$DOVECOT_LOG")" 1
    run -0 cardpost status
    assert_match "$output" '^mailbox main: up'
    refute_match "$(<"$INSTANCE/log")" 'tasks-secret'
}

@test "I11: password commands that fail, hang or print two lines: told, tried slowly, the other mailbox works" {
    mkdir -p "$INSTANCE"
    local keys="" name
    for name in fails hangs lines helper; do
        case $name in
        fails) command='exit 3' ;;
        hangs) command='sleep 100' ;;
        lines) command='echo one; echo two' ;;
        # the process that runs the command answers nothing either
        helper) command="kill -STOP \$PPID; sleep 100" ;;
        esac
        keys+="mailbox $name { imap_host = \"localhost\" imap_port = $IMAPS_PORT ca_file = \"$CA_FILE\" address = \"$name@team.test\"
            user = \"$BOSS_USER\" password_command = \"echo x >>$INSTANCE/asked.$name; $command\" }
"
    done
    : >"$DOVECOT_LOG"
    E2E_TOP_KEYS=$keys instance_make
    daemon_start
    task one
    wait_mail joe@team.test 'text of one'
    for name in fails hangs lines helper; do
        wait_for "$((E2E_WAIT + 60))" status_shows "^mailbox $name: refused"
        wait_mail li@team.test "mailbox $name"
        # once, and again after a second: then a minute passes
        [ "$(wc -l <"$INSTANCE/asked.$name")" -le 2 ]
    done
    daemon_log 'secret\.failed .*several lines'
    daemon_log 'secret\.failed .*did not end within 30 seconds'
    daemon_log 'secret\.failed .*helper did not answer'
    task two
    wait_mail joe@team.test 'text of two'
    refute_match "$(<"$DOVECOT_LOG")" "$BOSS_USER"
    refute_match "$(<"$INSTANCE/log")" '\b(one|two)\\n'
}

@test "I11: the password is changed at run time: slowly tried, told, and good again without a new start" {
    instance_make
    daemon_start
    task one
    wait_mail joe@team.test 'text of one'
    : >"$DOVECOT_LOG"
    cp -p "${MAIL_STORE%/*}/users" "$BATS_TEST_TMPDIR/users"
    sed -i "s/^\($TASKS_USER:{PLAIN}\)[^:]*/\1changed-secret/" "${MAIL_STORE%/*}/users"
    "$E2E_DIR/mailenv" kick "$E2E_SERVERS"
    # one doubted refusal, then the hour
    wait_for "$((E2E_WAIT + 120))" status_shows '^mailbox main: refused'
    sleep 3
    tries=$(grep -c 'auth failed' "$DOVECOT_LOG")
    [ "$tries" -le 3 ]
    echo changed-secret >"$INSTANCE/password"
    kill -HUP "$DAEMON"
    wait_for "$E2E_WAIT" status_shows '^mailbox main: up'
}
