/* Writing: the counter, a bubble from the press of Send on, and one text for one press. */
(() => {
  'use strict';

  /* The counter goes by what the server knows of the alphabet (alphabet.js). */
  const { one, two, plain } = window.reboundAlphabet;
  const width = new Map([...[...one].map((c) => [c, 1]), ...[...two].map((c) => [c, 2])]);

  // segments counts a text as package sms does: nothing is split in the middle of a character.
  function segments(text) {
    const chars = [...[...text.replace(/\r\n?/g, '\n')].map((c) => plain[c] ?? c).join('')];
    const gsm = chars.every((c) => width.has(c));
    const [single, joined] = gsm ? [160, 153] : [70, 67];
    let units = 0, parts = 1, used = 0;
    for (const c of chars) {
      const n = gsm ? width.get(c) : c.length;
      units += n;
      used += n;
      if (used > joined) { parts++; used = n; }
    }
    const long = units > single;
    return { units, gsm, parts: long ? parts : 1, room: long ? parts * joined : single };
  }

  function recount() {
    const draft = document.getElementById('draft'), count = document.getElementById('count');
    if (!draft || !count) return;
    const c = segments(draft.value);
    count.textContent = c.units + ' / ' + c.room + ' · ' + c.parts + '\u00a0' + (c.parts === 1 ? 'text' : 'texts') + (c.gsm ? '' : ' · emoji');
    count.classList.toggle('is-long', c.parts > 2);
  }

  document.addEventListener('input', (e) => { if (e.target.id === 'draft') recount(); });
  document.addEventListener('keydown', (e) => {
    if (e.target.id === 'draft' && e.key === 'Enter' && (e.ctrlKey || e.metaKey)) {
      e.preventDefault();
      e.target.form.requestSubmit();
    }
  });

  /* A choice that acts at once does so for a pointer. Keys go through the choices one by one, so there it
     acts when somebody leaves the field or presses Enter. */
  const acts = (e) => e.target.matches?.('select[data-submit]');
  let byKey = false, changed = false;
  document.addEventListener('pointerdown', (e) => { if (acts(e)) byKey = false; });
  document.addEventListener('keydown', (e) => {
    if (!acts(e)) return;
    byKey = true;
    if (e.key === 'Enter' && changed) e.target.form.requestSubmit();
  });
  document.addEventListener('change', (e) => {
    if (!acts(e)) return;
    changed = true;
    if (!byKey) e.target.form.requestSubmit();
  });
  document.addEventListener('focusout', (e) => { if (acts(e) && changed && byKey) e.target.form.requestSubmit(); });

  /* Sending. Each press has its own key: whatever is repeated under it, one text goes out. */
  function newKey() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
  }

  const bubbleOf = (ctx) => document.getElementById('m-' + (ctx.request.body?.get?.('key') ?? ''));

  function draw(form, key, author, body) {
    const bubble = document.getElementById('sending').content.firstElementChild.cloneNode(true);
    bubble.id = 'm-' + key;
    bubble.querySelector('.bub').textContent = body;
    const again = bubble.querySelector('.retry'), path = form.getAttribute('hx-post');
    again.action = path;
    again.setAttribute('hx-post', path);
    Object.entries({ key, author, body }).forEach(([name, value]) => { again.elements[name].value = value; });
    document.getElementById('outbox').append(bubble);
    htmx.process(again);
    toEnd();
  }

  function toEnd() {
    const thread = document.getElementById('thread');
    thread.scrollTop = thread.scrollHeight;
  }

  function state(bubble, sending, words) {
    bubble.classList.toggle('is-sending', sending);
    bubble.classList.toggle('is-failed', !sending);
    const says = bubble.querySelector('.state');
    says.textContent = words;
    says.classList.toggle('bad', !sending);
    bubble.querySelector('.retry').hidden = sending;
    toEnd();
  }

  document.addEventListener('htmx:config:request', (e) => {
    const ctx = e.detail.ctx, form = ctx.sourceElement, body = ctx.request.body;
    if (form.id === 'compose') {
      const text = body.get('body').trim();
      if (!text) { e.preventDefault(); return; }
      const key = newKey();
      body.set('key', key);
      draw(form, key, body.get('author'), text);
      form.elements.body.value = '';
      recount();
    } else if (form.matches('.retry')) {
      const bubble = bubbleOf(ctx);
      if (bubble) state(bubble, true, 'Sending');
    } else if (form.matches('[data-clear]')) {
      form.reset();
    }
  });

  // The server's answer takes the bubble's place. A bubble that still waits then got none.
  document.addEventListener('htmx:finally:request', (e) => {
    const bubble = bubbleOf(e.detail.ctx);
    if (bubble && bubble.classList.contains('is-sending')) state(bubble, false, 'Not sent, no answer from Rebound.');
  });

  // The stream may bring a text before the answer to its own sending does.
  document.addEventListener('htmx:after:swap', () => {
    const outbox = document.getElementById('outbox');
    for (const bubble of outbox ? [...outbox.children] : []) {
      if (document.querySelector('#thread [data-key="' + bubble.id.slice(2) + '"]')) bubble.remove();
    }
    recount();
  });

  /* An error over the page goes away by itself. */
  new MutationObserver((changes) => changes.forEach((c) => c.addedNodes.forEach((n) => setTimeout(() => n.remove(), 8000))))
    .observe(document.getElementById('toasts') ?? document.body, { childList: true });

  recount();
})();
