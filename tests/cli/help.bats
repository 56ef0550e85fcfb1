#!/usr/bin/env bats
# Help of every command, the groups alone, wrong use, the manual page.
setup() { load helpers; cli_setup; }

# The names of the table, one a line.
commands() { cardpost --help | sed -nE 's/^  ([a-z]+( [a-z]+)?)  +[a-zA-Z].*/\1/p'; }

@test "every command has help that names it, its use and its options" {
    [ "$(commands | wc -l)" -ge 20 ]
    while read -r command; do
        # shellcheck disable=SC2086
        code 0 cardpost $command --help
        match "$output" "^usage: cardpost $command"
        [ "$(wc -l <<<"$output")" -ge 3 ]
        same "$stderr" ""
    done < <(commands)
}

@test "a word that begins several commands lists them" {
    for group in card board person queue quarantine attachment; do
        code 0 cardpost $group --help
        match "$output" "^$group [a-z]+"
        listed=$output
        code 64 cardpost $group
        same "$stderr" "$listed"
    done
}

@test "wrong use ends with 64 and one line" {
    for arguments in "nonsense" "card nonsense" "--nonsense status" "status more" "card show" "card list --nonsense" \
        "explain" "explain --nonsense" "apply" "backup" "queue retry" "queue drop" "quarantine show" \
        "quarantine release" "attachment get" "run --nonsense" "init --nonsense" "export more" "-c"; do
        # shellcheck disable=SC2086
        code 64 cardpost $arguments
        one_error_line
        same "$output" ""
    done
    code 64 cardpost
}

@test "--version" {
    code 0 cardpost --version
    match "$output" '^cardpost [0-9]+\.[0-9]+\.[0-9]+$'
}

@test "without a configuration commands end with 78, with a wrong one too, naming file and line" {
    code 78 cardpost status
    one_error_line
    printf 'name = "tasks"\nnonsense = 1\n' >cardpost.conf
    code 78 cardpost card list
    one_error_line
    match "$stderr" 'cardpost.conf:2: .*nonsense'
    code 78 cardpost check --json
    same "$(jq -r '.[0].level' <<<"$output")" FAIL
}

@test "a full disk under standard output is an error" {
    [ -w /dev/full ] || skip "no /dev/full"
    run bash -c '"$1" --help >/dev/full; echo "$?"; echo "x" | "$1" explain - >/dev/full; echo "$?"' - "$CARDPOST"
    match "$output" '74'
}

# ---- the manual page
manual() { echo "$CLI_TOP/contrib/man/cardpost.1"; }

@test "the manual page has every command of the table and no other" {
    seen=$(sed -nE 's/^\.It Ic ([a-z]+( (list|show|get|retry|drop|release))?).*/\1/p' "$(manual)" | sort)
    same "$seen" "$(commands | sort)"
}

@test "the manual page has every option of the commands' help" {
    for option in $(while read -r command; do
        # shellcheck disable=SC2086
        cardpost $command --help
    done < <(commands) | grep -oE -- '--[a-z][a-z-]+' | sort -u); do
        grep -qE -- "Fl -${option#--}\b" "$(manual)" || { echo "$option is not in the manual"; return 1; }
    done
}

@test "mandoc finds nothing wrong with the manual page" {
    command -v mandoc >/dev/null || skip "mandoc is not installed"
    run mandoc -Tlint -W warning "$(manual)"
    same "$output" ""
}
