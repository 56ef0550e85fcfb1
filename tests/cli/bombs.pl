# bombs.pl - mails made to break whoever reads them: bombs.pl NAME SERIAL, the mail on standard output. SERIAL makes
# the bytes differ, so that a second one is no copy of the first. Without arguments the names, one a line.
use strict; use warnings;
binmode STDOUT;

my $serial = $ARGV[1] // 0;
my $from = "From: Wang Fang <wang\@team.test>\r\n";
my $head = "${from}To: tasks\@team.test\r\nSubject: bomb $serial\r\nMIME-Version: 1.0\r\n";
my $mixed = "${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n";

sub parameter { "${head}Content-Type: multipart/mixed; " . 'a' x $_[0] . "=\xc3\xa9\xc3\xa9\r\n\r\nstill here\r\n" }
sub parts { $mixed . "--b\n\n" x $_[0] }
sub deep {
    my ($depth, $rest) = @_;
    return $head . join('', map { "Content-Type: multipart/mixed; boundary=b$_\r\n\r\n--b$_\r\n" } 1 .. $depth) . "\r\n" . ($rest // "still here\r\n");
}
sub fields { "$head$_[0]\r\n\r\nstill here\r\n" }
sub file { "${mixed}--b\r\n\r\nstill here\r\n--b\r\nContent-Type: application/x-test; name=f\r\nContent-Transfer-Encoding: $_[0]\r\n\r\n$_[1]\r\n--b--\r\n" }
sub beside { "${mixed}--b\r\n\r\nstill here\r\n--b\r\n" . join("\r\n--b\r\n", @_) . "\r\n--b--\r\n" }
sub titled { "${from}To: tasks\@team.test\r\nSubject: $_[0]\r\nX-Serial: $serial\r\n\r\nstill here\r\n" }
# 200 MB of nothing, 200 KB long.
sub zipped {
    require IO::Compress::Zip;
    my ($zeros, $zip) = ("\0" x 200_000_000, '');
    IO::Compress::Zip::zip(\$zeros => \$zip, Name => 'zeros', Time => 1_000_000_000) or die;
    require MIME::Base64;
    return MIME::Base64::encode($zip, "\r\n");
}
sub encoded { "${head}Content-Transfer-Encoding: $_[0]\r\n\r\n$_[1]\r\n" }

my %mails = (
    'P01-name-of-70' => sub { parameter(70) },
    'P01-name-of-71' => sub { parameter(71) },
    'P01-name-of-72' => sub { parameter(72) },
    'P02-parts-10000' => sub { parts(10_000) },
    'P02-parts-10001' => sub { parts(10_001) },
    'P02-parts-1000000' => sub { parts(1_000_000) },
    'P03-depth-101' => sub { deep(101) },
    'P03-depth-1025' => sub { deep(1025) },
    'P03-depth-100000' => sub { deep(100_000) },
    'P03-messages-100000' => sub { $head . "Content-Type: message/rfc822\r\n\r\nSubject: inner $serial\r\n" x 100_000 . "\r\nbottom\r\n" },
    'P04-boundaries-900' => sub { deep(900, "--b\n" x 2_000_000) },
    # as many as may be open: every line is held against each of them
    'P04-boundaries-99' => sub { deep(99, "still here\r\n" . "--b\n" x 2_000_000) },
    'P05-lines-1000000' => sub { fields("X: y\r\n" x 1_000_000 . 'X: z') },
    'P05-field-of-10MB' => sub { fields('X: ' . "0123456789\r\n " x 800_000 . 'z') },
    'P05-to-500000' => sub { fields("To: a\@b.example\r\n" x 500_000 . 'X: z') },
    'P05-addresses-100000' => sub { fields('Cc: ' . 'a@b,' x 100_000 . 'c@d.example') },
    'P05-references-200000' => sub { fields('References: ' . ('<' . substr($serial, 0, 1) . '@b>') x 200_000) },
    'P06-no-colon-5MB' => sub { 'no field here ' x (5_000_000 / 14) . $serial },
    'P06-empty' => sub { '' },
    'P06-line-end' => sub { "\r\n" },
    'P06-no-body' => sub { "$head\r\n" },
    'P06-header-only' => sub { $head },
    'P06-multipart-cut' => sub { "${mixed}--b\r\n\r\nstill here" },
    'P06-empty-message' => sub { "${mixed}--b\r\n\r\nstill here\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n\r\n--b--\r\n" },
    'P07-padding' => sub { file('base64', 'VkkhIQ') },
    'P07-chunked' => sub { file('base64', "Vkk=\r\nUlVTISE=") },
    'P07-8-bit' => sub { file('base64', "Vk\xffkh") },
    'P07-base64-multipart' => sub { "${head}Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\n--b\r\n\r\nstill here\r\n--b--\r\n" },
    'P07-unknown' => sub { encoded('x-fancy', 'still here') },
    'P07-uuencode' => sub { file('x-uuencode', "begin 644 f\n#0V%T\n`\nend") },
    'P07-soft-breaks' => sub { encoded('quoted-printable', "=\r\n" x 1_000_000 . 'still here') },
    'P08-60MB' => sub { "$head\r\nstill here\r\n" . 'y' x 70 . "\r\n" . ('x' x 70 . "\r\n") x 833_333 },
    'P09-partial' => sub { beside("Content-Type: message/partial; number=2; total=3; id=a\r\n\r\nthe second of three") },
    'P09-external-body' => sub { beside("Content-Type: message/external-body; access-type=local-file; name=\"/etc/passwd\"\r\n\r\nContent-Type: text/plain\r\n\r\n") },
    'P09-digest' => sub { beside("Content-Type: multipart/digest; boundary=d\r\n\r\n--d\r\n\r\nSubject: one\r\n\r\n1\r\n--d\r\n\r\nSubject: two\r\n\r\n2\r\n--d--") },
    'P09-winmail' => sub { beside("Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\neJ8+IgAAAgn/////AAAA") },
    'P09-appledouble' => sub { beside("Content-Type: multipart/appledouble; boundary=d\r\n\r\n--d\r\nContent-Type: application/applefile; name=f\r\n\r\nx\r\n--d\r\nContent-Type: application/x-test; name=f\r\n\r\ny\r\n--d--") },
    'P09-encrypted' => sub { beside("Content-Type: multipart/encrypted; boundary=d\r\n\r\n--d\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--d\r\nContent-Type: application/octet-stream\r\n\r\nx\r\n--d--") },
    'P10-padded' => sub { titled('=?UTF-8?B?SGVsbG8=?= =?UTF-8?B?IHdvcmxk?=') },
    'P10-split' => sub { titled('=?UTF-8?B?5Lg=?= =?UTF-8?B?reaWhw==?=') },
    'P10-raw' => sub { titled("\xd6\xd0\xce\xc4") },
    'P10-1MB' => sub { titled("\xe4\xb8\xad" x 333_333) },
    'F04-zip' => sub { beside("Content-Type: application/zip; name=42.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n" . zipped()) },
);
if (@ARGV) { print +($mails{$ARGV[0]} // die "bombs.pl: no $ARGV[0]\n")->() } else { print "$_\n" for sort keys %mails }
