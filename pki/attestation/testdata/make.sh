#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the corpus of presented chains with OpenSSL 3 and GnuTLS: what our own encoders cannot or would not write.
# A chain is its certificates in DER, leaf first, one after the other; a name says how a group with the anchor
# `anchor-<first word>.der` of this directory answers it. Made anew, all of it changes; nothing depends on the octets.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
corpus=$here/../fuzz/corpus/presented_chain
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$corpus" && rm -f "$corpus"/openssl_* "$corpus"/gnutls_*
cd "$work"

key() { # name, genpkey arguments
    name=$1; shift
    openssl genpkey "$@" -out "$name.key" 2>/dev/null
}
p256() { key "$1" -algorithm EC -pkeyopt ec_paramgen_curve:P-256; }
# Certificates live a hundred years, so that no test ages.
cat > ca.ext <<'END'
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
END
cat > device.ext <<'END'
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=clientAuth
END
root() { # name, x509 arguments
    name=$1; shift
    openssl req -new -key "$name.key" -subj "/CN=OpenSSL Root" -out "$name.csr"
    openssl x509 -req -in "$name.csr" -signkey "$name.key" -extfile ca.ext -days 36500 "$@" -out "$name.pem" 2>/dev/null
}
issue() { # name, issuer, subject, x509 arguments
    name=$1; issuer=$2; subject=$3; shift 3
    openssl req -new -key "$name.key" -subj "$subject" -out "$name.csr"
    openssl x509 -req -in "$name.csr" -CA "$issuer.pem" -CAkey "$issuer.key" -CAcreateserial -days 36500 "$@" -out "$name.pem" 2>/dev/null
}
put() { # verdict, certificates
    verdict=$1; shift
    for one in "$@"; do openssl x509 -in "$one.pem" -outform DER; done > "$corpus/$verdict"
}

p256 root && root root && openssl x509 -in root.pem -outform DER -out "$here/anchor-openssl.der"

# Sound chains of every kind of signature a path may hold.
key plant-p384 -algorithm EC -pkeyopt ec_paramgen_curve:P-384
key plant-p521 -algorithm EC -pkeyopt ec_paramgen_curve:P-521
key plant-rsa -algorithm RSA -pkeyopt rsa_keygen_bits:3072
key plant-ed25519 -algorithm ED25519
for kind in p384 p521 rsa ed25519; do
    issue "plant-$kind" root "/CN=Plant $kind" -extfile ca.ext
    p256 "leaf-$kind"
    issue "leaf-$kind" "plant-$kind" "/CN=pump-1" -extfile device.ext
    put "openssl_taken_$kind" "leaf-$kind" "plant-$kind"
done
p256 leaf-pss
issue leaf-pss plant-rsa "/CN=pump-1" -extfile device.ext -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest
put openssl_taken_pss leaf-pss plant-rsa

# SHA-1 anywhere, keys too weak, version 1.
p256 plant-sha1 && issue plant-sha1 root "/CN=Plant" -extfile ca.ext -sha1
p256 below-sha1 && issue below-sha1 plant-sha1 "/CN=pump-1" -extfile device.ext
put openssl_refused_certificate_untrusted_sha1_plant below-sha1 plant-sha1
p256 leaf-sha1 && issue leaf-sha1 root "/CN=pump-1" -extfile device.ext -sha1
put openssl_refused_certificate_untrusted_sha1_leaf leaf-sha1
key plant-1024 -algorithm RSA -pkeyopt rsa_keygen_bits:1024
issue plant-1024 root "/CN=Plant" -extfile ca.ext
p256 below-1024 && issue below-1024 plant-1024 "/CN=pump-1" -extfile device.ext
put openssl_refused_certificate_untrusted_weak_plant below-1024 plant-1024
key leaf-1024 -algorithm RSA -pkeyopt rsa_keygen_bits:1024
issue leaf-1024 root "/CN=pump-1" -extfile device.ext
put openssl_refused_certificate_key_weak_leaf leaf-1024
key leaf-p521 -algorithm EC -pkeyopt ec_paramgen_curve:P-521
issue leaf-p521 root "/CN=pump-1" -extfile device.ext
put openssl_refused_certificate_key_p521_leaf leaf-p521
p256 leaf-v1 && issue leaf-v1 root "/CN=pump-1"
put openssl_refused_certificate_untrusted_version_1_leaf leaf-v1
p256 plant-v1 && issue plant-v1 root "/CN=Plant"
p256 below-v1 && issue below-v1 plant-v1 "/CN=pump-1" -extfile device.ext
put openssl_refused_certificate_untrusted_version_1_plant below-v1 plant-v1

