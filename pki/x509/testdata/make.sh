#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the fixtures of this directory with OpenSSL 3. Keys that exist are kept, so that snapshots stay; the
# requests are made anew (ECDSA signatures differ each time, which no test minds).
set -eu
cd "$(dirname "$0")"
mkdir -p keys requests

key() { # name, genpkey arguments
    name=$1; shift
    [ -f "keys/$name.pk8" ] || openssl genpkey "$@" 2>/dev/null | openssl pkcs8 -topk8 -nocrypt -outform DER -out "keys/$name.pk8"
}
request() { # name, key, openssl req arguments
    name=$1; signer=$2; shift 2
    openssl req -new -key "keys/$signer.pk8" -keyform DER -outform DER -out "requests/$name.der" "$@"
}

for who in root issuer device; do
    key "$who-p256" -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:named_curve
done
for who in issuer device; do
    key "$who-p384" -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -pkeyopt ec_param_enc:named_curve
    key "$who-rsa2048" -algorithm RSA -pkeyopt rsa_keygen_bits:2048
    key "$who-ed25519" -algorithm ED25519
done
key device-rsa3072 -algorithm RSA -pkeyopt rsa_keygen_bits:3072
key device-rsa4096 -algorithm RSA -pkeyopt rsa_keygen_bits:4096
key weak-rsa1024 -algorithm RSA -pkeyopt rsa_keygen_bits:1024
key weak-rsa2047 -algorithm RSA -pkeyopt rsa_keygen_bits:2047
key odd-rsa2056 -algorithm RSA -pkeyopt rsa_keygen_bits:2056
key odd-rsa2050 -algorithm RSA -pkeyopt rsa_keygen_bits:2050
key weak-rsa-e3 -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3
key large-rsa8192 -algorithm RSA -pkeyopt rsa_keygen_bits:8192
key foreign-p521 -algorithm EC -pkeyopt ec_paramgen_curve:P-521
key foreign-secp256k1 -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1
key foreign-ed448 -algorithm ED448
key explicit-p256 -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit
[ -f keys/compressed-p256.pk8 ] || openssl ec -in keys/device-p256.pk8 -inform DER -conv_form compressed -outform DER 2>/dev/null |
    openssl pkcs8 -topk8 -nocrypt -inform DER -outform DER -out keys/compressed-p256.pk8

# What a sound device sends.
for kind in p256 p384 rsa2048 rsa3072 rsa4096; do
    for digest in sha256 sha384 sha512; do
        request "good-$kind-$digest" "device-$kind" -subj "/CN=pump-1" "-$digest"
    done
done
request good-ed25519 device-ed25519 -subj "/CN=pump-1"
request good-empty-subject device-p256 -subj "/"
request good-full-subject device-p256 -subj "/O=acme/CN=PUMP-1"
request good-full-subject-turned device-p256 -subj "/CN=pump-1/O=acme"
request good-weaker-extensions device-p256 -subj "/CN=pump-1" -addext "basicConstraints=critical,CA:FALSE" \
    -addext "keyUsage=critical,digitalSignature" -addext "extendedKeyUsage=clientAuth" -addext "subjectKeyIdentifier=hash" \
    -addext "subjectAltName=URI:spiffe://tamga.example/org/acme/device/dev_01jd2y"
printf '[req]\ndistinguished_name=dn\nattributes=at\n[dn]\n[at]\nchallengePassword=Passphrase\nchallengePassword_default=secret1\n' > /tmp/tamga-csr.$$
request good-challenge-password device-p256 -config "/tmp/tamga-csr.$$" -batch -subj "/CN=pump-1"
rm "/tmp/tamga-csr.$$"

# What is refused for its key or signature.
request bad-rsa1024 weak-rsa1024 -subj "/CN=pump-1"
request bad-rsa2047 weak-rsa2047 -subj "/CN=pump-1"
request bad-rsa2050 odd-rsa2050 -subj "/CN=pump-1"
request bad-rsa-e3 weak-rsa-e3 -subj "/CN=pump-1"
request bad-rsa8192 large-rsa8192 -subj "/CN=pump-1"
request bad-p521 foreign-p521 -subj "/CN=pump-1"
request bad-secp256k1 foreign-secp256k1 -subj "/CN=pump-1"
request bad-ed448 foreign-ed448 -subj "/CN=pump-1"
request bad-explicit-curve explicit-p256 -subj "/CN=pump-1"
request bad-compressed-point compressed-p256 -subj "/CN=pump-1"
request bad-sha1 device-rsa2048 -subj "/CN=pump-1" -sha1
request bad-md5 device-rsa2048 -subj "/CN=pump-1" -md5
request bad-ecdsa-sha1 device-p256 -subj "/CN=pump-1" -sha1
request bad-pss device-rsa2048 -subj "/CN=pump-1" -sha256 -sigopt rsa_padding_mode:pss

# What is refused for what it asks.
ask() { name=$1; shift; request "ask-$name" device-p256 -subj "/CN=pump-1" "$@"; }
ask ca-true -addext "basicConstraints=CA:TRUE"
ask ca-true-critical-pathlen -addext "basicConstraints=critical,CA:TRUE,pathlen:3"
ask cert-sign -addext "keyUsage=keyCertSign"
ask crl-sign -addext "keyUsage=digitalSignature,cRLSign"
ask key-agreement -addext "keyUsage=digitalSignature,keyAgreement"
ask ocsp-signing -addext "extendedKeyUsage=clientAuth,OCSPSigning"
ask any-purpose -addext "extendedKeyUsage=anyExtendedKeyUsage"
ask server-auth -addext "extendedKeyUsage=serverAuth"
ask dns-name -addext "subjectAltName=DNS:pump-1"
ask email -addext "subjectAltName=email:pump@acme.example"
ask upn -addext "subjectAltName=otherName:1.3.6.1.4.1.311.20.2.3;UTF8:admin@acme"
ask other-uri -addext "subjectAltName=URI:spiffe://tamga.example/org/acme/device/dev_other"
ask two-names -addext "subjectAltName=URI:spiffe://tamga.example/org/acme/device/dev_01jd2y,DNS:pump-1"
ask address -addext "subjectAltName=IP:10.0.0.1"
ask crl-location -addext "crlDistributionPoints=URI:http://evil.example/x.crl"
ask issuer-location -addext "authorityInfoAccess=caIssuers;URI:http://evil.example/x.cer"
ask policies -addext "certificatePolicies=1.2.3.4"
ask name-constraints -addext "nameConstraints=permitted;DNS:acme.example"
ask ocsp-nocheck -addext "noCheck=ignored"
ask unknown-critical -addext "1.2.3.4.5=critical,DER:0500"
ask foreign-key-identifier -addext "subjectKeyIdentifier=0102030405060708090a0b0c0d0e0f1011121314"
request ask-second-name device-p256 -subj "/CN=pump-1/CN=pump-2"
request ask-other-name device-p256 -subj "/CN=pump-2"
request ask-other-organization device-p256 -subj "/O=emca/CN=pump-1"
request ask-email-subject device-p256 -subj "/CN=pump-1/emailAddress=a@b.example"
request ask-multi-valued device-p256 -subj "/CN=pump-1+O=acme"
request ask-serial-number device-p256 -subj "/CN=pump-1/serialNumber=42"
