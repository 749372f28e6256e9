/* Clocks. The server sends instants and words once; the page counts on by itself, so that waiting costs no
   traffic. What coarse() and until() say must stay what words.go says. */
(() => {
  'use strict';

  // The server's clock is the one that counts. It comes with the page and with every beat of the stream.
  let ahead = Number(document.body.dataset.now || Date.now()) - Date.now();
  document.addEventListener('beat', (e) => { ahead = Number(e.detail.data) - Date.now(); tick(); });
  const now = () => Date.now() + ahead;

  const nb = '\u00a0';
  const whole = (n, unit, rest, part) => n + nb + unit + (rest ? nb + rest + nb + part : '');

  function coarse(ms) {
    const s = Math.max(0, Math.floor(ms / 1000)), m = Math.floor(s / 60), h = Math.floor(m / 60);
    if (s < 60) return whole(s, 's');
    if (m < 60) return whole(m, 'm');
    if (h < 24) return whole(h, 'h', m % 60, 'm');
    return whole(Math.floor(h / 24), 'd', h % 24, 'h');
  }

  const until = (ms) => coarse(ms > 60000 ? Math.ceil(ms / 60000) * 60000 : ms);

  function put(el, words) {
    if (el && el.textContent !== words) el.textContent = words;
  }

  function tickClock(el) {
    const d = JSON.parse(el.dataset.clock), t = Math.max(now(), d.since);
    let from = d.since, next = '', dash = '100 100';
    for (const step of d.steps || []) {
      if (step.at > t) {
        next = step.in + ' ' + until(step.at - t);
        dash = Math.min(100, Math.max(3, Math.floor(100 * (t - from) / (step.at - from)))) + ' 100';
        break;
      }
      from = step.at;
      next = step.done;
    }
    put(el.querySelector('[data-wait]'), coarse(t - d.since));
    put(el.querySelector('[data-next]'), next);
    el.querySelector('.v').setAttribute('stroke-dasharray', dash);
    const crit = !!d.crit && t >= d.crit;
    el.classList.toggle('is-crit', crit);
    el.classList.toggle('is-warn', !crit && !!d.warn && t >= d.warn);
  }

  function tickSince(el) {
    const s = Math.max(0, Math.floor((now() - Number(el.dataset.since)) / 1000));
    put(el, Math.floor(s / 60) + ':' + String(s % 60).padStart(2, '0'));
  }

  function tickUntil(el) { put(el, until(Number(el.dataset.until) - now())); }

  function tick() { document.querySelectorAll('[data-clock]').forEach(tickClock); }

  setInterval(tick, 5000);
  setInterval(() => {
    document.querySelectorAll('[data-since]').forEach(tickSince);
    document.querySelectorAll('[data-until]').forEach(tickUntil);
  }, 1000);
  document.addEventListener('htmx:after:swap', tick);
  tick();
})();
