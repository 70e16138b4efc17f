// Ringfence staff pages: small helps, all of them optional. Every page works without this file.
const $ = (s, at = document) => at.querySelector(s), $$ = (s, at = document) => [...at.querySelectorAll(s)];
const root = document.documentElement;
const typing = e => e.target.closest('input:not([type=checkbox]), select, textarea, [contenteditable], dialog');

// Light or dark: what the reader chose, else what the system says. The server reads the cookie, so that nothing flashes.
const switchTheme = () => {
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
  document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
};

// Toasts are said aloud by the live region and stay until read
function say(words) {
  const box = $('.toasts');
  if (!box) return;
  const t = Object.assign(document.createElement('div'), { className: 'toast' });
  const p = Object.assign(document.createElement('p'), { textContent: words });
  const b = Object.assign(document.createElement('button'), { className: 'btn btn-sm', type: 'button', textContent: box.dataset.close, onclick: () => t.remove() });
  t.append(p, b); box.append(t); setTimeout(() => t.remove(), 12000);
}

// Another state of the same page: the parts with data-live are taken over, the rest and what is being typed stay.
let asked = 0;
async function show(url, options = {}, push = true) {
  const mine = ++asked;
  document.body.setAttribute('aria-busy', 'true');
  try {
    const answer = await fetch(url, { headers: { 'X-Part': '1' }, ...options });
    if (!(answer.headers.get('content-type') ?? '').startsWith('text/html')) { location.href = url; return; }
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (mine !== asked) return;
    const parts = $$('[data-live]');
    if (new URL(answer.url).pathname !== location.pathname || !parts.length || !parts.every(p => page.getElementById(p.id))) { location.href = answer.url; return; }
    for (const part of parts) part.replaceWith(page.getElementById(part.id));
    const uses = new Set($$('body > svg symbol').map(s => s.id)), defs = $('body > svg');
    $$('body > svg symbol', page).forEach(s => uses.has(s.id) || defs.append(s));
    document.title = page.title;
    if (push && !options.method) history.replaceState(null, '', answer.url);
    begin();
  } catch { if (mine === asked) location.href = url; } finally { if (mine === asked) document.body.removeAttribute('aria-busy'); }
}

const addressOf = form => { const u = new URL(form.action || location.href); u.search = new URLSearchParams([...new FormData(form)].filter(([, v]) => v !== '')); return u.href; };
let pause;
document.addEventListener('input', e => {
  const form = e.target.closest('form[data-filter]');
  if (!form || e.target.matches('[type=checkbox], [type=radio], select')) return;
  clearTimeout(pause); pause = setTimeout(() => show(addressOf(form)), 250);
});
document.addEventListener('change', e => {
  const form = e.target.closest('form[data-filter]');
  if (form) { clearTimeout(pause); show(addressOf(form)); }
  if (e.target.matches('[data-all]')) $$(`input[name="${e.target.dataset.all}"]`).forEach(b => { b.checked = e.target.checked; mark(b); });
  if (e.target.matches('tbody .tick')) mark(e.target);
  if (e.target.matches('[data-go]')) location.href = e.target.value;
});
const mark = box => box.closest('tr')?.setAttribute('aria-selected', box.checked);
document.addEventListener('submit', e => {
  if (e.target.matches('form[data-filter][method=get]')) { e.preventDefault(); show(addressOf(e.target)); }
  // Sent once, however often it is pressed.
  else if (e.target.method === 'post') { if (e.target.dataset.sent) e.preventDefault(); else { e.target.dataset.sent = '1'; setTimeout(() => delete e.target.dataset.sent, 8000); } }
});

// Dialogs, the theme, printing; links that only change the state of a page
document.addEventListener('click', e => {
  const open = e.target.closest('[data-open]'), close = e.target.closest('[data-close]:not(.toasts)');
  if (open) { const d = document.getElementById(open.dataset.open); d?.showModal?.(); $('input', d)?.focus(); }
  if (close) close.closest('dialog')?.close();
  if (e.target.matches?.('dialog')) e.target.close();
  if (e.target.closest('[data-theme-switch]')) switchTheme();
  if (e.target.closest('[data-print]')) print();
  // What comes in is held still while somebody reads, and made up for afterwards
  const hold = e.target.closest('[data-hold]');
  if (hold) { const still = document.getElementById(hold.dataset.hold).toggleAttribute('data-held'); hold.setAttribute('aria-pressed', still); if (!still) show(location.href, {}, false); }
  const copy = e.target.closest('[data-copy]');
  if (copy) navigator.clipboard?.writeText(document.getElementById(copy.dataset.copy).textContent.trim()).then(() => say(copy.dataset.copied));
  const link = e.target.closest('a[data-show]');
  if (link && !e.ctrlKey && !e.metaKey && !e.shiftKey && e.button === 0) { e.preventDefault(); show(link.href); }
});

// The digest of a file is worked out here; the file itself goes nowhere
document.addEventListener('change', async e => {
  const file = e.target.dataset?.hash && e.target.files?.[0], to = file && document.getElementById(e.target.dataset.hash);
  if (to && crypto.subtle) to.value = [...new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))].map(b => b.toString(16).padStart(2, '0')).join('');
});

