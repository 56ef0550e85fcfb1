# smtp.pl - a submission server that answers as told, for what Postfix will not do: PORT-FILE SCRIPT LOG BODIES.
#
# SCRIPT is read anew at each step of each transaction: lines "STAGE REPLY", where STAGE is connect, ehlo, mail, rcpt,
# data or dot ("rcpt:ADDRESS" for that one alone), and REPLY is what is said there ("\r", "\n" and "\e" as in Perl),
# or "close", or "hang". A stage that is not named is answered as a good server does, but STARTTLS is always
# refused. LOG gets each command line; every message that came as far as the dot is kept as BODIES/1, BODIES/2, … One connection at a time, on 127.0.0.1, without TLS.
use strict; use warnings; use IO::Socket::INET; use Socket qw(TCP_NODELAY IPPROTO_TCP);
my ($port_file, $script, $log, $bodies) = @ARGV; my $n = 0;
my %good = (connect => '220 fake',
  ehlo => '250-fake\r\n250-SIZE 5000000\r\n250 AUTH PLAIN',
  mail => '250 ok', rcpt => '250 ok', data => '354 go on', dot => '250 2.0.0 taken');
$SIG{PIPE} = 'IGNORE';
my $l = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 16) or die "$!";
sub keep { my ($way, $file, $text) = @_; open my $f, $way, $file or die "$file: $!"; print $f $text; close $f }
keep('>', "$port_file.new", $l->sockport . "\n"); rename "$port_file.new", $port_file or die;
# Says what the script has for the stage; false: the connection ends.
sub at {
  my ($c, $stage, $address) = @_; my $reply = $good{$stage};
  if (open my $f, '<', $script) { while (<$f>) { $reply = $2 if /^\Q$stage\E(?::(\S+))? (.*)$/ && ($1 // $address // '') eq ($address // '') } }
  return 0 if $reply eq 'close';
  if ($reply eq 'hang') { sleep 1 while 1 }
  my %escape = (r => "\r", n => "\n", e => "\e"); $reply =~ s/\\([rne])/$escape{$1}/g;
  print $c "$reply\r\n"; $c->flush;
  return $reply !~ /^421/;
}
while (my $c = $l->accept) {
  setsockopt($c, IPPROTO_TCP, TCP_NODELAY, 1); keep('>>', $log, "CONNECT\n");
  next unless at($c, 'connect');
  while (defined(my $line = <$c>)) {
    $line =~ s/\r?\n$//; keep('>>', $log, "$line\n");
    if ($line =~ /^EHLO/i) { last unless at($c, 'ehlo') }
    elsif ($line =~ /^STARTTLS/i) { print $c "454 4.7.0 not now\r\n" }
    elsif ($line =~ /^AUTH/i) { print $c "235 in\r\n" }
    elsif ($line =~ /^(MAIL FROM|RCPT TO):<(.*?)>/i) { last unless at($c, lc substr($1, 0, 4), $2) }
    elsif ($line =~ /^DATA/i) {
      last unless at($c, 'data');
      my $body = ''; my $ended = 0;
      while (defined(my $text = <$c>)) { if ($text eq ".\r\n") { $ended = 1; last } $text =~ s/^\.\././; $body .= $text }
      last unless $ended;
      $n++; keep('>', "$bodies/$n", $body);
      last unless at($c, 'dot');
    }
    elsif ($line =~ /^QUIT/i) { print $c "221 bye\r\n"; last }
    else { print $c "250 ok\r\n" }
    $c->flush;
  }
  close $c;
}
