// A code by text message costs its sender money, and some earn by having programs ask for thousands. So this browser works for one a while, as the form is filled in:
// it looks for a number of which the hash, with the seed of this page, begins with so many zeros. Where it can't, the form goes as it is.
(() => {
  const { seed, bits } = document.currentScript.dataset;
  const longest = 10_000;
  const bytes = text => new TextEncoder().encode(text);
  const isFound = async number => {
    const key = await crypto.subtle.importKey('raw', bytes(number), 'PBKDF2', false, ['deriveBits']);
    const hash = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: bytes(seed), iterations: 2000 }, key, 32);
    return Math.clz32(new DataView(hash).getUint32(0)) >= bits;
  };
  const find = async () => {
    for (let number = 0; ; number++) if (await isFound(String(number))) return `${seed}.${number}`;
  };
  const start = () => {
    const form = document.querySelector('main form[method=post]');
    if (!form || !window.crypto?.subtle) return;
    let found;
    let isSending = false;
    form.addEventListener('focusin', () => found ??= find(), { once: true });
    form.addEventListener('submit', async event => {
      if (form.elements.work) return;
      event.preventDefault();
      if (isSending) return;
      isSending = true;
      const field = document.createElement('input');
      field.type = 'hidden';
      field.name = 'work';
      field.value = await Promise.race([found ??= find(), new Promise(done => setTimeout(done, longest, ''))]).catch(() => '');
      form.append(field);
      // While this event is still being told, a form can't be sent: what was found before is there at once.
      setTimeout(() => form.requestSubmit(event.submitter));
    });
  };
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', start);
  else start();
})();
