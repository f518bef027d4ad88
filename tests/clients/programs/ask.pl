# Asks with Perl's HTTP::Tiny: the address is the first argument, or the live API's.
use HTTP::Tiny;

my $base = shift // "https://generativelanguage.googleapis.com";
for my $stream ("false", "true") {
    my $body = qq({"model": "gemini-3.5-flash", "input": "Hi", "stream": $stream});
    print HTTP::Tiny->new->post("$base/v1beta/interactions", {content => $body})->{content}, "\n";
}
