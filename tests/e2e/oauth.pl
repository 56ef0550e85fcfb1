# oauth.pl - the OAuth 2 server of mailenv: PORT TOKENS-FILE REFRESH-TOKEN USER TTL. See mailenv for what it answers.
use strict; use warnings; use IO::Socket::INET; use Socket qw(TCP_NODELAY IPPROTO_TCP);
my ($port, $file, $refresh, $user, $ttl) = @ARGV; my $n = 0;
my $l = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $port, Listen => 64, ReuseAddr => 1) or die "$!";
$SIG{CHLD} = 'IGNORE'; $SIG{PIPE} = 'IGNORE';
sub unesc { my $s = shift; $s =~ tr/+/ /; $s =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge; $s }
while (1) {
  my $c = $l->accept or next; $n++;
  my $pid = fork; if (!defined $pid || $pid) { close $c; next }
  close $l; setsockopt($c, IPPROTO_TCP, TCP_NODELAY, 1); alarm 30;
  while (my $req = <$c>) {                       # keep-alive: Dovecot re-uses its connection
    my ($m, $uri) = split ' ', $req; my $len = 0; my $close = 0;
    while (my $h = <$c>) { last if $h =~ /^\r?\n$/; $len = $1 if $h =~ /^content-length:\s*(\d+)/i; $close = 1 if $h =~ /^connection:\s*close/i }
    my $body = ''; read $c, $body, $len if $len;
    my ($st, $js) = ('401 Unauthorized', '{"error":"invalid_token"}');
    if ($uri =~ m{^/tokeninfo\?access_token=([^&\s]*)}) {
      my $t = unesc($1);
      if (open my $f, '<', $file) { while (<$f>) { chomp; if (/^\Q$t\E:(.+)$/ && $t ne '') { ($st, $js) = ('200 OK', qq({"email":"$1","expires_in":$ttl})); last } } }
    } elsif ($m eq 'POST' && $uri eq '/token') {
      my %p = map { my ($k, $v) = split /=/, $_, 2; ($k => unesc($v // '')) } split /&/, $body;
      if (($p{grant_type} // '') eq 'refresh_token' && ($p{refresh_token} // '') eq $refresh) {
        my $t = "access-" . time . "-$$-$n";
        open my $f, '>>', $file or die; print $f "$t:$user\n"; close $f;
        ($st, $js) = ('200 OK', qq({"access_token":"$t","token_type":"Bearer","expires_in":$ttl}));
      } else { ($st, $js) = ('400 Bad Request', '{"error":"invalid_grant"}') }
    } else { ($st, $js) = ('404 Not Found', '{}') }
    print $c "HTTP/1.1 $st\r\nContent-Type: application/json\r\nContent-Length: ", length $js, "\r\n\r\n$js"; $c->flush;
    last if $close;
  }
  exit 0;
}
