#!/usr/bin/env bats
# The server counts its mails anew: attack cases D05 and D06 from mailbox to notice, on Dovecot.
setup() { load helpers; e2e_setup; e2e_needs_program; BOX=$MAIL_STORE/tasks@team.test/Maildir; }
teardown() { e2e_teardown; }

task() { mail_make li@team.test tasks@team.test "[orders] $1 @joe" "text of $1" | submit LI tasks@team.test; }
# A mail without Message-ID; those of one length have sender, second and size in common.
nameless() { printf 'From: li@team.test\nTo: tasks@team.test\nSubject: [orders] nameless\nDate: Mon, 23 Nov 2026 08:00:00 +0000\n\ntext of %s\n' "$1" | submit LI tasks@team.test; }

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
    nameless aaa
    task three
    wait_mails joe@team.test 4
    VALIDITY=$(sed -n '1s/.* V\([0-9]*\) .*/\1/p' "$BOX/dovecot-uidlist")
}

@test "D05: UIDVALIDITY changes, old mails are there under new UIDs, new ones among them" {
    before
    daemon_stop
    # the new ones come while nobody looks: one like an old one in all but its words, one an exact copy of an old one
    task four
    nameless bbb
    imap TASKS INBOX 'COPY 1 INBOX'
    wait_mails tasks@team.test 7
    renumber $((VALIDITY + 1000))
    assert_equal "$(uids)" '1 2 3 4 5 6 7'
    daemon_start
    wait_mails joe@team.test 6
    wait_for "$E2E_WAIT" known_now $((VALIDITY + 1000)) 7
    task five
    wait_mail joe@team.test 'text of five'
    daemon_log 'source\.renumbered'
    assert_equal "$(cards)" 'five four nameless nameless one three two'
    assert_equal "$(mail_count joe@team.test)" 7
    # once more, while it watches
    renumber $((VALIDITY + 2000))
    task six
    wait_mail joe@team.test 'text of six'
    wait_for "$E2E_WAIT" known_now $((VALIDITY + 2000)) 9
    assert_equal "$(cards)" 'five four nameless nameless one six three two'
    assert_equal "$(outcomes)" 'applied|8 duplicate|1'
    assert_equal "$(mail_count tasks@team.test)" 9
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
