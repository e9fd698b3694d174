"use strict";
window.addEventListener("load", () => {
  const api = document.body.dataset.api;
  const said = document.getElementById("said");
  // behind the #, so that neither the server's log nor another site ever sees it
  const token = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);

  const post = async (path, body) => {
    const answer = await fetch(`${api}${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": navigator.language },
      body: JSON.stringify(body),
    });
    if (answer.ok) return true;
    const problem = await answer.json();
    said.textContent = Object.values(problem.errors ?? {}).flat().join(" ") || problem.detail;
    return false;
  };

  const form = document.getElementById(token ? "choose" : "ask");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(form));
    if (token ? await post("/password", { token, ...given }) : await post("/password/forgotten", given)) {
      form.hidden = true;
      said.textContent = token
        ? "Kata sandi tersimpan. Silakan masuk. · Your password is saved. Please sign in."
        : "Bila akunnya ada, surelnya segera tiba. · If there is such an account, the mail will arrive soon.";
    }
  });
});
