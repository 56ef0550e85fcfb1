#!/usr/bin/env bats
# The server counts its mails anew: attack cases D05 and D06 from mailbox to notice, on Dovecot.
setup() { load helpers; e2e_setup; e2e_needs_program; BOX=$MAIL_STORE/tasks@team.test/Maildir; }
teardown() { e2e_teardown; }

task() { mail_make li@team.test tasks@team.test "[orders] $1 @joe" "text of $1" | submit LI tasks@team.test; }
# like_one PATTERN REPLACEMENT: a copy of the first mail that matches, its words changed, its length and date not
like_one() {
    local file
    file=$(mail_files tasks@team.test | xargs grep -l -- "$1" | head -n 1)
    sed "s/$1/$2/; ${3:-}" "$file" >"$BATS_TEST_TMPDIR/like"
    curl -sS --max-time 60 --cacert "$CA_FILE" --user "$TASKS_USER:$TASKS_PASS" "imaps://localhost:$IMAPS_PORT/INBOX" -T "$BATS_TEST_TMPDIR/like"
}

# renumber UIDVALIDITY: all mails get new UIDs from 1 on, the newest first; 0 keeps the UIDVALIDITY.
renumber() {
    local old
    "$E2E_DIR/mailenv" kick "$E2E_SERVERS" >/dev/null
    old=$(sed -n '1s/.* V\([0-9]*\) .*/\1/p' "$BOX/dovecot-uidlist")
    [ "$1" = 0 ] || old=$1
    rm -f "$BOX"/dovecot.index* "$BOX/dovecot-uidvalidity"*
    { printf '3 V%s N%s\n' "$old" $(($(mail_count tasks@team.test) + 1))
      mail_files tasks@team.test | tac | sed 's,.*/,,; s/:2,.*//' | awk '{print NR " :" $0}'; } >"$BOX/uidlist.new"
    chown --reference="$BOX/dovecot-uidlist" "$BOX/uidlist.new"
    mv "$BOX/uidlist.new" "$BOX/dovecot-uidlist"
}
uids() { imap TASKS INBOX 'UID SEARCH ALL' | tr -d '\r' | sed -n 's/^\* SEARCH //p'; }
cards() { cardpost card list --json | jq -r '.[].title' | sort | xargs; }
outcomes() { sqlite3 -readonly "$INSTANCE/data/cardpost.db" 'SELECT outcome, count(*) FROM outcome WHERE seq > 1 GROUP BY 1' | xargs; }
known_now() { # NUMBER: rows under a UIDVALIDITY or what stands for it
    [ "$(sqlite3 -readonly "$INSTANCE/data/journal.db" "SELECT count(*) FROM ledger WHERE uidvalidity = $1")" -ge "$2" ]
}

before() {
    instance_make
    daemon_start
    task one
    task two
    # without Message-ID
    wait_mails tasks@team.test 1
    like_one 'text of one' 'text of aaa' '/^Message-ID:/d; s/one @joe/nameless/'
    task three
    wait_mails joe@team.test 4
    VALIDITY=$(sed -n '1s/.* V\([0-9]*\) .*/\1/p' "$BOX/dovecot-uidlist")
}

@test "D05: UIDVALIDITY changes, old mails are there under new UIDs, new ones among them" {
    before
    daemon_stop
    # the new ones come while nobody looks: two like old ones in all but their words, one an exact copy
    task four
    like_one 'text of aaa' 'text of bbb'
    like_one 'text of two' 'text of TWO'
    imap TASKS INBOX 'COPY 1 INBOX'
    wait_mails tasks@team.test 8
    renumber $((VALIDITY + 1000))
    assert_equal "$(uids)" '1 2 3 4 5 6 7 8'
    daemon_start
    wait_mails joe@team.test 7
    wait_for "$E2E_WAIT" known_now $((VALIDITY + 1000)) 8
    task five
    wait_mail joe@team.test 'text of five'
    daemon_log 'source\.renumbered'
    assert_equal "$(cards)" 'five four nameless nameless one three two two'
    assert_equal "$(mail_count joe@team.test)" 8
    # once more, while it watches
    renumber $((VALIDITY + 2000))
    task six
    wait_mail joe@team.test 'text of six'
    wait_for "$E2E_WAIT" known_now $((VALIDITY + 2000)) 10
    assert_equal "$(cards)" 'five four nameless nameless one six three two two'
    assert_equal "$(outcomes)" 'applied|9 duplicate|1'
    assert_equal "$(mail_count tasks@team.test)" 10
}

@test "D06: UIDs begin anew under the same UIDVALIDITY" {
    before
    daemon_stop
    # mails have gone, so that UIDNEXT goes back, and the UIDs that are there again name other mails
    imap TASKS INBOX 'STORE 1:2 +FLAGS (\Deleted)'
    imap TASKS INBOX 'EXPUNGE'
    task four
    wait_mails tasks@team.test 3
    renumber 0
    assert_equal "$(uids)" '1 2 3'
    daemon_start
    wait_mail joe@team.test 'text of four'
    task five
    wait_mail joe@team.test 'text of five'
    assert_equal "$(cards)" 'five four nameless one three two'
    assert_equal "$(outcomes)" 'applied|6'
    assert_equal "$(mail_count joe@team.test)" 6
    # and from now on as ever
    daemon_stop
    daemon_start
    task six
    wait_mail joe@team.test 'text of six'
    assert_equal "$(outcomes)" 'applied|7'
    assert_equal "$(grep -c 'source\.renumbered' "$INSTANCE/log")" 2
}
