#!/usr/bin/env bats
# What must not hurt: bad configuration, a second daemon, missing data, mails made to break readers, a full disk.
setup() { load helpers; e2e_setup; e2e_needs_program; }
teardown() {
    e2e_teardown
    for disk in "$INSTANCE/data" "$INSTANCE"; do
        if mountpoint -q "$disk" 2>/dev/null; then umount "$disk"; fi
    done
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

@test "B04: a missing, cut, damaged, newer, foreign or readable database stops the start, and none is made in its place" {
    instance_make
    # so that no write-ahead log could mend what is cut here
    daemon_start
    daemon_stop
    for file in cardpost.db journal.db; do
        for way in missing empty cut damaged newer mode owner; do
            cp -a "$INSTANCE/data" "$INSTANCE/kept"
            case $way in
            missing) rm "$INSTANCE/data/$file"; said='does not exist' ;;
            empty) : >"$INSTANCE/data/$file"; said='not a cardpost database' ;;
            cut) truncate -s 5000 "$INSTANCE/data/$file"; said='damaged|malformed' ;;
            damaged) damage "$INSTANCE/data/$file"; said='damaged|malformed|not a database' ;;
            newer) sqlite3 "$INSTANCE/data/$file" 'PRAGMA user_version = 999'; said='newer cardpost' ;;
            mode) chmod 0644 "$INSTANCE/data/$file"; said='chmod 600' ;;
            owner) chown nobody "$INSTANCE/data/$file"; said='another user' ;;
            esac
            sum=$(md5sum "$INSTANCE/data/$file" 2>/dev/null || true)
            run timeout 60 "$CARDPOST" -c "$INSTANCE/cardpost.conf" run </dev/null
            echo "$file $way: $status $output"
            [ "$status" -ge 64 ] && [ "$status" -lt 124 ]
            assert_match "$output" "$file: .*($said)"
            assert_equal "$(md5sum "$INSTANCE/data/$file" 2>/dev/null || true)" "$sum"
            rm -rf "$INSTANCE/data"
            mv "$INSTANCE/kept" "$INSTANCE/data"
        done
    done
    daemon_start
}

# One page anywhere, the first not left out.
damage() {
    local pages page
    pages=$(($(stat -c %s "$1") / 4096))
    page=$((RANDOM % pages))
    echo "page $page of $pages"
    head -c 4096 /dev/urandom | dd of="$1" bs=4096 seek="$page" conv=notrunc status=none
}

@test "G02: the password is in no log, argument, environment, database or mail" {
    export -n TASKS_PASS
    mkdir -p "$INSTANCE"
    printf 'wrong-%s\n' "$TASKS_PASS" >"$INSTANCE/wrong"
    chmod 600 "$INSTANCE/wrong"
    E2E_TOP_KEYS="mailbox second { imap_host = \"localhost\" imap_port = $IMAPS_PORT ca_file = \"$CA_FILE\" address = \"$BOSS_USER\"
        user = \"$BOSS_USER\" password_file = \"$INSTANCE/wrong\" }" instance_make
    daemon_start
    task one
    file=$(wait_mail joe@team.test 'text of one')
    encoded=$(printf '\0%s\0%s' "$TASKS_USER" "$TASKS_PASS" | base64)
    for pid in $DAEMON $(pgrep -P "$DAEMON"); do
        for where in cmdline environ; do
            refute_match "$(tr '\0' '\n' <"/proc/$pid/$where")" "$TASKS_PASS|$encoded"
        done
    done
    token=$(mail_field "$file" Reply-To | sed 's/.*+r\.\([a-z2-7]*\)@.*/\1/')
    assert_equal "${#token}" 26
    # all that the program shows, and a backup
    for command in export 'status --json' check 'card list --json' 'card show 1 --json' 'queue list --all --json' \
        'quarantine list --json' 'board show orders' "explain --json $file"; do
        # shellcheck disable=SC2086
        cardpost $command >>"$INSTANCE/shown" 2>&1 || true
    done
    cardpost backup "$INSTANCE/backup"
    # what an admin reads of a refused one
    told=$(wait_mail li@team.test '^X-Cardpost-Reason: admin')
    refute_mail "$told" "$TASKS_PASS"
    rm "$INSTANCE/password" "$INSTANCE/wrong"
    run grep -raFl -e "$TASKS_PASS" -e "$encoded" "$INSTANCE"
    assert_equal "$output" ''
    refute_mail "$file" "$TASKS_PASS"
    # the key of reply addresses is in its own file and the backup's only, in no coding
    key=$(od -An -v -tx1 "$INSTANCE/data/keys" | tr -d ' \n')
    # shellcheck disable=SC2046
    run perl -e '
        my $key = pack("H*", shift); my @keys = ($key, map { chomp; $_ } grep { length > 15 } split /\s+/, $key);
        push @keys, map { unpack("H*", $_) } @keys;
        for my $f (@ARGV) { next unless -f $f; open my $h, "<:raw", $f or die; local $/; my $all = <$h>;
            for (@keys) { print "$f\n" if index($all, $_) >= 0 } }' "$key" \
        $(find "$INSTANCE" "$MAIL_STORE" -type f ! -path '*/data/keys' ! -path '*/backup/keys')
    assert_equal "$output" ''
    # a reply token is known by its hash only, but for the mails that carry it
    refute_match "$(<"$INSTANCE/log")" "$token"
    refute_match "$(grep -v '"file"' "$INSTANCE/shown")" "$token"
    refute_match "$(sqlite3 -readonly "$INSTANCE/data/cardpost.db" '.dump token' '.dump notice' '.dump mail_key' '.dump event')" "$token"
}

