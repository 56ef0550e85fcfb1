#!/usr/bin/env bats
# Attack cases X02 and P09: whatever a mail points to, nobody here asks for it. A listener on loopback, whose address stands
# wherever a mail can put one, hears nothing while the mail is read, shown and told.
setup() { load helpers; cli_setup; }
teardown() {
    cli_teardown
    [ -z "${SINK:-}" ] || kill "$SINK"
}

# Listens on a free port, written into the file port; each connection is a line of the file heard.
sink_start() {
    : >heard
    perl -MIO::Socket::INET -e '
        my $sink = IO::Socket::INET->new(LocalAddr => "127.0.0.9", LocalPort => 0, Listen => 9) or die;
        open my $port, ">", "port.new"; print $port $sink->sockport, "\n"; close $port; rename "port.new", "port";
        while (my $heard = $sink->accept) { open my $to, ">>", "heard"; print $to "one\n"; close $to; close $heard }' </dev/null >/dev/null 2>&1 3>&- &
    SINK=$!
    until_true [ -s port ]
}

mail_of_links() { # URL
    cat <<EOF
From: wang@team.test
To: tasks@team.test
Subject: [orders] look @li
Message-ID: <r@cli.test>
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html; charset=utf-8
Content-Location: $1/location
Content-Base: $1/base

<html><head><link rel=stylesheet href="$1/sheet"><link rel=prefetch href="$1/prefetch"><link rel=dns-prefetch href="$1">
<base href="$1/"><style>@import "$1/import"; @font-face { font-family: f; src: url($1/font) } p { background: url($1/p) }</style></head>
<body background="$1/body"><p style="background:url('$1/style')">words</p><img src="$1/picture"><img srcset="$1/set 2x"><img src="cid:missing@x">
<picture><source srcset="$1/source"></picture><video poster="$1/poster" src="$1/video"></video><iframe src="$1/frame"></iframe>
<object data="$1/object"></object><embed src="$1/embed"><script src="$1/script"></script><svg><image href="$1/svg"/></svg>
<table background="$1/table"><tr><td>cell</td></tr></table><a href="$1/link" ping="$1/ping">here</a></body></html>
--b
Content-Type: message/external-body; access-type=URL; URL="$1/external"

Content-Type: text/plain

--b
Content-Type: text/calendar; method=REQUEST

BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
SUMMARY:Fair
ATTACH:$1/attach
URL:$1/event
END:VEVENT
END:VCALENDAR
--b
Content-Type: image/svg+xml; name=s.svg

<?xml version="1.0"?><!DOCTYPE svg SYSTEM "$1/dtd"><svg xmlns="http://www.w3.org/2000/svg"><image href="$1/x"/></svg>
--b--
EOF
}

@test "X02, P09: nothing that a mail points to is fetched" {
    instance_make
    sink_start
    url=http://127.0.0.9:$(<port)
    mail_of_links "$url" | drop_mail 1.cli
    code 0 cardpost run --once
    cardpost card show 1 --json >shown
    match "$(jq -r '.comments[0].text' shown)" '^words$'
    match "$(jq -r '.comments[0].text' shown)" "here <$url/link>"
    for id in $(jq -r '.attachments[].id' shown); do cardpost attachment get "$id" >/dev/null; done
    code 0 cardpost explain in/new/1.cli
    same "$(cat heard)" ''
    # nor does what we send point to it but in words: no element of ours names another place
    cat out/*/new/* | perl -0777 -pe 's/=\r?\n//g; s/=3D/=/g' >sent
    match "$(<sent)" "$url/link"
    run grep -niE '(src|background|poster|data|srcset|ping)=|url\(|<link|@import|<base' sent
    same "$output" ''
    # the listener would have heard
    run curl -s -m 5 "$url/"
    until_true grep -q one heard
}
