#!/usr/bin/env bats
# SIGKILL at calls spread over one full cycle, from mail to notice. `make torture` does it at every call.

@test "D09, D10: killed at durable and socket calls, nothing is lost and nothing is doubled" {
    cd "$(dirname "$BATS_TEST_FILENAME")/../.."
    CARDPOST=${CARDPOST:-$PWD/${BUILD:-build}/cardpost}
    [ -x "$CARDPOST" ] || skip "$CARDPOST is not built"
    strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
    CARDPOST=$CARDPOST TMPDIR=$BATS_TEST_TMPDIR run tests/e2e/torture sample
    echo "$output"
    [ "$status" = 0 ]
    [[ "$output" =~ ([0-9]+)\ killed ]] && [ "${BASH_REMATCH[1]}" -ge 20 ]
}