@test "G02: an access token is in no log and no file after crashes, and no core file is left" {
    local coded directory=$BATS_TEST_TMPDIR/begun pid role signal
    mkdir -p "$directory"
    TASKS_PASS=$OAUTH_ACCESS_TOKEN E2E_MAILBOX_KEYS='auth = "xoauth2"' E2E_OUTGOING_KEYS='auth = "xoauth2"' instance_make
    # a daemon whose parent would have it leave core files, in a directory of its own
    ulimit -S -c "$(ulimit -H -c)"
    cd "$directory"
    daemon_start
    task one
    wait_mail joe@team.test 'text of one'
    for pid in $DAEMON $(pgrep -P "$DAEMON"); do
        assert_match "$(<"/proc/$pid/limits")" 'Max core file size +0 +0 '
    done
    for signal in SEGV ABRT; do
        for role in 'worker imap:' 'worker deliver' 'worker core'; do
            wait_for "$E2E_WAIT" pgrep -P "$DAEMON" -f "$role"
            from=$(($(grep -c . "$INSTANCE/log") + 1))
            pkill "-$signal" -o -P "$DAEMON" -f "$role"
            wait_for "$E2E_WAIT" new_line "$from" 'child\.(ended|died) .*signal'
        done
        task "after $signal"
        wait_mail joe@team.test "text of after $signal"
    done
    run find "$directory" -mindepth 1
    assert_equal "$output" ''
    rm "$INSTANCE/password"
    coded=$(printf 'user=%s\1auth=Bearer %s\1\1' "$TASKS_USER" "$OAUTH_ACCESS_TOKEN" | base64 -w 0)
    run grep -raFl -e "$OAUTH_ACCESS_TOKEN" -e "$coded" "$INSTANCE" "$MAIL_STORE"
    assert_equal "$output" ''
}
new_line() { tail -n "+$1" "$INSTANCE/log" | grep -qE -- "$2"; }

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
    # core may still be dying, with its locks in hand
    sqlite3 -cmd '.timeout 30000' "$INSTANCE/data/journal.db" 'UPDATE input SET attempts = 3 WHERE seq = 2'
    daemon_start
    wait_mails joe@team.test 9
    daemon_log 'seq=2 .*outcome=quarantined reason="cardpost ended three times'
    # each of the others was counted too, before it was read alone
    assert_equal "$(sqlite3 -readonly "$INSTANCE/data/journal.db" 'SELECT attempts FROM input WHERE seq > 2' | xargs)" '1 1 1 1 1 1 1 1 1'
    assert_equal "$(sqlite3 -readonly "$INSTANCE/data/cardpost.db" 'SELECT outcome FROM outcome WHERE seq > 2' | sort | uniq -c | xargs)" '9 applied'
    refute_match "$(mails_seen li@team.test)" 'bad'
}

@test "a mail is not touched on the server before its outcome is committed, though the journal has it" {
    E2E_MAILBOX_KEYS='done = "move:Done"' instance_make
    daemon_start
    wait_for "$E2E_WAIT" readers_are_there
    pkill -STOP -P "$DAEMON" -f 'worker parse'
    task waits
    wait_for "$E2E_WAIT" journal_is 'SELECT count(*) FROM ledger' 1
    # a new session is told what to do with every mail whose outcome there is
    pkill -KILL -P "$DAEMON" -f 'worker imap'
    wait_for "$E2E_WAIT" has_connected 2
    sleep 1
    assert_equal "$(mail_count tasks@team.test)" 1
    pkill -CONT -P "$DAEMON" -f 'worker parse'
    wait_mails joe@team.test 1
    wait_for "$E2E_WAIT" inbox_is_empty
}
has_connected() { [ "$(grep -c ' imap.connected ' "$INSTANCE/log")" -ge "$1" ]; }
readers_are_there() { [ "$(pgrep -c -P "$DAEMON" -f 'worker parse')" -ge 2 ]; }
journal_is() { [ "$(sqlite3 -readonly -cmd '.timeout 30000' "$INSTANCE/data/journal.db" "$1")" = "$2" ]; }

