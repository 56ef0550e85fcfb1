#!/usr/bin/env bats
# What must not hurt: bad configuration, a second daemon, missing data, mails made to break readers, a full disk.
setup() { load helpers; e2e_setup; e2e_needs_program; }
teardown() {
    e2e_teardown
    if mountpoint -q "$INSTANCE/data" 2>/dev/null; then umount "$INSTANCE/data"; fi
}

task() { mail_make li@team.test tasks@team.test "[orders] $1 @joe" "text of $1" | submit LI tasks@team.test; }
append() { # FILE: these very bytes, into the mailbox
    curl -sS --max-time 60 --cacert "$CA_FILE" --user "$TASKS_USER:$TASKS_PASS" "imaps://localhost:$IMAPS_PORT/INBOX" -T "$1"
}

@test "SIGHUP: a file with an error keeps the old one and says why, a good one is taken" {
    instance_make
    daemon_start
    cp "$INSTANCE/cardpost.conf" "$INSTANCE/good"
    printf 'nonsense = 1\n' >>"$INSTANCE/cardpost.conf"
    kill -HUP "$DAEMON"
    daemon_log 'config\.rejected .*nonsense'
    mail_make li@team.test tasks@team.test "[orders] one @joe" "text of one" | submit LI tasks@team.test
    wait_mail joe@team.test 'text of one'
    sed 's/^language = .*/admin = "boss@team.test"/' "$INSTANCE/good" >"$INSTANCE/cardpost.conf"
    kill -HUP "$DAEMON"
    daemon_log 'config\.reloaded'
    task two
    wait_mail joe@team.test 'text of two'
    assert_equal "$(mail_count joe@team.test)" 2
    kill -0 "$DAEMON"
}

@test "D08: a second daemon on the same data refuses to start, the first goes on" {
    instance_make
    daemon_start
    run timeout 60 "$CARDPOST" -c "$INSTANCE/cardpost.conf" run </dev/null
    [ "$status" -ge 64 ] && [ "$status" -lt 124 ]
    assert_match "$output" 'run\.failed .*in use'
    task one
    wait_mail joe@team.test 'text of one'
    assert_equal "$(mail_count joe@team.test)" 1
    # nor does it start while the first is stopped, which still holds the data and goes on after
    mapfile -t all < <(echo "$DAEMON"; pgrep -P "$DAEMON")
    kill -STOP "${all[@]}"
    task two
    run timeout 60 "$CARDPOST" -c "$INSTANCE/cardpost.conf" run </dev/null
    kill -CONT "${all[@]}"
    [ "$status" -ge 64 ] && [ "$status" -lt 124 ]
    assert_match "$output" 'run\.failed .*in use'
    wait_mail joe@team.test 'text of two'
    task three
    wait_mail joe@team.test 'text of three'
    assert_equal "$(mail_count joe@team.test)" 3
    kill -0 "$DAEMON"
}

@test "B04: a missing, cut or newer database stops the start, and none is made in its place" {
    instance_make
    # so that no write-ahead log could mend what is cut here
    daemon_start
    daemon_stop
    for file in cardpost.db journal.db; do
        for way in missing cut newer; do
            cp -a "$INSTANCE/data" "$INSTANCE/kept"
            case $way in
            missing) rm "$INSTANCE/data/$file" ;;
            cut) truncate -s 5000 "$INSTANCE/data/$file" ;;
            newer) sqlite3 "$INSTANCE/data/$file" 'PRAGMA user_version = 999' ;;
            esac
            sum=$(md5sum "$INSTANCE/data/$file" 2>/dev/null || true)
            run timeout 60 "$CARDPOST" -c "$INSTANCE/cardpost.conf" run </dev/null
            echo "$file $way: $status $output"
            [ "$status" -ge 64 ] && [ "$status" -lt 124 ]
            assert_match "$output" "$file"
            assert_equal "$(md5sum "$INSTANCE/data/$file" 2>/dev/null || true)" "$sum"
            rm -rf "$INSTANCE/data"
            mv "$INSTANCE/kept" "$INSTANCE/data"
        done
    done
    daemon_start
}

@test "G02: the password is in no log, argument, environment, database or mail" {
    export -n TASKS_PASS
    instance_make
    daemon_start
    task one
    file=$(wait_mail joe@team.test 'text of one')
    encoded=$(printf '\0%s\0%s' "$TASKS_USER" "$TASKS_PASS" | base64)
    for pid in $DAEMON $(pgrep -P "$DAEMON"); do
        for where in cmdline environ; do
            refute_match "$(tr '\0' '\n' <"/proc/$pid/$where")" "$TASKS_PASS|$encoded"
        done
    done
    rm "$INSTANCE/password"
    run grep -raFl -e "$TASKS_PASS" -e "$encoded" "$INSTANCE"
    assert_equal "$output" ''
    refute_mail "$file" "$TASKS_PASS"
    # a reply token is known by its hash only, but for the mails that carry it
    token=$(mail_field "$file" Reply-To | sed 's/.*+r\.\([a-z2-7]*\)@.*/\1/')
    assert_equal "${#token}" 26
    refute_match "$(<"$INSTANCE/log")" "$token"
    refute_match "$(sqlite3 -readonly "$INSTANCE/data/cardpost.db" '.dump token' '.dump notice' '.dump mail_key' '.dump event')" "$token"
}