// Palette: type, arrows, Enter; what is no page is looked for among contacts
const palette = $('#palette');
if (palette) {
  const box = $('input[name=q]', palette), all = $$('[role=option]', palette);
  const at = o => { all.forEach(x => x.setAttribute('aria-selected', x === o)); if (o) box.setAttribute('aria-activedescendant', o.id); else box.removeAttribute('aria-activedescendant'); };
  box.addEventListener('input', () => { all.forEach(o => o.hidden = !o.textContent.toLowerCase().includes(box.value.toLowerCase())); at(all.find(o => !o.hidden)); $('[data-none]', palette).hidden = all.some(o => !o.hidden); });
  box.addEventListener('keydown', e => {
    const seen = all.filter(o => !o.hidden), i = seen.findIndex(o => o.getAttribute('aria-selected') === 'true');
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') { e.preventDefault(); at(seen[(i + (e.key === 'ArrowDown' ? 1 : -1) + seen.length) % seen.length]); }
    if (e.key === 'Enter' && seen[i]) { e.preventDefault(); location = seen[i].href; }
  });
}

// Keys: Ctrl K everywhere; the single letters can be turned off (WCAG 2.1.4)
let after, forget;
document.addEventListener('keydown', e => {
  if ((e.ctrlKey || e.metaKey) && e.key === 'k' && palette) { e.preventDefault(); palette.showModal(); return; }
  if (e.ctrlKey || e.metaKey || e.altKey || typing(e) || root.dataset.keys === 'off') return;
  if (after === 'g') { const to = $(`.nav a[data-letter="${CSS.escape(e.key)}"]`); if (to) { location = to.href; return; } }
  after = e.key; clearTimeout(forget); forget = setTimeout(() => after = null, 900);
  const rows = $$('[data-rows] tbody tr, ol[data-rows] > li'), now = rows.findIndex(r => r.classList.contains('at'));
  if ((e.key === 'j' || e.key === 'k') && rows.length) {
    const next = rows[Math.max(0, Math.min(rows.length - 1, now + (e.key === 'j' ? 1 : -1)))];
    rows[now]?.classList.remove('at'); next.classList.add('at'); $('th a, .what a', next)?.focus();
  }
  if (e.key === 'x' && now >= 0) $('input[type=checkbox]', rows[now])?.click();
  if (e.key === '/') { const find = $('main [type=search]'); if (find) { e.preventDefault(); find.focus(); } }
  if (e.key === '?') $('#keys')?.showModal();
});

// What is under way, told by the server: each event names elements and what stands in them now
function listen(part) {
  const events = new EventSource(part.dataset.events);
  events.addEventListener(part.dataset.event ?? 'progress', e => {
    // Another state of the page took its place.
    if (!part.isConnected) { events.close(); return; }
    const told = JSON.parse(e.data);
    for (const [id, text] of Object.entries(told.text ?? {})) { const to = document.getElementById(id); if (to) to.textContent = text; }
    for (const [id, value] of Object.entries(told.value ?? {})) { const to = document.getElementById(id); if (to) to.value = value; }
    if (told.rows) { const to = document.getElementById(told.into); if (to && !to.closest('[data-held]')) { to.insertAdjacentHTML('afterbegin', told.rows); while (to.children.length > (told.keep ?? 50)) to.lastElementChild.remove(); } }
    if (told.done) { events.close(); location.reload(); }
  });
  addEventListener('pagehide', () => events.close(), { once: true });
}

// A list on its way: the form is sent as ever, and tells how far it is. Files dropped beside the field are as good as chosen.
const far = e => e.dataTransfer?.types?.includes('Files');
document.addEventListener('dragover', e => { const box = e.target.closest?.('[data-drop]'); if (box && far(e)) { e.preventDefault(); box.classList.add('over'); } });
document.addEventListener('dragleave', e => { const box = e.target.closest?.('[data-drop]'); if (box && !box.contains(e.relatedTarget)) box.classList.remove('over'); });
document.addEventListener('drop', e => {
  const box = e.target.closest?.('[data-drop]');
  if (!box || !far(e)) return;
  e.preventDefault(); box.classList.remove('over'); $('input[type=file]', box).files = e.dataTransfer.files;
});
document.addEventListener('submit', e => {
  const form = e.target.closest('form[data-upload]');
  if (!form || e.defaultPrevented) return;
  e.preventDefault();
  const bar = $('[data-sending]', form), to = new XMLHttpRequest();
  bar.hidden = false;
  to.upload.onprogress = p => { if (p.lengthComputable) bar.value = 100 * p.loaded / p.total; };
  // What is amiss is told by the page the server answers with.
  to.onload = () => { if (to.status < 400) location.href = to.responseURL; else { const page = new DOMParser().parseFromString(to.responseText, 'text/html'); $('main').replaceChildren(...$('main', page).childNodes); document.title = page.title; } };
  to.onerror = () => form.submit();
  to.open('POST', form.action); to.setRequestHeader('Accept', 'text/html'); to.send(new FormData(form));
});

// What a page needs once it is there
function begin() {
  $$('[data-events]:not([data-heard])').forEach(p => { p.dataset.heard = '1'; listen(p); });
  $$('[data-hold][hidden]').forEach(b => { b.hidden = false; });
}
begin();
root.dataset.script = 'on';
