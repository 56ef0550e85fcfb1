#!/usr/bin/env perl
# mails.pl COUNT DIRECTORY: small mails to the team address, one a file with a random-looking name (Dovecot's
# FETCH of a seeded Maildir is several times slower when the names sort as the mails do).  Of ten mails four are
# members' new cards with an assignee, four come from two hundred customers, two answer an earlier one.
# The same call makes the same mails.
use strict;
use warnings;
my ($count, $directory) = @ARGV;
die "usage: mails.pl COUNT DIRECTORY\n" unless $directory && -d $directory && $count =~ /^\d+$/;
srand 20731;
my @members = (["Wang Fang", 'wang'], ["Li Lei", 'li'], ["Anna Schmidt", 'anna'], ["Joe Miller", 'joe']);
my @things = ('Damaged parcel', '包裹破损', 'Wrong colour', 'Refund', '退款', 'Quote for lamps', '样品', 'Label missing');
my $line = "The parcel came on Tuesday, the box was open and two of the six lamps are broken. 请看照片。\n";
my @sent;
for my $n (1 .. $count) {
    my $id = sprintf 'bench-%d-%08x@bench.test', $n, int rand 2**32;
    my ($from, $subject, $answers) = ('', sprintf('%s #%d', $things[rand @things], 20000 + $n), '');
    if ($n % 10 < 4) {
        my $member = $members[rand @members];
        $from = "$member->[0] <$member->[1]\@team.test>";
        $subject = "[orders] $subject \@$members[rand @members][1]";
    } elsif ($n % 10 < 8 || !@sent) {
        my $customer = int rand 200;
        $from = "Customer $customer <c$customer\@buyers.test>";
    } else {
        my $earlier = $sent[rand @sent];
        ($from, $answers) = ($earlier->[0], "In-Reply-To: <$earlier->[1]>\nReferences: <$earlier->[1]>\n");
        $subject = "Re: $earlier->[2]";
    }
    push @sent, [$from, $id, $subject] if !$answers;
    my $name = sprintf '%s/%08x%08x.bench', $directory, int rand 2**32, $n * 2654435761 % 2**32;
    open my $mail, '>', $name or die "$name: $!\n";
    print $mail "Return-Path: <sender\@customer.test>\nReceived: from mail.customer.test by mail.team.test with ESMTPS;",
        " Mon, 2 Nov 2026 10:00:00 +0000\nFrom: $from\nTo: Tasks <tasks\@team.test>\nSubject: $subject\n",
        sprintf("Date: Mon, 2 Nov 2026 %02d:%02d:%02d +0000\n", 10 + $n / 3600 % 12, $n / 60 % 60, $n % 60),
        "Message-ID: <$id>\n${answers}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n",
        "Content-Transfer-Encoding: 8bit\n\nHello,\n", $line x (1 + rand 20),
        $answers ? "\n> an earlier line\n> and another\n" : '', "\nRegards\n";
    close $mail or die "$name: $!\n";
}
