#!/usr/bin/env bats
# What `make demo` runs after the build: it ends with 0 without a terminal, with Ctrl-C on one, and leaves nothing.
setup() {
    load helpers
    e2e_needs_program
    export CARDPOST TMPDIR=$BATS_TEST_TMPDIR/scratch
    mkdir -p "$TMPDIR"
    chmod 711 "$BATS_TEST_TMPDIR" "$TMPDIR"
}
left_behind() { find "$TMPDIR" -mindepth 1; pgrep -af "$TMPDIR" || true; }
shows_everything() {
    assert_match "$1" 'tasks-1 充电器插脚松动'
    assert_match "$1" '单价 ¥8\.60'
    assert_match "$1" '订单明细\.csv'
    assert_match "$1" '采购'
    assert_match "$1" 'Joe Miller commented'
    refute_match "$1" '发件人:'
}

@test "demo over Maildir folders" {
    CARDPOST_DEMO_FOLDERS=1 run "$E2E_TOP/contrib/demo" </dev/null
    assert_equal "$status" 0
    shows_everything "$output"
    assert_equal "$(left_behind)" ''
}

@test "demo on real servers" {
    [ "$(id -u)" = 0 ] || skip "the servers need root"
    run "$E2E_TOP/contrib/demo" </dev/null
    assert_equal "$status" 0
    shows_everything "$output"
    assert_match "$output" '^Dovecot \(IMAP\) and Postfix'
    refute_match "$output" '^IMAP  localhost' # nothing to connect to once it has ended
    assert_equal "$(left_behind)" ''
}

@test "demo --help tells what it does and does nothing" {
    run -0 "$E2E_TOP/contrib/demo" --help
    assert_match "$output" 'make demo'
    refute_match "$output" 'tasks-1'
    run -64 "$E2E_TOP/contrib/demo" nonsense
    assert_equal "$(left_behind)" ''
}

@test "demo on a terminal waits for Ctrl-C, and that leaves nothing behind" {
    command -v script >/dev/null || skip "there is no script(1)"
    mkfifo "$BATS_TEST_TMPDIR/keys"
    CARDPOST_DEMO_FOLDERS=1 script -qefc "$E2E_TOP/contrib/demo" "$BATS_TEST_TMPDIR/screen" <"$BATS_TEST_TMPDIR/keys" >/dev/null 2>&1 3>&- &
    terminal=$!
    exec 7>"$BATS_TEST_TMPDIR/keys"
    wait_for "$E2E_WAIT" grep -qs 'press Ctrl-C' "$BATS_TEST_TMPDIR/screen" || { cat "$BATS_TEST_TMPDIR/screen"; false; }
    [ -n "$(left_behind)" ]
    printf '\003' >&7
    wait "$terminal"
    exec 7>&-
    assert_equal "$(left_behind)" ''
}
