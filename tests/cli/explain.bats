#!/usr/bin/env bats
# explain: one object a line, the same keys whatever the file holds, with and without configuration.
setup() { load helpers; cli_setup; }

KEYS='["attachments","automatic","body_text","date","file","forward","from","message_id","outcome","problems","quoted_text","reply_text","requests","signature","subject","thread","trust"]'

gbk() { iconv -f UTF-8 -t GBK; }
get() { jq -r "$1" <<<"$output"; }

@test "a mail in GBK without configuration: a stranger, all keys, readable text" {
    { printf 'From: =?gb2312?B?%s?= <sue@sup.example>\n' "$(printf '苏' | gbk | base64)"
      printf 'Subject: =?GBK?B?%s?=\nMessage-ID: <a@b>\nDate: Mon, 23 Nov 2026 08:00:00 +0800\n' "$(printf '包裹破损' | gbk | base64)"
      printf 'MIME-Version: 1.0\nContent-Type: text/plain; charset=gb2312\nContent-Transfer-Encoding: 8bit\n\n'
      printf '外箱已经破损，请看照片。\n' | gbk; } >gbk.eml
    code 0 cardpost explain --json gbk.eml
    same "$(jq -c keys <<<"$output")" "$KEYS"
    same "$(get .file)" gbk.eml
    same "$(get .subject)" 包裹破损
    same "$(get .from.name)" 苏
    same "$(get .from.address)" sue@sup.example
    same "$(get .reply_text)" "外箱已经破损，请看照片。"
    same "$(get .date)" 2026-11-23T00:00:00Z
    same "$(get .message_id)" a@b
    same "$(get .trust)" unverified
    same "$(jq -c .thread <<<"$output")" '{"card":null,"rule":"none"}'
    [ ! -e data ]
}

@test "an attachment: name, type by content, size, hash, inline" {
    printf '%%PDF-1.4\n%%binary\n' >a.pdf
    { printf 'From: a@b.example\nSubject: file\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n'
      printf -- '--b\nContent-Type: text/plain\n\nsee file\n--b\nContent-Type: application/octet-stream\n'
      printf 'Content-Disposition: attachment; filename="../../rate card.pdf"\nContent-Transfer-Encoding: base64\n\n'
      base64 a.pdf
      printf -- '--b--\n'; } >file.eml
    code 0 cardpost explain --json file.eml
    same "$(jq -c '.attachments[0] | keys' <<<"$output")" '["inline","name","sha256","size","type"]'
    same "$(get '.attachments[0].type')" application/pdf
    same "$(get '.attachments[0].size')" "$(stat -c %s a.pdf)"
    same "$(get '.attachments[0].sha256')" "$(sha256sum a.pdf | cut -d' ' -f1)"
    same "$(get '.attachments[0].inline')" false
    match "$(get '.attachments[0].name')" 'rate card\.pdf$'
    [[ "$(get '.attachments[0].name')" != */* ]]
}

@test "a reply: new text, quote and signature apart" {
    printf 'From: a@b.example\nSubject: Re: x\n\nWe ship on Friday.\n\nOn Mon, Nov 23, 2026 at 8:00 AM Ann <ann@corp.example> wrote:\n> When?\n> !close\n\n-- \nSue\n' >reply.eml
    code 0 cardpost explain --json reply.eml
    same "$(get .reply_text)" "We ship on Friday."
    match "$(get .quoted_text)" 'When\?'
    match "$(get .signature)" Sue
    match "$(get .body_text)" 'When\?'
}

@test "Outlook's block heads a forward when the subject says so, else a quote" {
    body='please see\n\nFrom: Tom <tom@other.example>\nSent: Monday, November 23, 2026 8:00 AM\nTo: Sue <sue@sup.example>\nSubject: Rates\n\nthe rates\n'
    # shellcheck disable=SC2059
    { printf 'From: a@b.example\nSubject: FW: Rates\n\n'; printf "$body"; } >fw.eml
    # shellcheck disable=SC2059
    { printf 'From: a@b.example\nSubject: RE: Rates\n\n'; printf "$body"; } >re.eml
    code 0 cardpost explain --json fw.eml
    same "$(get .forward.from.address)" tom@other.example
    same "$(get .forward.subject)" Rates
    same "$(jq -c '.forward | keys' <<<"$output")" '["date","from","subject","text","to"]'
    code 0 cardpost explain --json re.eml
    same "$(get .forward)" null
}

@test "an out-of-office answer is recorded" {
    printf 'From: a@b.example\nSubject: Automatic reply\nAuto-Submitted: auto-replied\n\naway\n' >auto.eml
    code 0 cardpost explain --json auto.eml
    [ "$(get .automatic)" != null ]
    same "$(get .outcome)" recorded
}

@test "bad input: no header, binary junk, empty, 30 MB, a directory, nothing there: an object each, in order" {
    printf 'no header at all\n\nmore\n' >bare.eml
    head -c 200000 /dev/urandom >junk.eml
    : >empty.eml
    { printf 'From: a@b.example\nSubject: large\n\n'; head -c 31457280 /dev/zero | tr '\0' x | fold -w 76; } >large.eml
    code 66 cardpost explain --json bare.eml junk.eml empty.eml large.eml "$DIR" missing.eml
    same "$(jq -r .file <<<"$output" | tr '\n' ' ')" "bare.eml junk.eml empty.eml large.eml $DIR missing.eml "
    while read -r line; do same "$(jq -c keys <<<"$line")" "$KEYS"; done <<<"$output"
    same "$(jq -r 'select(.file == "large.eml") | .outcome' <<<"$output")" oversize
    same "$(jq -r 'select(.file == "missing.eml") | .problems | length' <<<"$output")" 1
    same "$(jq -r --arg f "$DIR" 'select(.file == $f) | .outcome' <<<"$output")" null
    code 0 cardpost explain --json bare.eml junk.eml empty.eml large.eml
}

@test "standard input, the text form, a file whose name is an option" {
    simple_mail a@b.example hello 1 >./--help
    run -0 cardpost_reads explain - <./--help
    match "$output" 'subject  hello'
    match "$output" 'trust    unverified \('
    match "$output" '\| text of 1'
    code 0 cardpost explain --json -- --help
    same "$(get .subject)" hello
}

@test "a configuration is used where it is found, and named ones must be good" {
    simple_mail wang@team.test "[sourcing] Rates" 1 >m.eml
    instance_make
    code 0 cardpost explain --json m.eml
    same "$(get '.requests[0]')" "board sourcing"
    same "$(get .outcome)" applied
    mkdir elsewhere
    cd "$DIR/elsewhere"
    code 0 cardpost explain --json ../m.eml
    same "$(get .trust)" unverified
    CARDPOST_CONFIG=$DIR/cardpost.conf code 0 cardpost explain --json ../m.eml
    same "$(get '.requests[0]')" "board sourcing"
    CARDPOST_CONFIG=/nonexistent code 78 cardpost explain --json ../m.eml
    one_error_line
    cd "$DIR"
    rm -r data
    code 0 cardpost explain --json m.eml
    same "$(get .outcome)" triage
    echo 'nonsense' >cardpost.conf
    code 0 cardpost explain --json m.eml
    one_error_line
    code 78 cardpost -c cardpost.conf explain --json m.eml
}

@test "nothing is changed by explaining" {
    instance_make
    simple_mail wang@team.test hello 1 >m.eml
    before=$(cardpost status --json | jq -c '[.journal, .cards]')
    code 0 cardpost explain m.eml
    same "$(cardpost status --json | jq -c '[.journal, .cards]')" "$before"
}
