#!/usr/bin/env bats
# Attack cases P01 to P10 and F04 through the whole daemon: each bomb of bombs.pl alone, then as the first mail of ten. It ends as
# the case says, within the limits, the nine others are cards, and afterwards all is quiet.
setup() {
    load helpers
    cli_setup
    instance_make
    # what a process may ever have needed, in KB; a sanitizer keeps several times that
    MAILS=0 PEAK_PARSE=$((512 * 1024)) PEAK_OTHERS=$((128 * 1024))
    if grep -q __asan_init "$CARDPOST"; then PEAK_PARSE=99999999 PEAK_OTHERS=99999999; fi
    daemon_start
}
teardown() { cli_teardown; }

BOMBS=$BATS_TEST_DIRNAME/bombs.pl

state() { sqlite3 -readonly data/cardpost.db "$1"; }
journal() { sqlite3 -readonly data/journal.db "$1"; }
# N mails are in the ledger, and the last input has its outcome.
all_done() {
    [ "$(journal 'SELECT count(*) FROM ledger')" = "$1" ] && [ "$(journal 'SELECT max(seq) FROM input')" = "$(state 'SELECT max(seq) FROM outcome')" ]
}

# bomb NAME OUTCOME [TEXT]: the card's words must match TEXT. FIRST is the input of the last one.
bomb() {
    local name=$1 round i
    mkdir -p ready
    for round in alone ten; do
        FIRST=$(($(journal 'SELECT coalesce(max(seq), 0) FROM input') + 1))
        perl "$BOMBS" "$name" $round >"ready/$FIRST.0.$name"
        for i in 1 2 3 4 5 6 7 8 9; do
            [ $round = alone ] || simple_mail wang@team.test "[orders] beside $name" "$name.$i" >"ready/$FIRST.$i.$name"
        done
        MAILS=$((MAILS + $(find ready -type f | wc -l)))
        mv ready/* in/new/
        until_true all_done $MAILS
        same "$name $round: $(state "SELECT outcome FROM outcome WHERE seq = $FIRST")" "$name $round: $2"
        case $2 in
        quarantined)
            match "$(cardpost quarantine list --json | jq -r ".[] | select(.seq == $FIRST) | .reason")" .
            cardpost quarantine show "$FIRST" | cmp - "in/new/$FIRST.0.$name"
            ;;
        applied | oversize) match "$(words)" "${3-}" ;;
        esac
    done
    same "$name: $(state "SELECT count(*) FROM card WHERE title = 'beside $name'")" "$name: 9"
}
words() { state "SELECT text FROM comment WHERE id = (SELECT comment_id FROM outcome WHERE seq = $FIRST)"; }
title() { state "SELECT title FROM card WHERE id = (SELECT card_id FROM outcome WHERE seq = $FIRST)"; }
# The files that came with the last bomb: name and size of each.
files() { state "SELECT group_concat(name || ' ' || size_bytes, ', ') FROM (SELECT * FROM attachment WHERE input_seq = $FIRST ORDER BY id)"; }
# The bytes of the file that came with the last bomb.
file_of() { cardpost attachment get "$(state "SELECT id FROM attachment WHERE input_seq = $FIRST")"; }

# What holds after each of them.
all_is_quiet() {
    local pid cards all
    kill -0 "$DAEMON"
    same "$(journal 'SELECT count(*) FROM ledger') $(state 'SELECT count(*) FROM outcome WHERE outcome <> "deferred"')" "$MAILS $((MAILS + 1))"
    # of a card the sender and the board's owner hear, of what is put aside the admin alone; notices come after cards
    cards=$(state 'SELECT count(*) FROM card')
    all="joe@team.test $cards${1:+, li@team.test 1}, wang@team.test $cards"
    until_true told_is "$all" || same "$(told)" "$all"
    until_true nothing_waits
    for pid in $(daemon_tree); do
        case $(tr '\0' ' ' <"/proc/$pid/cmdline") in *parse*) most=$PEAK_PARSE ;; *) most=$PEAK_OTHERS ;; esac
        match "$(awk -v most="$most" '$1 == "VmHWM:" {print ($2 <= most ? "within" : "over"), $2, most}' "/proc/$pid/status")" '^within'
    done
    until_true idle
    same "$(told)" "$all"
    refute_tokens
}
# Who has how many mails; an admin hears of several mails put aside in one mail or in more.
told() { for who in out/*; do printf '%s %s\n' "${who#out/}" "$(case $who in */li@*) echo 1 ;; *) find "$who/new" -type f | wc -l ;; esac)"; done | paste -sd, | sed 's/,/, /g'; }
told_is() { [ "$(told)" = "$1" ]; }
nothing_waits() { [ "$(cardpost queue list --json | jq length)" = 0 ]; }
daemon_tree() { echo "$DAEMON"; pgrep -P "$DAEMON"; }
# Ticks (10 ms) that the daemon has used in all.
cpu() { for pid in $(daemon_tree); do cat "/proc/$pid/stat"; done | awk '{n += $14 + $15} END {print n}'; }
idle() {
    local before
    before=$(cpu)
    sleep 1
    [ $(($(cpu) - before)) -le 5 ]
}
# No reply address stands in the log.
refute_tokens() {
    sed -n 's/.*+r\.\([a-z2-7]\{26\}\)@.*/\1/p' out/*/new/* | sort -u >tokens
    [ -s tokens ]
    run grep -F -f tokens daemon.log
    [ "$status" = 1 ]
}

@test "P01: a parameter name that hangs the library" {
    bomb P01-name-of-70 applied 'still here'
    bomb P01-name-of-71 applied 'still here'
    bomb P01-name-of-72 applied 'still here'
    all_is_quiet
}

@test "P02: a million parts" {
    bomb P02-parts-10000 quarantined
    bomb P02-parts-10001 quarantined
    bomb P02-parts-1000000 quarantined
    all_is_quiet admin
}

@test "P03: parts and mails within each other" {
    bomb P03-depth-101 quarantined
    bomb P03-depth-1025 quarantined
    bomb P03-depth-100000 quarantined
    bomb P03-messages-100000 applied
    all_is_quiet admin
}

@test "P04: open boundaries, each line held against all of them" {
    bomb P04-boundaries-900 quarantined
    bomb P04-boundaries-99 applied 'still here'
    all_is_quiet admin
}

@test "P05: headers without end" {
    bomb P05-lines-1000000 quarantined
    bomb P05-field-of-10MB quarantined
    bomb P05-to-500000 quarantined
    bomb P05-addresses-100000 applied 'still here'
    same "$(state "SELECT sender FROM outcome WHERE seq = $FIRST")" wang@team.test
    bomb P05-references-200000 applied 'still here'
    same "$(state "SELECT sender FROM outcome WHERE seq = $FIRST")" wang@team.test
    all_is_quiet admin
}

@test "P06: no header, no body, nothing at all, cut off" {
    bomb P06-no-colon-5MB recorded
    bomb P06-empty recorded
    bomb P06-line-end recorded
    bomb P06-no-body applied
    bomb P06-header-only applied
    bomb P06-multipart-cut applied 'still here'
    bomb P06-empty-message applied 'still here'
    all_is_quiet
}

@test "P07: broken encodings are read whole or marked as damaged" {
    bomb P07-padding applied 'still here'
    same "$(file_of)" 'VI!!'
    match "$(words)" 'damaged'
    bomb P07-chunked applied 'still here'
    same "$(file_of)" 'VIRUS!!'
    bomb P07-8-bit applied 'still here'
    same "$(file_of)" 'VI!'
    match "$(words)" 'damaged'
    bomb P07-uuencode applied 'still here'
    same "$(file_of)" 'Cat'
    bomb P07-base64-multipart applied 'still here'
    bomb P07-unknown applied 'still here'
    bomb P07-soft-breaks applied 'still here'
    all_is_quiet
}

@test "P08: 60 MB: a card says that the original stays in the mailbox" {
    bomb P08-60MB oversize 'the original stays in the mailbox'
    [ "$(words | wc -c)" -lt 70000 ]
    [ "$(du -sk data | cut -f1)" -lt 5000 ]
    all_is_quiet
}

@test "P09: what is not opened is kept as a file, nothing is fetched or joined" {
    bomb P09-partial applied '^still here$'
    same "$(file_of)" 'the second of three'
    bomb P09-external-body applied '^still here$'
    match "$(files)" '^[^,]+$'
    run grep -c root: <(cardpost card show "$(state 'SELECT max(id) FROM card')" --json)
    same "$output" 0
    bomb P09-digest applied '^still here$'
    match "$(files)" '^[^,]+, [^,]+$'
    bomb P09-winmail applied 'still here'
    match "$(files)" '^winmail\.dat 15$'
    bomb P09-appledouble applied '^still here$'
    match "$(files)" '^f 1, f 1$'
    bomb P09-encrypted applied 'still here'
    match "$(words)" 'is encrypted'
    match "$(files)" '^[^,]+, [^,]+ 1$'
    all_is_quiet
}

@test "P10: subjects whole, cut at the limit on a character" {
    bomb P10-padded applied '^still here$'
    same "$(title)" 'Hello world'
    bomb P10-split applied
    same "$(title)" '中文'
    bomb P10-raw applied
    same "$(title)" '中文'
    bomb P10-1MB applied '^still here$'
    same "$(title | tr -d '中\n')" ''
    [ "$(title | tr -d '\n' | wc -c)" = 999 ]
    all_is_quiet
}

@test "F04: an archive is never unpacked" {
    bomb F04-zip applied '^still here$'
    match "$(files)" '^42\.zip [0-9]{6}$'
    perl "$BOMBS" F04-zip ten | sed -n '/base64/,/^--b--/p' | sed '1,2d;$d' | base64 -di >zip
    cardpost attachment get "$(state "SELECT id FROM attachment WHERE input_seq = $FIRST")" | cmp - zip
    [ "$(du -sk data | cut -f1)" -lt 20000 ]
    all_is_quiet
}
