#!/usr/bin/env bats
# init, check, apply, export, lists: a new instance over folders.
setup() { load helpers; cli_setup; }

@test "init and check: each step, what is wrong has a mend, exit codes" {
    instance_make
    match "$(cat init.out)" 'wrote cardpost.conf'
    same "$(stat -c %a cardpost.conf data/cardpost.db data/journal.db data/keys | sort -u)" 600
    code 0 cardpost check --json
    same "$(jq -r '.[] | select(.level == "FAIL") | .step' <<<"$output")" ""
    same "$(jq -r '.[] | select(.level == "WARN") | .step' <<<"$output")" "mailbox main: trust"
    match "$(jq -r '.[] | select(.step == "mailbox main: reply address") | .found' <<<"$output")" '^tasks\+r\.TOKEN@team\.test, 34 of 64 octets$'
    chmod g+w cardpost.conf
    code 69 cardpost check --json
    same "$(jq -r '.[] | select(.level == "FAIL") | .step' <<<"$output")" "configuration file"
    match "$(jq -r '.[] | select(.level == "FAIL") | .mend' <<<"$output")" chmod
    chmod g-w cardpost.conf
    rm -r in
    code 69 cardpost check
    match "$output" '^FAIL  mailbox main: maildir: '
    match "$output" '^      mend: make the folder'
    match "$output" '^OK    configuration: cardpost.conf$'
}

@test "check: a secret that others can read fails, and says what to do" {
    echo sesame >password
    chmod 644 password
    cardpost init --address tasks@team.test --imap-host 127.0.0.1 --smtp-host 127.0.0.1 --data data >/dev/null
    code 69 cardpost check --json
    same "$(jq -r '[.[] | select(.level == "FAIL") | .step] | join(",")' <<<"$output")" "mailbox main: secret,outgoing: secret"
    match "$output" 'chmod 600'
    [[ "$output" != *sesame* ]]
}

@test "init writes over nothing, and finishes what was begun" {
    instance_make
    before=$(sha256sum cardpost.conf data/cardpost.db)
    code 65 cardpost init --address other@team.test
    one_error_line
    same "$(sha256sum cardpost.conf data/cardpost.db)" "$before"
    rm -r data
    code 0 cardpost init
    code 0 cardpost status
    code 64 cardpost init --config new.conf --address "not an address"
    code 64 cardpost init --config new.conf --address a@b.example --provider nonsense
    code 64 cardpost init --config new.conf --address a@b.example
    code 64 cardpost init --config new.conf
    [ ! -e new.conf ]
}

@test "init knows the provider from the address and asks for no password" {
    code 0 cardpost init --config qq.conf --address tasks@qq.com --data qq
    grep -q 'provider = "qq"' qq.conf
    grep -q 'password_file' qq.conf
    code 0 cardpost init --config other.conf --address tasks@qq.com --data other --password-command 'pass show x'
    grep -q 'password_command = .*pass show x' other.conf
}

# Lines of standard input are typed at a terminal; what stands on it is in $output.
typed() { run timeout 60 script -qec "$(printf '%q ' "$@")" /dev/null; }

@test "init asks on a terminal what is not given" {
    typed "$CARDPOST" init < <(printf '%s\n' tasks@gmail.com '' shop '' Europe/Berlin '' secret)
    same "$status" 0
    match "$output" '^Team address .*: '
    match "$output" 'Mail provider \[gmail\]: '
    match "$output" 'app password'
    match "$output" 'write the password into \./secret'
    match "$output" 'a sample from .*/teams,'
    [[ "$output" != *"IMAP server"* ]]
    match "$(<cardpost.conf)" '^name = "shop"$'
    match "$(<cardpost.conf)" '^timezone = "Europe/Berlin"$'
    match "$(<cardpost.conf)" '^ +provider = "gmail"$'
    match "$(<cardpost.conf)" '^ +password_file = "secret"$'
    [ -e data/cardpost.db ]
}

