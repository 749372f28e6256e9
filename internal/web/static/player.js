/* Voicemails: our own buttons in the place of the browser's, with the length known before anything loads. */
(() => {
  'use strict';

  const sprite = document.querySelector('use[href*="sprite"]')?.getAttribute('href').split('#')[0];
  const speeds = [1, 1.5, 2];
  const clock = (s) => Math.floor(s / 60) + ':' + String(Math.floor(s % 60)).padStart(2, '0');

  function make(tag, attributes, ...children) {
    const el = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => el.setAttribute(name, value));
    el.append(...children);
    return el;
  }

  function symbol(name) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg'), use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
    svg.setAttribute('class', 'i');
    svg.setAttribute('aria-hidden', 'true');
    use.setAttribute('href', sprite + '#i-' + name);
    svg.append(use);
    return svg;
  }

  function upgrade(vm) {
    vm.dataset.ready = '';
    const audio = vm.querySelector('audio'), known = Number(vm.dataset.seconds), what = vm.dataset.what || 'voicemail';
    const length = () => (Number.isFinite(audio.duration) && audio.duration > 0 ? audio.duration : known);
    const play = make('button', { type: 'button', class: 'play', 'aria-label': 'Play ' + what + ', ' + vm.dataset.spoken }, symbol('play'));
    const seek = make('input', { type: 'range', class: 'vm__seek', min: '0', max: String(known), step: '0.1', value: '0', 'aria-label': 'Position in the ' + what });
    const at = make('span', { class: 'xs muted num nowrap' }, clock(0) + ' / ' + vm.dataset.length);
    const rate = make('button', { type: 'button', class: 'btn btn--quiet vm__rate', 'aria-label': 'Playback speed, now 1 times' }, '1×');
    let dragged = false;

    function show() {
      at.textContent = clock(audio.currentTime) + ' / ' + clock(length());
      seek.max = String(length());
      if (!dragged) seek.value = String(audio.currentTime);
      fill();
      seek.setAttribute('aria-valuetext', clock(audio.currentTime) + ' of ' + clock(length()));
    }

    function fill() { seek.style.setProperty('--at', 100 * seek.value / seek.max + '%'); }

    function state() {
      play.replaceChildren(symbol(audio.paused ? 'play' : 'pause'));
      play.setAttribute('aria-label', (audio.paused ? 'Play ' : 'Pause ') + what + ', ' + vm.dataset.spoken);
    }

    play.addEventListener('click', () => (audio.paused ? audio.play() : audio.pause()));
    seek.addEventListener('input', () => { dragged = true; fill(); at.textContent = clock(seek.value) + ' / ' + clock(length()); });
    seek.addEventListener('change', () => { dragged = false; audio.currentTime = Number(seek.value); });
    rate.addEventListener('click', () => {
      audio.playbackRate = speeds[(speeds.indexOf(audio.playbackRate) + 1) % speeds.length];
      rate.textContent = audio.playbackRate + '×';
      rate.setAttribute('aria-label', 'Playback speed, now ' + audio.playbackRate + ' times');
    });
    ['timeupdate', 'loadedmetadata', 'seeked'].forEach((name) => audio.addEventListener(name, show));
    ['play', 'pause', 'ended'].forEach((name) => audio.addEventListener(name, state));
    audio.addEventListener('error', () => { at.textContent = 'Could not be played'; });
    audio.removeAttribute('controls');
    vm.append(make('div', { class: 'vm__play' }, play, seek, at, rate));
  }

  const all = () => document.querySelectorAll('.vm[data-length]:not([data-ready])').forEach(upgrade);
  document.addEventListener('htmx:after:swap', all);
  all();
})();
