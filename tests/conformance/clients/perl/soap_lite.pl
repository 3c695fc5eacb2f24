# SOAP::Lite. First argument: bare (namespace and method by hand, its own idea of a SOAPAction), action (a SOAPAction
# as .NET wanted it) or wsdl.
use strict;
use warnings;
use utf8;
use Encode qw(decode);
use JSON::PP;
use SOAP::Lite;

my ($mode, $url, $account, $key, $recipient, @texts) = map { decode('UTF-8', $_) } @ARGV;
my $address = "$url/sendsms/sendsms.asmx";
my $namespace = 'http://tempuri.org/';

sub tell_read {
    my ($call, $read) = @_;
    print JSON::PP->new->canonical->encode({ call => $call, read => "$read" }), "\n";
}

sub call_bare {
    my ($operation, @pairs) = @_;
    my $soap = SOAP::Lite->proxy($address)->default_ns($namespace);
    $soap->on_action(sub { $namespace . $_[1] }) if $mode eq 'action';
    my @data;
    push @data, SOAP::Data->name(shift @pairs)->value(shift @pairs) while @pairs;
    my $answer = $soap->call($operation, @data);
    die $answer->faultstring if $answer->fault;
    return $answer->result;
}

my $service;

sub call_wsdl {
    my ($operation, @pairs) = @_;
    $service //= SOAP::Lite->service("$address?wsdl");
    my @values = map { $pairs[2 * $_ + 1] } 0 .. $#pairs / 2;
    return $service->$operation(@values);
}

my $read = $mode eq 'wsdl' ? \&call_wsdl : \&call_bare;

sub send_sms {
    my ($text, $key) = @_;
    return $read->('sms', konto => $account, passwd => $key, till => $recipient, from => 'iP1', meddelande => $text,
        prio => 1);
}

tell_read('balans', $read->('balans', konto => $account, passwd => $key));
tell_read('sms', send_sms($_, $key)) for @texts;
tell_read('wrong', send_sms('never', "not-$key"));
