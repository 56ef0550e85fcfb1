#!/usr/bin/env bats
# Attack cases A, T and L (senders, reply addresses, automatic mail) through the whole daemon, one after the other: each has
# one row in the ledger and its outcome, nobody is mailed but who must be, and afterwards the daemon is there and idle.
setup() {
    load helpers
    cli_setup
    instance_make
    # here the border names who is proven, and nothing else does
    sed -i 's/^    trust = "from"$/    authserv_ids = {"mx.corp.example"}\n    strips_forged = true\n    received_hops = 1\n    verdict = "above"/' cardpost.conf
    cat >people.team <<'T'
person boss { name = "Boss" email = {"boss@corp.example"} role = "admin" }
person ann { name = "Ann" email = {"ann@corp.example"} role = "member" }
person bob { name = "Bob" email = {"bob@corp.example"} role = "member" }
person sue { name = "Sue" email = {"sue@sup.example"} role = "guest" }
board desk { name = "Desk" intake = "participants" default = true
    column todo { name = "To do" kind = "queue" } column done { name = "Done" kind = "done" } }
T
    cardpost apply --yes people.team >>apply.out
    daemon_start
    FIRST=$(state 'SELECT max(seq) FROM outcome') MAILS=0
}
teardown() { cli_teardown; }

state() { sqlite3 -readonly data/cardpost.db "$1"; }
journal() { sqlite3 -readonly data/journal.db "$1"; }

HOP='Received: from a by mx.corp.example; Mon, 23 Nov 2026 08:00:00 +0000\n'
AR='Authentication-Results: mx.corp.example; '
ANN='From: ann@corp.example\n'
CORP="${AR}dmarc=pass header.from=corp.example\n$HOP"

# take LABEL OUTCOME TRUST HEAD [TO [TEXT]]: HEAD is %b of printf and may hold a Subject.
take() {
    local subject='Subject: Re: [tasks-1] x\n'
    case $4 in *Subject:*) subject= ;; esac
    MAILS=$((MAILS + 1))
    # the last argument of %b may hold a NUL
    { printf '%b' "$4$subject"; printf 'To: %s\nDate: Mon, 23 Nov 2026 08:00:00 +0000\nMessage-ID: <m%s@x.example>\n\n%s\n' "${5:-tasks+desk@team.test}" $MAILS "${6:-!close}"; } >m
    drop_mail m$MAILS <m
    until_true has_outcome $((FIRST + MAILS))
    same "$1: $(state "SELECT outcome || ' ' || trust FROM outcome WHERE seq = $((FIRST + MAILS))")" "$1: $2 $3"
}
has_outcome() { [ "$(state "SELECT count(*) FROM outcome WHERE seq = $1")" = 1 ]; }
card_one() { state 'SELECT column_id, status, title, requester_id FROM card WHERE id = 1; SELECT person_id, role FROM card_person WHERE card_id = 1 ORDER BY 1, 2'; }
nothing_waits() { [ "$(cardpost queue list --json | jq length)" = 0 ]; }
sent() { find out -type f -path '*/new/*' | cut -d/ -f2 | sort | uniq -c | awk '{printf "%s%s %s", (NR > 1 ? ", " : ""), $1, $2}'; }
sent_is() { [ "$(sent)" = "$1" ]; }
daemon_tree() { echo "$DAEMON"; pgrep -P "$DAEMON"; }
# Ticks (10 ms) that the daemon has used in all.
cpu() { for pid in $(daemon_tree); do cat "/proc/$pid/stat"; done | awk '{n += $14 + $15} END {print n}'; }
idle() {
    local before
    before=$(cpu)
    sleep 1
    [ $(($(cpu) - before)) -le 5 ]
}

@test "A01 to A15, T01, T03, T05, L04, L07, L12: each ends as it must, and all is quiet afterwards" {
    take 'card 1' applied member "$CORP${ANN}Subject: Quote @sue @bob\n"
    until_true sent_is '1 ann@corp.example, 1 bob@corp.example, 1 sue@sup.example'
    before=$(card_one)
    token=$(sed -n 's/^Reply-To: .*<\(.*\)>.*/\1/p' out/sue@sup.example/new/*)
    match "$token" '^tasks\+r\.[a-z2-7]{26}@team\.test$'

    take A01 commented unverified "$HOP$ANN"
    take A02 quarantined none "${AR}dmarc=fail header.from=corp.example\n$HOP$ANN"
    take A03 commented unverified "${AR}spf=pass smtp.mailfrom=evil.example; dkim=pass header.d=evil.example\n$HOP$ANN"
    take A04 commented unverified "${AR}dmarc=pass header.from=evil.example\n$HOP$ANN"
    take A05 quarantined none "${AR}dmarc=fail header.from=corp.example\n$HOP${AR}dmarc=pass header.from=corp.example\n$ANN"
    take A06 commented unverified "$HOP${AR}dmarc=pass header.from=corp.example\n$ANN"
    take A09 quarantined none "$CORP${ANN}From: evil@x.example\n"
    take A10 quarantined none "${CORP}From : ann@corp.example\nFrom: evil@x.example\n"
    take A11 quarantined none "${CORP}From: ann@corp.example\0000 <evil@x.example>\n"
    take A12 quarantined none "${CORP}From: ann@corp.example, evil@x.example\nSender: ann@corp.example\n"
    take A12 quarantined none "${CORP}From: Team: ann@corp.example;\n"
    take A13 quarantined unverified "${CORP}From: \"ann@corp.example\" <evil@x>\n"
    take A14 quarantined none "${CORP}From: evil@x\rFrom: ann@corp.example\n"
    take A15 quarantined unverified "${CORP}From: evil@x.example\nReply-To: ann@corp.example\n"
    take T03 quarantined unverified "${HOP}From: sue@sup.example\nSubject: y\n" "${token/r./r.a}"
    take T05 quarantined unverified "${HOP}From: out@x.example\nIn-Reply-To: <m1@x.example>\n"
    take L04 recorded member "${CORP}From: bob@corp.example\nAuto-Submitted: auto-replied\n" "" mute
    { printf '%b' "$CORP"; cat out/bob@corp.example/new/*; } >m
    MAILS=$((MAILS + 1)) # L07
    drop_mail m$MAILS <m
    until_true has_outcome $((FIRST + MAILS))
    same "$(state 'SELECT outcome FROM outcome ORDER BY seq DESC LIMIT 1')" recorded
    take L12 recorded unverified "${HOP}From: tasks@team.test\n"
    take L12 quarantined unverified "${HOP}From: no-reply@x.example\nSubject: z\n"
    take T01 held unverified "${HOP}From: tom@other.example\nSubject: Re: Quote\n" "$token"
    until_true nothing_waits

    kill -0 "$DAEMON"
    same "$(card_one)" "$before"
    same "$(journal 'SELECT count(*) FROM ledger')" $MAILS
    same "$(state "SELECT count(*) FROM outcome WHERE seq > $FIRST")" $MAILS
    # ann and bob: their first notice, four comments in ann's name, the question whether tom's mail may count; ann once
    # that a mail in her name has come; the two admins once; sue her notice and the question
    all='7 ann@corp.example, 6 bob@corp.example, 1 boss@corp.example, 1 li@team.test, 2 sue@sup.example'
    until_true sent_is "$all"
    until_true idle
    same "$(sent)" "$all"
    grep -rhoE '\+[rhu]\.[a-z2-7]{26}@' out | cut -c4-29 | sort -u >tokens
    [ -s tokens ]
    same "$(grep -cFf tokens daemon.log || true)" 0
}
