// SPDX-License-Identifier: Apache-2.0
// Draws the contract. The page only shows: it sends no call, and keeps nothing in the browser.
"use strict";

// Swagger UI looks for parameters in operations; the document writes those of a path once.
function spelledOut(document) {
  for (const path of Object.values(document.paths)) {
    const shared = path.parameters ?? [];
    delete path.parameters;
    for (const operation of Object.values(path)) {
      operation.parameters = [...shared, ...(operation.parameters ?? [])];
    }
  }
  return document;
}

fetch("/v1/openapi.json")
  .then((answer) => answer.json())
  .then((document) =>
    SwaggerUIBundle({
      spec: spelledOut(document),
      dom_id: "#page",
      deepLinking: true,
      docExpansion: "list",
      defaultModelsExpandDepth: 0,
      defaultModelExpandDepth: 3,
      filter: true,
      supportedSubmitMethods: [],
      validatorUrl: null,
      presets: [SwaggerUIBundle.presets.apis],
    }),
  );