@test "init on a terminal: an own server, and a wrong answer is asked for again" {
    mkdir etc
    typed "$CARDPOST" init --config etc/cardpost.conf < <(printf '%s\n' '' 'no address' tasks@my-shop.example nonsense own \
        'imap my-shop' imap.my-shop.example '' '' Chinese zh-CN Nowhere/Here Asia/Shanghai '' '')
    same "$status" 0
    for wrong in 'no address' 'imap my-shop' Nowhere/Here; do match "$output" ":   \"$wrong\" is not a"; done
    same "$(grep -oE '(Team address|Mail provider|IMAP server|SMTP server|Language|Time zone)[^:"]*: ' <<<"$output" | cut -c1-8 | uniq -c | xargs)" \
        "3 Team add 2 Mail pro 2 IMAP ser 1 SMTP ser 2 Language 2 Time zon"
    match "$output" 'SMTP server \[imap\.my-shop\.example\]: '
    # paths are told as they are, seen from here
    match "$output" 'made etc/data'
    match "$output" 'write the password into etc/password,'
    [ -e etc/data/cardpost.db ]
    code 69 cardpost -c etc/cardpost.conf check --json
    same "$(jq -r '.[] | select(.step == "outgoing: secret") | .mend' <<<"$output")" \
        "write the password into etc/password, on one line; chmod 600 etc/password"
    match "$(<etc/cardpost.conf)" '^ +smtp_host = "imap\.my-shop\.example"$'
}

@test "what is missing or in the way is named with its mend: data directory, backup" {
    instance_make
    mkdir there
    code 65 cardpost backup there
    one_error_line
    match "$stderr" 'there: exists already'
    code 65 cardpost backup not/there
    chmod 500 there
    [ "$(id -u)" = 0 ] || code 77 cardpost backup there/copy
    rm -r data
    for command in "run --once" status; do
        # shellcheck disable=SC2086 # two words
        code 66 cardpost $command
        match "$stderr" "data.* does not exist; .cardpost init. makes a new one"
    done
}

@test "apply: plan, --dry-run, nobody to ask, round trip with export, errors name file and line" {
    mkdir -p in/new in/cur in/tmp
    cardpost init --address tasks@team.test --source "maildir:$DIR/in" --target "maildir:$DIR/out" --data data >/dev/null
    team=$CLI_TOP/contrib/teams/shop.zh-CN.team
    code 0 cardpost apply --dry-run "$team"
    match "$output" '^add board '
    same "$(cardpost board list --json | jq length)" 0
    code 64 cardpost apply "$team"
    one_error_line
    same "$(cardpost board list --json | jq length)" 0
    code 0 cardpost apply --yes "$team"
    same "$(cardpost board list --json | jq length)" 3
    cardpost export >exported.team
    code 0 cardpost apply exported.team
    same "$output" "nothing to change"
    cardpost_reads apply - <exported.team >again
    same "$(cat again)" "nothing to change"
    sed 's/"Li Lei"/"Li L."/; s/"李雷"/"Li L."/' exported.team >changed.team
    code 0 cardpost apply --yes changed.team
    match "$output" '^1 changes applied$'
    same "$(cardpost person list --json | jq -r '.[] | select(.key == "li") | .name')" "Li L."
    printf '# one\nperson li { name = 5x }\nnonsense\n' >bad.team
    code 65 cardpost apply --yes bad.team
    one_error_line
    match "$stderr" 'bad\.team:[23]:'
    code 66 cardpost apply missing.team
    one_error_line
}

@test "lists and boards" {
    instance_make
    same "$(cardpost person list --json | jq -r '.[] | select(.key == "wang") | .address')" wang@team.test
    code 0 cardpost person list
    match "$output" '^wang +Wang Fang'
    code 0 cardpost board show
    code 0 cardpost board show sourcing --json
    same "$(jq -r .key <<<"$output")" sourcing
    code 66 cardpost board show nonsense
    one_error_line
    code 66 cardpost card list --board nonsense
    code 66 cardpost card show tasks-1
    code 66 cardpost card show 1x
    same "$(cardpost card list)" "(none)"
    rm data/journal.db
    code 66 cardpost status
    one_error_line
}
