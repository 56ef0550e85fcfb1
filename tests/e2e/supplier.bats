#!/usr/bin/env bats
# A supplier outside: no account, no proof of who he is but the token in the address he answers to.
setup() {
    load helpers
    e2e_setup
    e2e_needs_program
    { cat "$E2E_TOP/contrib/teams/shop.en.team"; cat "$E2E_TOP/contrib/demo.d/supplier.team"; } >"$BATS_TEST_TMPDIR/team"
    E2E_TEAM=$BATS_TEST_TMPDIR/team instance_make
}
teardown() { e2e_teardown; }

address_in() { mail_field "$1" Reply-To | sed 's/.*<//; s/>.*//'; }
ask_supplier() { # SUBJECT: sets ASKED to the notice that he got
    mail_make li@team.test tasks@team.test "[sourcing/quotes] $1 @chen" "please quote" | submit LI tasks@team.test
    ASKED=$(wait_mail supplier@factory.test "^Subject: \[tasks-[0-9]+\] $1")
}

@test "T01: a token answers for whom it was made, another From with it is held" {
    daemon_start
    ask_supplier "300 cables"
    to=$(address_in "$ASKED")
    mail_make supplier@factory.test "$to" "Re: 300 cables" "8.60 each" | inject supplier@factory.test "$to"
    file=$(wait_mail li@team.test '8\.60 each')
    assert_mail "$file" '^From: Chen Wei'
    # forwarded to a colleague, who answers with the same token: nothing of it reaches the card
    mail_make tom@other.test "$to" "Re: 300 cables" "tom was here" | inject tom@other.test "$to"
    daemon_log 'outcome=held .*from=tom@other\.test'
    run -0 cardpost card show 1
    assert_match "$output" '8\.60 each'
    refute_match "$output" 'tom was here'
    assert_equal "$(find "$MAIL_STORE" -path '*other.test*' -type f | wc -l)" 0
}

@test "what a guest gets shows nothing internal, and no other supplier's card" {
    daemon_start
    mail_make li@team.test tasks@team.test "[sourcing] Secret plan @wang" "internal words" | submit LI tasks@team.test
    wait_mail wang@team.test 'internal words'
    ask_supplier "500 boxes"
    # a remark of a member on his own card is not addressed to the guest, an answer to the guest is
    to=$(address_in "$(wait_mail li@team.test '^Subject: .*500 boxes')")
    mail_make li@team.test "$to" "Re: 500 boxes" "he is too dear" | submit LI "$to"
    daemon_log 'seq=4 .*outcome=commented'
    to=$(address_in "$ASKED")
    mail_make supplier@factory.test "$to" "Re: 500 boxes" "two weeks" | inject supplier@factory.test "$to"
    file=$(wait_mail li@team.test 'two weeks')
    to=$(address_in "$file")
    mail_make li@team.test "$to" "Re: 500 boxes" "that is fine" "In-Reply-To: $(mail_field "$file" Message-ID)" | submit LI "$to"
    wait_mail supplier@factory.test 'that is fine'
    assert_equal "$(mail_count supplier@factory.test)" 2
    for file in $(mail_files supplier@factory.test); do
        refute_mail "$file" 'Secret plan|internal words|too dear|X-Cardpost-Board|^List-Id|[qQ]uotes|li@team\.test|wang'
    done
}

@test "an answer in Outlook's shape: only the new words, by Thread-Index when the token is gone" {
    daemon_start
    ask_supplier "Two ovens"
    index=$({ mail_field "$ASKED" Thread-Index | base64 -d | head -c 22; printf 'abcde'; } | base64 -w0)
    {
        mail_make supplier@factory.test tasks@team.test "答复: [tasks-1] Two ovens" "" "Thread-Index: $index" "Thread-Topic: [tasks-1] Two ovens" |
            sed 's,^Content-Type:.*,Content-Type: text/html; charset=utf-8,'
        FROM=a DATE=b SUBJECT=c QUOTE='please quote' perl -pe 's/\@([A-Z]+)\@/$ENV{$1}/g' "$E2E_TOP/contrib/demo.d/outlook-reply.html"
    } >"$BATS_TEST_TMPDIR/reply"
    # proven by the border here: a key other than the token attaches only for who takes part
    submit SUPPLIER tasks@team.test <"$BATS_TEST_TMPDIR/reply"
    file=$(wait_mail li@team.test '8\.60')
    refute_mail "$file" '发件人|please quote'
    run -0 cardpost card show 1
    assert_match "$output" '8\.60'
    refute_match "$output" '发件人'
}

@test "T03, T05: a wrong token and a guessed subject open no card to a stranger" {
    daemon_start
    ask_supplier "Nine lamps"
    to=$(address_in "$ASKED")
    token=${to#*+r.} token=${token%@*}
    wrong=${to/"$token"/${token:1}a}
    [ "$wrong" != "$to" ]
    mail_make mallory@other.test "$wrong" "Re: x" "wrong token" | inject mallory@other.test "$wrong"
    mail_make mallory@other.test tasks@team.test "Re: [tasks-1] Nine lamps" "guessed tag" \
        "In-Reply-To: $(mail_field "$ASKED" Message-ID)" | inject mallory@other.test tasks@team.test
    daemon_log 'seq=4 .*outcome='
    run -0 cardpost card show 1
    refute_match "$output" 'wrong token|guessed tag'
    # a relay that changes the case breaks nothing
    upper=tasks+R.${token^^}@team.test
    mail_make supplier@factory.test "$upper" "Re: x" "in capitals" | inject supplier@factory.test "$upper"
    wait_mail li@team.test 'in capitals'
}