# Names: twice, wide characters, none.
p256 leaf-twice && issue leaf-twice root "/CN=pump-2/CN=pump-1" -extfile device.ext
put openssl_refused_certificate_name_twice leaf-twice
printf '[req]\nstring_mask=default\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=pump-1\n' > printable.cnf
p256 leaf-printable
openssl req -new -key leaf-printable.key -config printable.cnf -out leaf-printable.csr
openssl x509 -req -in leaf-printable.csr -CA root.pem -CAkey root.key -CAcreateserial -days 36500 -extfile device.ext -out leaf-printable.pem 2>/dev/null
put openssl_taken_printable leaf-printable
p256 leaf-nameless && issue leaf-nameless root "/O=Vendor" -extfile device.ext
put openssl_refused_certificate_name_none leaf-nameless

# Critical extensions nobody here knows.
for where in leaf plant; do
    cp $([ $where = leaf ] && echo device.ext || echo ca.ext) "$where-foreign.ext"
    printf '1.3.6.1.4.1.55555.1=critical,DER:0500\n' >> "$where-foreign.ext"
done
p256 leaf-foreign && issue leaf-foreign root "/CN=pump-1" -extfile leaf-foreign.ext
put openssl_refused_certificate_untrusted_critical_leaf leaf-foreign
p256 plant-foreign && issue plant-foreign root "/CN=Plant" -extfile plant-foreign.ext
p256 below-foreign && issue below-foreign plant-foreign "/CN=pump-1" -extfile device.ext
put openssl_refused_certificate_untrusted_critical_plant below-foreign plant-foreign

# A revocation list as OpenSSL makes it out of the box: version 1, without number or key identifier.
: > index.txt; echo 01 > serial
printf '[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\nserial=serial\ndefault_md=sha256\npolicy=any\nnew_certs_dir=.\n[any]\n' > ca.cnf
openssl ca -config ca.cnf -cert root.pem -keyfile root.key -revoke leaf-p384.pem 2>/dev/null
openssl ca -config ca.cnf -cert root.pem -keyfile root.key -gencrl -crldays 36500 -out root.crl 2>/dev/null
openssl crl -in root.crl -outform DER -out "$here/list-openssl.der"

# GnuTLS writes names, key identifiers and times in its own way.
certtool --generate-privkey --key-type=ecdsa --curve=secp256r1 --outfile g-root.key 2>/dev/null
certtool --generate-privkey --key-type=ecdsa --curve=secp256r1 --outfile g-plant.key 2>/dev/null
certtool --generate-privkey --key-type=rsa --bits=2048 --outfile g-leaf.key 2>/dev/null
printf 'cn="GnuTLS Root"\nca\ncert_signing_key\ncrl_signing_key\nexpiration_days=-1\n' > g-root.cfg
printf 'cn="GnuTLS Plant"\nca\ncert_signing_key\npath_len=0\nexpiration_days=36000\n' > g-plant.cfg
printf 'cn="pump-1"\ntls_www_client\nsigning_key\nexpiration_days=35000\n' > g-leaf.cfg
certtool --generate-self-signed --load-privkey g-root.key --template g-root.cfg --outfile g-root.pem 2>/dev/null
certtool --generate-certificate --load-privkey g-plant.key --load-ca-certificate g-root.pem --load-ca-privkey g-root.key --template g-plant.cfg --outfile g-plant.pem 2>/dev/null
certtool --generate-certificate --load-privkey g-leaf.key --load-ca-certificate g-plant.pem --load-ca-privkey g-plant.key --template g-leaf.cfg --outfile g-leaf.pem 2>/dev/null
openssl x509 -in g-root.pem -outform DER -out "$here/anchor-gnutls.der"
put gnutls_taken_rsa_leaf g-leaf g-plant
put gnutls_refused_certificate_untrusted_without_plant g-leaf

# No chains at all.
: > "$corpus/openssl_refused_certificate_missing_empty"
printf '\060\003\002\001\001' > "$corpus/openssl_refused_certificate_malformed_integer"
openssl x509 -in leaf-p384.pem -outform DER | head -c 300 > "$corpus/openssl_refused_certificate_malformed_cut"
for _ in 1 2 3 4 5 6 7 8 9 10 11; do openssl x509 -in leaf-p384.pem -outform DER; done > "$corpus/openssl_refused_certificate_malformed_eleven"
