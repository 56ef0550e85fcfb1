#!/usr/bin/env bats
# What commands do with mails: run --once, cards, attachments, queue, quarantine, backup.
setup() { load helpers; cli_setup; }
teardown() { cli_teardown; }

out_mails() { find out -path '*/new/*' -type f 2>/dev/null | wc -l; }
queue_id() { cardpost queue list --all --json | jq -r ".[$1].id"; }
# Nothing can be delivered: a file stands where the Maildirs would be made.
block_out() { echo >out; }

@test "run --once takes in all that waits, sends what is due, and ends with 0" {
    instance_make
    for i in 1 2 3 4 5; do simple_mail wang@team.test "[orders] mail $i @anna" "$i" | drop_mail "$i.cli"; done
    code 0 cardpost run --once
    same "$(cardpost card list --json | jq length)" 5
    same "$(cardpost status --json | jq -c '[.running, .outcomes.applied, .pending]')" '[false,5,0]'
    [ "$(find out/anna@team.test/new -type f | wc -l)" = 5 ]
    same "$(cardpost queue list --json | jq length)" 0
    sent=$(out_mails)
    code 0 cardpost run --once
    same "$(out_mails)" "$sent"
    # shellcheck disable=SC2154 # set by code
    same "$stderr" "$(grep -v ' warning ' <<<"$stderr")" # an ordinary end warns of nothing
    same "$(cardpost card list --json | jq length)" 5
}

@test "run --once ends with 75 when a mailbox cannot be read, and other mailboxes are" {
    instance_make
    printf 'mailbox gone { source = "maildir:%s/gone" }\n' "$DIR" >>cardpost.conf
    simple_mail wang@team.test hello 1 | drop_mail 1.cli
    code 75 cardpost run --once
    same "$(cardpost card list --json | jq length)" 1
}

@test "attachment get gives the exact bytes" {
    instance_make
    head -c 100000 /dev/urandom >original
    { printf 'From: wang@team.test\nTo: tasks@team.test\nSubject: file\nMessage-ID: <f@cli.test>\nMIME-Version: 1.0\n'
      printf 'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nsee\n--b\n'
      printf 'Content-Type: application/octet-stream; name=x.bin\nContent-Disposition: attachment; filename=x.bin\n'
      printf 'Content-Transfer-Encoding: base64\n\n'
      base64 original
      printf -- '--b--\n'; } | drop_mail f.cli
    code 0 cardpost run --once
    code 0 cardpost card show 1 --json
    same "$(jq -r '.attachments[0].sha256' <<<"$output")" "$(sha256sum original | cut -d' ' -f1)"
    id=$(jq -r '.attachments[0].id' <<<"$output")
    cardpost attachment get "$id" >piped
    cmp original piped
    code 0 cardpost attachment get "$id" -o written
    cmp original written
    code 66 cardpost attachment get 999
    one_error_line
    code 66 cardpost attachment get "${id}x"
}

@test "card show: by number and by tag, history" {
    instance_make
    simple_mail wang@team.test "[orders] hello" 1 | drop_mail 1.cli
    code 0 cardpost run --once
    same "$(cardpost card show tasks-1 --json | jq -c '[.title, .comments[0].text, has("history")]')" '["hello","text of 1",false]'
    same "$(cardpost card show '#1' --history --json | jq -r '.history[0].kind')" card_created
    code 0 cardpost card show 1 --history
    match "$output" '^[-0-9:TZ]+  column_entered  todo  by Wang Fang$'
    match "$output" '^[-0-9:TZ]+  assigned  Joe Miller  by Wang Fang$'
    code 0 cardpost card show 1
    match "$output" '^tasks-1  hello$'
}

@test "a backup can be gone on from" {
    instance_make
    simple_mail wang@team.test "[orders] hello @anna" 1 | drop_mail 1.cli
    code 0 cardpost run --once
    code 0 cardpost backup copy
    same "$(sqlite3 copy/cardpost.db 'pragma integrity_check; select count(*) from card')" "$(printf 'ok\n1')"
    same "$(sqlite3 copy/journal.db 'pragma integrity_check')" ok
    sed "s,^data = .*,data = \"$DIR/copy\"," cardpost.conf >copy.conf
    simple_mail wang@team.test "[orders] second" 2 | drop_mail 2.cli
    code 0 cardpost -c copy.conf run --once
    same "$(cardpost -c copy.conf card list --json | jq -r 'map(.title) | sort | join(",")')" hello,second
    same "$(cardpost card list --json | jq length)" 1
    run --separate-stderr cardpost backup copy
    [ "$status" != 0 ]
    one_error_line
}

