#!/usr/bin/env bats
# The servers that the other files stand on: logins, the trace of AUTH, certificates, folders on disk.
setup() { load helpers; e2e_setup; }
teardown() { e2e_teardown; }

@test "IMAPS login, wrong password, odd passwords" {
    run imap TASKS 'LIST "" "*"'
    assert_match "$output" INBOX
    run imap WANG 'LIST "" "*"'
    assert_match "$output" INBOX
    run imap ZHANG 'LIST "" "*"'
    assert_match "$output" INBOX
    TASKS_PASS=wrong run ! imap TASKS 'LIST "" "*"'
}

@test "IMAP offers what cardpost uses" {
    run imap TASKS CAPABILITY
    for extension in IDLE UIDPLUS MOVE ID LITERAL[+]; do assert_match "$output" " $extension( |"$'\r'"|\$)"; done
}

@test "a submission with AUTH says who logged in, a mail from outside does not" {
    mail_make li@team.test tasks@team.test "one 蓝牙" "text 耳机" | submit LI tasks@team.test
    wait_mails tasks@team.test 1
    mail_make li@team.test tasks@team.test "two" "text" | inject li@team.test tasks@team.test
    wait_mails tasks@team.test 2
    file=$(wait_mail tasks@team.test '^Subject: one 蓝牙')
    assert_mail "$file" '^Received: .*\(Authenticated sender: li@team\.test\)'
    assert_mail "$file" '^text 耳机'
    file=$(wait_mail tasks@team.test '^Subject: two')
    refute_mail "$file" 'Authenticated sender'
}

@test "nobody submits without AUTH or TLS" {
    mail_make li@team.test tasks@team.test no no >"$BATS_TEST_TMPDIR/mail"
    run ! curl -sS --max-time 60 --ssl-reqd --cacert "$CA_FILE" --url "smtp://localhost:$SUBMISSION_PORT" \
        --mail-from li@team.test --mail-rcpt tasks@team.test -T "$BATS_TEST_TMPDIR/mail"
    run ! curl -sS --max-time 60 --url "smtp://localhost:$SUBMISSION_PORT" --user "$LI_USER:$LI_PASS" \
        --mail-from li@team.test --mail-rcpt tasks@team.test -T "$BATS_TEST_TMPDIR/mail"
    assert_equal "$(mail_count tasks@team.test)" 0
}

@test "certificates: another host's, an unknown issuer's and an expired one are refused, the good one is not" {
    for address in "$ADDR_BADHOST" "$ADDR_BADCA" "$ADDR_EXPIRED"; do
        MAIL_HOST=$address run -60 imap TASKS NOOP
        run -60 curl -sS --max-time 60 --ssl-reqd --cacert "$CA_FILE" --url "smtp://$address:$SUBMISSION_PORT"
        run -60 curl -sS --max-time 60 --cacert "$CA_FILE" --url "smtps://$address:$SMTPS_PORT"
    done
    MAIL_HOST=$ADDR_GOOD run -0 imap TASKS NOOP
}

@test "no cleartext login on the strict address" {
    run ! curl -sS --max-time 60 --user "$TASKS_USER:$TASKS_PASS" "imap://$ADDR_STRICT:$IMAP_PORT/"
    run -0 curl -sS --max-time 60 --ssl-reqd --cacert "$CA_FILE" --user "$TASKS_USER:$TASKS_PASS" "imap://$ADDR_STRICT:$IMAP_PORT/"
}

@test "plus addresses arrive, strangers' domains are not relayed, bounces come back" {
    mail_make x@elsewhere.test tasks+r.abc@team.test plus text | inject x@elsewhere.test tasks+r.abc@team.test
    file=$(wait_mail tasks@team.test '^Subject: plus')
    assert_equal "$(mail_field "$file" To)" tasks+r.abc@team.test
    mail_make x@elsewhere.test y@other.test relay text >"$BATS_TEST_TMPDIR/mail"
    run ! inject x@elsewhere.test y@other.test <"$BATS_TEST_TMPDIR/mail"
    mail_make li@team.test bounce@factory.test lost text | submit LI bounce@factory.test
    file=$(wait_mail li@team.test '^Content-Type: multipart/report')
    assert_mail "$file" '^-- message/delivery-status'
}

@test "XOAUTH2 by access token, and a new one for a refresh token" {
    run -0 curl -sS --max-time 60 --cacert "$CA_FILE" --user "$TASKS_USER:" --oauth2-bearer "$OAUTH_ACCESS_TOKEN" \
        --login-options AUTH=XOAUTH2 "imaps://localhost:$IMAPS_PORT/"
    run ! curl -sS --max-time 60 --cacert "$CA_FILE" --user "$TASKS_USER:" --oauth2-bearer wrong \
        --login-options AUTH=XOAUTH2 "imaps://localhost:$IMAPS_PORT/"
    run curl -sS --max-time 60 -d "grant_type=refresh_token&refresh_token=$OAUTH_REFRESH_TOKEN" "$OAUTH_TOKEN_URL"
    assert_match "$output" '"access_token":"access-'
}

@test "reset empties mailboxes, kick cuts sessions" {
    mail_make a@b.test tasks@team.test gone text | inject a@b.test tasks@team.test
    wait_mails tasks@team.test 1
    "$E2E_DIR/mailenv" reset "$E2E_SERVERS"
    assert_equal "$(mail_count tasks@team.test)" 0
    "$E2E_DIR/mailenv" kick "$E2E_SERVERS"
    run -0 imap TASKS NOOP
}
