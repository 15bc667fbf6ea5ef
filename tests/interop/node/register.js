#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Registers one device through DPS with the unmodified device SDK over HTTP, and prints what the SDK returns.
//
//   TAMGA_HOST              name or address; the SDK always speaks to port 443 there
//   TAMGA_ID_SCOPE          id scope
//   TAMGA_REGISTRATION_ID   registration id
//   TAMGA_KEY_FILE          file with the device's key in base64 (a file, because arguments are seen by everybody); or
//   TAMGA_CERTIFICATE_FILE  file with the device's certificate and the intermediates above it, PEM, and
//   TAMGA_CERTIFICATE_KEY_FILE  file with its private key, PEM
//   TAMGA_CSR_FILE          optional: a PKCS #10 request, PEM or DER; travels as the payload {"csr": <base64 DER>}
//   NODE_EXTRA_CA_CERTS     the anchor of Tamga's own TLS certificate (read by Node itself at start)
//   TAMGA_TOOLS             where the SDK is installed; default target/tools of this repository
//
// Exit 0: RegistrationResult as JSON on stdout. Exit 1: the SDK's error as JSON on stderr. Exit 2: called wrongly.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { createRequire } = require('node:module');

function setting(name) {
  const value = process.env[name];
  if (!value) {
    process.stderr.write(`${JSON.stringify({ name: 'Usage', message: `${name} is not set` })}\n`);
    process.exit(2);
  }
  return value;
}

function derOf(file) {
  const bytes = fs.readFileSync(file);
  const pem = /-----BEGIN [A-Z ]+-----([^-]+)-----END/.exec(bytes.toString('latin1'));
  return pem ? Buffer.from(pem[1], 'base64') : bytes;
}

// The SDK throws some faults outside of any promise (an answer without Content-Type, for one): they are its answer too.
function fail(error) {
  const { name, message, statusCode, code, result, responseBody } = error;
  process.stderr.write(`${JSON.stringify({ name, message, statusCode, code, result, responseBody })}\n`);
  process.exit(1);
}
process.on('uncaughtException', fail);

const tools = process.env.TAMGA_TOOLS || path.join(__dirname, '../../../target/tools');
const sdk = createRequire(path.join(path.resolve(tools), 'node', 'package.json'));
const { ProvisioningDeviceClient } = sdk('azure-iot-provisioning-device');
const { Http } = sdk('azure-iot-provisioning-device-http');
const { SymmetricKeySecurityClient } = sdk('azure-iot-security-symmetric-key');
const { X509Security } = sdk('azure-iot-security-x509');

function credentialOf(registrationId) {
  if (process.env.TAMGA_CERTIFICATE_FILE) {
    const cert = fs.readFileSync(process.env.TAMGA_CERTIFICATE_FILE, 'utf8');
    const key = fs.readFileSync(setting('TAMGA_CERTIFICATE_KEY_FILE'), 'utf8');
    return new X509Security(registrationId, { cert, key });
  }
  const key = fs.readFileSync(setting('TAMGA_KEY_FILE'), 'utf8').trim();
  return new SymmetricKeySecurityClient(registrationId, key);
}

const credential = credentialOf(setting('TAMGA_REGISTRATION_ID'));
const client = ProvisioningDeviceClient.create(setting('TAMGA_HOST'), setting('TAMGA_ID_SCOPE'), new Http(), credential);
if (process.env.TAMGA_CSR_FILE) {
  client.setProvisioningPayload({ csr: derOf(process.env.TAMGA_CSR_FILE).toString('base64') });
}
client.register().then((result) => process.stdout.write(`${JSON.stringify(result)}\n`), fail);
