#!/usr/bin/env bats
# Attack cases F01 and F02 from mailbox to notice: what a sender calls a file names none on our disk, and nobody is shown or
# sent more than a clean name.
setup() { load helpers; cli_setup; }
teardown() { cli_teardown; }

# One file a name; each says in its content which it is.
mail_of_names() {
    perl -e '
        my @fields = map { "filename=\"$_\"" } "../../etc/passwd", "/abs", "..\\\\..\\\\x", "a/b", ".", "..", "", "n" x 5000 . ".pdf",
            "%2e%2e%2f", "a.pdf. ", "\xe2\x80\x8b.htaccess", "\xe2\x80\xaegpj.exe", "CON", "a.txt:ads", "-rf", "\$(x).pdf", "<img>.png";
        push @fields, "filename*0*=UTF-8\x27\x27..%2F; filename*1*=%2e%2e%2Fx", "filename*=UTF-8\x27\x27a%00b.pdf", "filename*=UTF-8\x27\x27a%0D%0ABcc:%20x";
        print "From: wang\@team.test\nTo: tasks\@team.test\nSubject: [orders] names\nMessage-ID: <n\@cli.test>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nsee\n";
        print "--b\nContent-Type: application/x-test\nContent-Disposition: attachment; $fields[$_]\n\nfile $_\n" for 0 .. $#fields;
        print "--b--\n"'
}

@test "F01, F02: names of files" {
    instance_make
    mkdir -p work
    mail_of_names | drop_mail 1.cli
    touch before
    code 0 cardpost run --once
    # what was written since: databases, one mail taken, the notices sent; no name of theirs among them
    find . -newer before -type f | grep -v '^./in/' | sed 's,/new/[0-9a-f]*\.cardpost$,/new/MAIL,' | sort -u >written
    match "$(<written)" '^./data/journal.db'
    run grep -vE '^\./(written|data/(cardpost|journal)\.db(-wal|-shm)?|data/(lock|keys|control\.sock)|data/blobs/[0-9a-f]{64}|out/[a-z]+@team\.test/new/MAIL)$' written
    same "$output" ''
    # shown
    cardpost card show 1 --json | jq -r '.attachments[].name' >shown
    same "$(wc -l <shown)" 20
    run grep -nE '^[-. ]|[-/\\<>:"|?*[:cntrl:]]$|[/\\<>:"|?*]|[. ]$|^$' shown
    same "$output" ''
    run grep -nP '[\x{200b}-\x{200f}\x{202a}-\x{202e}]|^(?i:con|nul)(\.|$)|^.{201}' shown
    same "$output" ''
    # sent: the names again, and no header that the names would have made
    cat out/*/new/* >sent
    run grep -niE '^Bcc:|\.\./|/abs' sent
    same "$output" ''
    # a file is had by its number only, and is the one that was sent
    for id in $(cardpost card show 1 --json | jq -r '.attachments[].id'); do match "$(cardpost attachment get "$id")" '^file [0-9]+$'; done
    (cd work && cardpost -c ../cardpost.conf attachment get 1 >/dev/null)
    same "$(ls work)" ''
}
