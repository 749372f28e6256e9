/* What live updates must not do: die unnoticed, move what somebody reads, steal the focus, re-sort the list
   under a hand, or talk all the time. */
(() => {
  'use strict';

  const silence = 35000; // longer without a message than two beats: the connection is dead
  const patience = 5000; // a shorter loss is not worth words
  const stream = document.getElementById('stream');
  const live = document.getElementById('live'), offline = document.getElementById('offline');
  let connection = null, heard = Date.now(), lost = 0;

  function alive() {
    heard = Date.now();
    lost = 0;
    show();
  }

  function failed() {
    lost ||= Date.now();
    show();
  }

  function show() {
    const long = lost > 0 && Date.now() - lost > patience && !document.hidden;
    live.hidden = false;
    live.firstElementChild.classList.toggle('dot--ok', !long);
    live.lastElementChild.textContent = long ? 'Connecting…' : 'Live';
    offline.hidden = !long;
  }

  if (stream) {
    stream.addEventListener('htmx:sse:after:connection', (e) => { connection = e.detail.connection; alive(); });
    stream.addEventListener('htmx:sse:before:message', alive);
    stream.addEventListener('htmx:sse:before:connection', (e) => { if (e.detail.connection.attempt > 0) failed(); });
    stream.addEventListener('htmx:sse:error', failed);
    stream.addEventListener('htmx:sse:close', () => { connection = null; failed(); });
    stream.addEventListener('htmx:error', failed);
    document.addEventListener('visibilitychange', () => { if (!document.hidden) heard = Date.now(); });
    setInterval(watch, 5000);
  }

  // watch ends a stream that has gone silent, so that the library connects again, and starts one that it
  // has given up. A page in the background has no stream: browsers open few connections to one host.
  function watch() {
    show();
    if (document.hidden || Date.now() - heard < silence) return;
    heard = Date.now();
    failed();
    if (connection && connection.reader) connection.reader.cancel();
    else if (!connection) htmx.ajax('GET', stream.getAttribute('hx-sse:connect'), { source: stream });
  }

  /* Scroll and focus. A box that stood at its end follows the end; any other stays where it is. */
  const atEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  const toEnd = (box) => { box.scrollTop = box.scrollHeight; };
  const boxes = () => document.querySelectorAll('[data-stick]');
  let away = new Set(), focused = null;

  boxes().forEach(toEnd);
  document.addEventListener('htmx:before:swap', (e) => {
    away = new Set([...boxes()].filter((box) => !atEnd(box)).map((box) => box.id));
    focused = document.activeElement;
    hold(e.detail.tasks);
    whisper(e.detail.tasks);
  });
  document.addEventListener('htmx:after:swap', () => {
    boxes().forEach((box) => { if (!away.has(box.id)) toEnd(box); });
    if (!focused || focused === document.body || focused === document.activeElement) return;
    const again = focused.isConnected ? focused : focused.id && document.getElementById(focused.id);
    if (again) again.focus({ preventScroll: true });
  });

  // A folded group that somebody has opened stays open: its state is theirs, not the server's.
  htmx.registerExtension('rebound', {
    htmx_before_morph_attr: (el, detail) => !(detail.attrName === 'open' && el.matches('details')),
  });

  /* The list is not re-sorted while the pointer or the focus is in it: rows change in place, and a button
     says what is new. It is brought up to date once they have left. */
  const list = document.getElementById('list'), newer = document.getElementById('list-newer');
  let pointed = false; // by something that hovers; a finger leaves no trace
  const inHand = () => pointed || list.contains(document.activeElement);

  function hold(tasks) {
    const at = tasks.findIndex((t) => list && t.target === list && t.type === 'partial');
    if (at < 0 || !inHand()) return;
    const [task] = tasks.splice(at, 1);
    let fresh = 0;
    for (const row of task.fragment.querySelectorAll('.row')) {
      const old = document.getElementById(row.id);
      if (!old) { fresh++; continue; }
      const fragment = document.createDocumentFragment();
      fragment.append(row);
      tasks.push({ type: 'partial', fragment, target: old, swapSpec: { style: 'outerMorph' }, sourceElement: task.sourceElement });
    }
    newer.textContent = fresh ? fresh + ' new' : 'New order';
    newer.hidden = false;
  }

  function bring() {
    if (newer.hidden) return;
    newer.hidden = true;
    htmx.ajax('GET', location.pathname, { source: list, target: '#list', select: '#list', swap: 'outerMorph' });
  }

  if (list) {
    newer.addEventListener('click', bring);
    list.addEventListener('pointermove', (e) => { pointed = e.pointerType === 'mouse'; });
    list.addEventListener('pointerleave', () => { pointed = false; if (!inHand()) bring(); });
    list.addEventListener('focusout', (e) => { if (!pointed && !list.contains(e.relatedTarget)) bring(); });
  }

  /* What a screen reader is told: at most one message in 10 s, the latest. */
  const said = document.getElementById('said');
  let quietUntil = 0, next = '', timer = 0;

  function whisper(tasks) {
    const at = tasks.findIndex((t) => t.target === said);
    if (at < 0) return;
    next = tasks.splice(at, 1)[0].fragment.textContent.trim();
    clearTimeout(timer);
    timer = setTimeout(() => { said.textContent = next; quietUntil = Date.now() + 10000; }, Math.max(0, quietUntil - Date.now()));
  }
})();
