#!/usr/bin/env perl
# lmtp.pl PORT RECIPIENT DIRECTORY: every file of the directory as one mail, over one LMTP session.
use strict;
use warnings;
use IO::Socket::INET;
my ($port, $recipient, $directory) = @ARGV;
die "usage: lmtp.pl PORT RECIPIENT DIRECTORY\n" unless $directory;
my $peer = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Proto => 'tcp') or die "LMTP: $!\n";

sub expect {
    my ($code) = @_;
    while (my $line = <$peer>) {
        next if $line =~ /^\d{3}-/;
        return if $line =~ /^$code/;
        die "LMTP answers $line";
    }
    die "LMTP: the connection ended\n";
}

# One write a command: small ones in a row would wait for each other's acknowledgement.
sub command { my ($text, $code) = @_; syswrite $peer, $text; expect($code) }

expect('220');
command("LHLO bench.test\r\n", '250');
for my $path (sort glob "$directory/*") {
    open my $file, '<', $path or die "$path: $!\n";
    local $/;
    my $mail = <$file>;
    $mail =~ s/\r?\n/\r\n/g;
    $mail =~ s/^\./../mg;
    local $/ = "\n";
    command("MAIL FROM:<sender\@buyers.test>\r\n", '250');
    command("RCPT TO:<$recipient>\r\n", '250');
    command("DATA\r\n", '354');
    command("$mail.\r\n", '250');
}
command("QUIT\r\n", '221');