@test "quarantine: list, show as it came, release once" {
    instance_make
    { printf 'From: wang@team.test\nFrom: evil@x.example\n'; simple_mail anna@team.test two 1 | sed 1d; } >two.eml
    drop_mail 1.cli <two.eml
    code 0 cardpost run --once
    code 0 cardpost quarantine list --json
    same "$(jq length <<<"$output")" 1
    match "$(jq -r '.[0].reason' <<<"$output")" From
    seq=$(jq -r '.[0].seq' <<<"$output")
    cardpost quarantine show "$seq" | cmp - two.eml
    code 66 cardpost quarantine show 999
    code 66 cardpost quarantine release 999
    one_error_line
    code 66 cardpost quarantine release "${seq}x"
    code 0 cardpost quarantine release "$seq"
    code 66 cardpost quarantine release 999
}

@test "quarantine: a released mail that is quarantined again shows its bytes" {
    instance_make
    { printf 'From: wang@team.test\nFrom: evil@x.example\n'; simple_mail anna@team.test two 1 | sed 1d; } >two.eml
    drop_mail 1.cli <two.eml
    code 0 cardpost run --once
    seq=$(cardpost quarantine list --json | jq -r '.[0].seq')
    # what the release could not apply either: its own row, without bytes of its own
    code 0 cardpost quarantine release "$seq"
    again=$(sqlite3 data/cardpost.db "SELECT released_by FROM outcome WHERE seq = $seq")
    sqlite3 data/cardpost.db "UPDATE outcome SET outcome = 'quarantined' WHERE seq = $again"
    cardpost quarantine show "$again" | cmp - two.eml
}

@test "quarantine release asks a running daemon and waits for it" {
    instance_make
    { printf 'From: wang@team.test\nFrom: evil@x.example\n'; simple_mail anna@team.test two 1 | sed 1d; } | drop_mail 1.cli
    code 0 cardpost run --once
    seq=$(cardpost quarantine list --json | jq -r '.[0].seq')
    daemon_start
    run --separate-stderr cardpost quarantine release "$seq"
    [ "$(cardpost status --json | jq .pending)" = 0 ]
    match "$(cardpost status --json | jq -c '[.running, .mailboxes[0].state]')" 'true,"up"'
}

@test "queue without a daemon: retry and drop, by id" {
    instance_make
    block_out
    simple_mail wang@team.test "[orders] one @anna @joe" 1 | drop_mail 1.cli
    code 0 cardpost run --once
    [ "$(cardpost queue list --json | jq length)" -ge 2 ]
    code 66 cardpost queue drop all
    code 66 cardpost queue drop 999
    one_error_line
    code 66 cardpost queue retry 1x
    dropped=$(queue_id 0)
    code 0 cardpost queue drop "$dropped"
    same "$output" "1 mail dropped"
    same "$(cardpost queue list --all --json | jq -r ".[] | select(.id == $dropped) | .status")" dropped
    left=$(cardpost queue list --json | jq length)
    rm out
    # these have failed for good: only by their ids
    same "$(cardpost queue list --json | jq -r 'map(.status) | unique | join(",")')" failed
    code 0 cardpost queue retry all
    same "$output" "0 mails queued"
    for id in $(cardpost queue list --json | jq -r '.[].id'); do
        code 0 cardpost queue retry "$id"
        same "$output" "1 mail queued"
    done
    code 0 cardpost run --once
    same "$(out_mails)" "$left"
}

@test "queue with a daemon: retry is sent at once" {
    instance_make
    block_out
    simple_mail wang@team.test "[orders] one @anna" 1 | drop_mail 1.cli
    code 0 cardpost run --once
    id=$(cardpost queue list --json | jq -r '.[] | select(.recipient == "anna@team.test") | .id')
    daemon_start
    rm out
    code 0 cardpost queue retry "$id"
    until_true test -d out/anna@team.test/new
    until_true sh -c 'ls out/anna@team.test/new | grep -q .'
    same "$(find out/anna@team.test/new -type f | wc -l)" 1
}

@test "apply with a daemon is done when the command ends" {
    instance_make
    daemon_start
    sed 's/Wang Fang/Wang F./' "$CLI_TOP/contrib/teams/shop.en.team" >changed.team
    code 0 cardpost apply --yes changed.team
    same "$(cardpost person list --json | jq -r '.[] | select(.key == "wang") | .name')" "Wang F."
    code 75 cardpost run
}
