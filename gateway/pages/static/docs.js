"use strict";
window.addEventListener("load", () => {
  window.SwaggerUIBundle({
    url: document.getElementById("docs").dataset.url,
    dom_id: "#docs",
    deepLinking: true,
    persistAuthorization: false,
    displayRequestDuration: true,
    filter: true,
    validatorUrl: null,
    requestInterceptor: (request) => {
      // what every POST needs; a person who tries things out shouldn't have to make one up
      const known = Object.keys(request.headers).find((name) => name.toLowerCase() === "idempotency-key");
      if (request.method === "POST" && !known) request.headers["Idempotency-Key"] = crypto.randomUUID();
      return request;
    },
  });
});
