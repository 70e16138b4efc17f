// Shows a consent form in a page of somebody else. Without it, the link that it finds leads there.
//   <a href="https://SERVER/f/CONTROLLER/FORM" data-ringfence="frame">May we write to you?</a>
//   <script src="https://SERVER/embed.js" async></script>
// data-ringfence="button": the form opens once it is asked for. It keeps nothing, and asks nobody but the server for anything.
(() => {
  const from = document.currentScript && new URL(document.currentScript.src).origin;
  const show = (link, address) => {
    const frame = document.createElement('iframe');
    frame.src = address.href;
    frame.title = link.textContent.trim();
    frame.loading = 'lazy';
    frame.referrerPolicy = 'no-referrer';
    Object.assign(frame.style, { width: '100%', height: (Number(link.dataset.height) || 960) + 'px', border: '0' });
    link.before(frame);
    return frame;
  };
  const all = () => {
    for (const link of document.querySelectorAll('a[data-ringfence]')) {
      const address = new URL(link.href);
      // Nothing but forms of the server that this came from.
      if (address.origin !== from || !address.pathname.startsWith('/f/')) continue;
      const kind = link.dataset.ringfence;
      link.removeAttribute('data-ringfence');
      if (kind === 'frame') show(link, address);
      if (kind === 'button') {
        link.setAttribute('role', 'button');
        link.addEventListener('click', event => {
          event.preventDefault();
          show(link, address).focus();
          link.removeAttribute('role');
        }, { once: true });
      }
    }
  };
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', all);
  else all();
})();
