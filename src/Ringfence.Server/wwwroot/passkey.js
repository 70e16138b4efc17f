// Passkeys: the only way to them is through the browser's script. Forms with data-passkey appear where the browser has them; all else works without.
const forms = [...document.querySelectorAll('form[data-passkey]')];
if (window.PublicKeyCredential?.parseRequestOptionsFromJSON && window.isSecureContext) {
  for (const form of forms) {
    form.hidden = false;
    form.addEventListener('submit', async e => {
      if (form.elements.credential.value) return;
      e.preventDefault(); e.stopImmediatePropagation();
      const failed = form.querySelector('[data-failed]');
      failed.hidden = true;
      try {
        const answer = await fetch(form.dataset.options, { method: 'POST', body: new URLSearchParams({ _t: form.elements._t.value }) });
        const options = await answer.json();
        if (options.again) { location.href = form.dataset.again; return; }
        const credential = form.dataset.passkey === 'create'
          ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
          : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
        form.elements.credential.value = JSON.stringify(credential);
        form.submit();
      } catch { failed.hidden = false; }
    }, true);
  }
}