# INSTANCE or its data directory on a small disk: DIRECTORY
small_disk() {
    mkdir -p "$1"
    mount -t tmpfs -o size=4m,mode=700 cardpost-test "$1" 2>/dev/null || skip "no tmpfs can be mounted here"
}
fill_disk() { dd if=/dev/zero of="$1/filler" bs=4k 2>/dev/null || true; }
# Nothing has left the inbox that is not stored with its outcome.
moved_is_stored() {
    local moved stored
    moved=$(mail_count tasks@team.test Done)
    stored=$(sqlite3 -readonly "$INSTANCE/data/cardpost.db" "SELECT count(*) FROM outcome WHERE seq > 1 AND outcome = 'applied'")
    echo "$moved moved, $stored stored"
    [ "$moved" -le "$stored" ]
}
all_is_well() { # N: mails sent
    wait_mails joe@team.test "$1"
    wait_for "$E2E_WAIT" inbox_is_empty
    assert_equal "$(mail_count joe@team.test)" "$1"
    kill -0 "$DAEMON"
    daemon_stop
    for file in cardpost.db journal.db; do
        assert_equal "$(sqlite3 -readonly "$INSTANCE/data/$file" 'PRAGMA integrity_check')" ok
    done
    assert_equal "$(sqlite3 -readonly "$INSTANCE/data/cardpost.db" "SELECT count(*), count(DISTINCT seq) FROM outcome WHERE seq > 1 AND outcome = 'applied'")" "$1|$1"
}
cpu_ticks() { local pid; for pid in "$DAEMON" $(pgrep -P "$DAEMON"); do cut -d' ' -f14,15 "/proc/$pid/stat"; done | tr ' ' '\n' | awk '{ n += $1 } END { print n }'; }

@test "B01: a full disk: nothing is lost or moved, and it goes on when there is room again" {
    small_disk "$INSTANCE/data"
    E2E_MAILBOX_KEYS='done = "move:Done"' instance_make
    daemon_start
    task one
    wait_mail joe@team.test 'text of one'
    wait_for "$E2E_WAIT" inbox_is_empty
    fill_disk "$INSTANCE/data"
    for i in 1 2 3 4 5; do
        { mail_make li@team.test tasks@team.test "[orders] full $i @joe" "text of full $i"; head -c 60000 /dev/urandom | base64; } | submit LI tasks@team.test
    done
    wait_mails tasks@team.test 5
    daemon_log '(journal|state|ledger|notify|outbox)\.waiting'
    before=$(cpu_ticks)
    sleep 2
    kill -0 "$DAEMON"
    # it waits between its tries, it does not spin
    [ "$(grep -c '\.waiting' "$INSTANCE/log")" -lt 100 ]
    [ "$(($(cpu_ticks) - before))" -lt 100 ]
    assert_equal "$(mail_count tasks@team.test)" 5
    # these mails and their notices need nearly all that the filler took: no write-ahead log may keep it from them
    rm "$INSTANCE/data/filler"
    all_is_well 6
}

@test "B01: attachments fill the disk while they are taken in, room is made later" {
    small_disk "$INSTANCE/data"
    E2E_MAILBOX_KEYS='done = "move:Done"' instance_make
    daemon_start
    for i in $(seq 1 12); do
        { mail_make li@team.test tasks@team.test "[orders] large $i @joe" "text of large $i"; head -c 400000 /dev/urandom | base64; } | submit LI tasks@team.test
    done
    daemon_log '(journal|state|ledger|notify|outbox)\.waiting'
    moved_is_stored
    mount -o remount,size=64m "$INSTANCE/data"
    all_is_well 12
}

@test "B01: small mails fill the disk through the write-ahead logs, room is made later" {
    small_disk "$INSTANCE/data"
    E2E_MAILBOX_KEYS='done = "move:Done"' instance_make
    daemon_start
    dd if=/dev/zero of="$INSTANCE/data/filler" bs=4k count="$(($(df --output=avail -B4k "$INSTANCE/data" | tail -n 1) - 30))" status=none
    for i in $(seq 1 25); do task "small $i"; done
    daemon_log '(journal|state|ledger|notify|outbox)\.waiting'
    moved_is_stored
    mount -o remount,size=64m "$INSTANCE/data"
    all_is_well 25
}

@test "B01: the log's disk is full as well: lines are lost and nothing else" {
    small_disk "$INSTANCE"
    E2E_MAILBOX_KEYS='done = "move:Done"' instance_make
    daemon_start
    task one
    wait_mail joe@team.test 'text of one'
    fill_disk "$INSTANCE"
    for i in 1 2 3 4 5; do task "full $i"; done
    wait_mails tasks@team.test 1
    sleep 3
    kill -0 "$DAEMON"
    moved_is_stored
    rm "$INSTANCE/filler"
    all_is_well 6
}
inbox_is_empty() { [ "$(mail_count tasks@team.test)" = 0 ]; }
