# mailtext.pl - a mail as people read it: mailtext.pl FILE. Header fields unfolded and decoded, an empty line, then
# for each part a line "-- TYPE; name=NAME" and, of a text part, its content in UTF-8. For assertions in tests;
# written apart from the program, so that the program's own reader does not judge its writer.
use strict; use warnings;
use Encode qw(decode); use MIME::Base64 (); use MIME::QuotedPrint ();
binmode STDOUT, ':encoding(UTF-8)';

sub split_mail {                                   # -> header text, body
    my ($raw) = @_;
    my ($head, $body) = split /\r?\n\r?\n/, $raw, 2;
    return ($head // '', $body // '');
}
sub fields {                                       # -> [name, value], unfolded
    my ($head) = @_;
    $head =~ s/\r?\n[ \t]+/ /g;
    return map { /^([^:\s]+):\s*(.*?)\s*$/ ? [$1, $2] : () } split /\r?\n/, $head;
}
sub readable {
    my ($value) = @_;
    my $text = eval { decode('UTF-8', my $copy = $value, Encode::FB_CROAK) } // decode('ISO-8859-1', $value);
    return eval { decode('MIME-Header', $text) } // $text;
}
sub part {
    my ($raw, $depth) = @_;
    my ($head, $body) = split_mail($raw);
    my %field = map { lc $_->[0] => $_->[1] } reverse fields($head);
    my $type = $field{'content-type'} // 'text/plain';
    my ($kind) = $type =~ m{^\s*([\w.+-]+/[\w.+-]+)};
    $kind = lc($kind // 'text/plain');
    if ($kind =~ m{^multipart/} && $type =~ /boundary="?([^";]+)"?/i && $depth < 20) {
        my $boundary = $1;
        my @parts = split /(?:^|\r?\n)--\Q$boundary\E(?:--)?[ \t]*(?:\r?\n|\z)/, $body;
        shift @parts;
        part($_, $depth + 1) for grep { /\S/ } @parts;
        return;
    }
    my ($name) = (($field{'content-disposition'} // '') . ';' . $type) =~ /name\*?="?([^";]+)"?/i;
    print "-- $kind", defined $name ? '; name=' . readable($name) : '', "\n";
    return if $kind !~ m{^text/};
    my $encoding = lc($field{'content-transfer-encoding'} // '');
    $body = MIME::Base64::decode($body) if $encoding =~ /base64/;
    $body = MIME::QuotedPrint::decode($body) if $encoding =~ /quoted-printable/;
    my ($charset) = $type =~ /charset="?([\w-]+)/i;
    my $text = eval { decode($charset // 'utf-8', $body) } // $body;
    $text =~ s/\r\n/\n/g;
    print $text, $text =~ /\n\z/ ? '' : "\n";
}

open my $file, '<:raw', $ARGV[0] or die "$ARGV[0]: $!\n";
my $raw = do { local $/; <$file> };
my ($head) = split_mail($raw);
print "$_->[0]: ", readable($_->[1]), "\n" for fields($head);
print "\n";
part($raw, 0);