# Ten mails wait, the bad one first: it has an outcome within the limits, the nine others are cards.
first_of_ten() { # FILE
    local i
    instance_make
    append "$1"
    for i in 1 2 3 4 5 6 7 8 9; do task "number $i"; done
    wait_mails tasks@team.test 10
    daemon_start
    wait_mails joe@team.test 9
    wait_for "$E2E_WAIT" all_done 11
    kill -0 "$DAEMON"
}
all_done() { [ "$(sqlite3 -readonly "$INSTANCE/data/cardpost.db" 'SELECT count(*) FROM outcome')" = "$1" ]; }
outcome_of_first() { sqlite3 -readonly "$INSTANCE/data/cardpost.db" 'SELECT outcome FROM outcome WHERE seq = 2'; }

@test "P01: the 100 bytes that hang GMime, first of ten" {
    printf 'From: a@b.test\r\nContent-Type: multipart/mixed; %s="\xc3\xa9"\r\n\r\nx\r\n' "$(printf 'a%.0s' {1..71})" >"$BATS_TEST_TMPDIR/mail"
    first_of_ten "$BATS_TEST_TMPDIR/mail"
}

@test "P02: a million parts, first of ten" {
    { printf 'From: a@b.test\r\nSubject: parts\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n'
      yes -- $'--b\r\n\r' | head -n 2000000; } >"$BATS_TEST_TMPDIR/mail"
    first_of_ten "$BATS_TEST_TMPDIR/mail"
    assert_equal "$(outcome_of_first)" quarantined
    run -0 cardpost quarantine list
    assert_match "$output" 'parts'
}

@test "D11: a mail whose reader dies each time is put aside after three deaths, the others get through" {
    instance_make
    # No mail kills a reader of ours for certain: every reader is killed here, while this one is being read.
    { printf 'From: a@b.test\r\nSubject: killer\r\n\r\n'; head -c 6000000 /dev/zero | tr '\0' 'x' | fold -w 70; } >"$BATS_TEST_TMPDIR/mail"
    daemon_start
    kill_readers &
    killer=$!
    append "$BATS_TEST_TMPDIR/mail"
    daemon_log 'mail\.unreadable .*attempts=3'
    kill "$killer"
    wait "$killer" || true
    daemon_log 'seq=2 .*outcome=quarantined'
    task after
    wait_mail joe@team.test 'text of after'
    run -0 cardpost quarantine list --json
    assert_equal "$(jq -r '.[0].seq' <<<"$output")" 2
    run -0 cardpost quarantine release 2
    daemon_log 'kind=release outcome=triage'
}
kill_readers() {
    exec 3>&-
    while sleep 0.02; do pkill -KILL -P "$DAEMON" -f 'worker parse' || true; done
}

@test "D11: a mail with which the daemon itself ended three times is put aside after the next start" {
    instance_make
    daemon_start
    # readers that answer nothing, so that all ten are in hand when it ends
    wait_for "$E2E_WAIT" readers_are_there
    pkill -STOP -P "$DAEMON" -f 'worker parse'
    task bad
    for i in 1 2 3 4 5 6 7 8 9; do task "number $i"; done
    wait_for "$E2E_WAIT" journal_is 'SELECT count(*) FROM ledger' 10
    daemon_kill
    journal_is 'SELECT sum(attempts) FROM input' 0
    sqlite3 "$INSTANCE/data/journal.db" 'UPDATE input SET attempts = 3 WHERE seq = 2'
    daemon_start
    wait_mails joe@team.test 9
    daemon_log 'seq=2 .*outcome=quarantined reason="cardpost ended three times'
    # each of the others was counted too, before it was read alone
    assert_equal "$(sqlite3 -readonly "$INSTANCE/data/journal.db" 'SELECT attempts FROM input WHERE seq > 2' | xargs)" '1 1 1 1 1 1 1 1 1'
    assert_equal "$(sqlite3 -readonly "$INSTANCE/data/cardpost.db" 'SELECT outcome FROM outcome WHERE seq > 2' | sort | uniq -c | xargs)" '9 applied'
    refute_match "$(mails_seen li@team.test)" 'bad'
}
readers_are_there() { [ "$(pgrep -c -P "$DAEMON" -f 'worker parse')" -ge 2 ]; }
journal_is() { [ "$(sqlite3 -readonly "$INSTANCE/data/journal.db" "$1")" = "$2" ]; }

@test "B01: a full disk: nothing is lost or moved, and it goes on when there is room again" {
    mkdir -p "$INSTANCE/data"
    mount -t tmpfs -o size=8m,mode=700 cardpost-test "$INSTANCE/data" 2>/dev/null || skip "no tmpfs can be mounted here"
    E2E_MAILBOX_KEYS='done = "move:Done"' instance_make
    daemon_start
    task one
    wait_mail joe@team.test 'text of one'
    dd if=/dev/zero of="$INSTANCE/data/filler" bs=4k 2>/dev/null || true
    for i in 1 2 3 4 5; do
        { mail_make li@team.test tasks@team.test "[orders] full $i @joe" "text of full $i"; head -c 60000 /dev/urandom | base64; } | submit LI tasks@team.test
    done
    wait_mails tasks@team.test 5
    daemon_log '(journal|state|ledger|notify|outbox)\.waiting'
    sleep 2
    kill -0 "$DAEMON"
    # it waits between its tries, it does not spin
    [ "$(grep -c '\.waiting' "$INSTANCE/log")" -lt 100 ]
    assert_equal "$(mail_count tasks@team.test)" 5
    rm "$INSTANCE/data/filler"
    wait_mails joe@team.test 6
    wait_for "$E2E_WAIT" inbox_is_empty
    assert_equal "$(mail_count joe@team.test)" 6
    daemon_stop
    for file in cardpost.db journal.db; do
        assert_equal "$(sqlite3 -readonly "$INSTANCE/data/$file" 'PRAGMA integrity_check')" ok
    done
}
inbox_is_empty() { [ "$(mail_count tasks@team.test)" = 0 ]; }
