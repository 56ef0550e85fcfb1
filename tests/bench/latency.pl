#!/usr/bin/env perl
# latency.pl TRACE LOG: TRACE is strace's of the mailbox process, LOG the daemon's.  For each mail the time from
# the IDLE notification (the last read from the server that ended a wait of 300 ms or more) to the log line that
# says that the last of its notices was accepted and written down.  Prints the median and the extremes.
use strict;
use warnings;
use Time::Local;
my ($trace, $log) = @ARGV;
my (@told, @accepted, $waits_from);
open my $lines, '<', $trace or die "$trace: $!\n";
while (<$lines>) {
    /^(?:\d+\s+)?(\d+\.\d+) (ppoll|recvfrom)/ or next;
    if ($2 eq 'ppoll') { $waits_from = $1 }
    elsif ($waits_from) { push @told, $1 if $1 - $waits_from >= 0.3; undef $waits_from }
}
open $lines, '<', $log or die "$log: $!\n";
while (<$lines>) {
    /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)\.(\d+)Z .* outbox\.result .*status=sent/ or next;
    push @accepted, timegm($6, $5, $4, $3, $2 - 1, $1) + $7 / 1000;
}
my @took;
for my $i (0 .. $#told) {
    my $end = $told[$i + 1] // 9e9;
    my ($last) = reverse grep { $_ >= $told[$i] - 0.001 && $_ < $end } @accepted;
    push @took, 1000 * ($last - $told[$i]) if $last;
}
die "latency: nothing was measured\n" unless @took;
@took = sort { $a <=> $b } @took;
printf "%-44s %10s  %s\n", 'IDLE notification to notice accepted', sprintf('%.0f ms', $took[@took / 2]),
    sprintf('median of %d; %.0f to %.0f', scalar @took, $took[0], $took[-1]);
