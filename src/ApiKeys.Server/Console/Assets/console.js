// The console's only script. Every page works without it; it saves clicks, counts, copies and warns.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// Search as one types: the list is asked for again, and what it changes of this page is put in its place.
for (const form of all('form[data-live]')) {
  const parts = form.dataset.live.split(' ');
  let pause, request;
  const search = () => {
    const url = new URL(form.action);
    for (const [name, value] of new FormData(form)) if (value) url.searchParams.set(name, value);
    request?.abort();
    request = new XMLHttpRequest();
    request.open('GET', url);
    request.responseType = 'document'; // parsed by the browser: no script in it runs
    request.onload = () => {
      const found = request.response;
      if (new URL(request.responseURL).pathname !== url.pathname) return location.assign(request.responseURL); // the session has ended
      if (request.status !== 200 || !parts.every(part => found?.querySelector(part))) return form.submit();
      for (const part of parts) document.querySelector(part).replaceWith(document.adoptNode(found.querySelector(part)));
      all('[data-live-status]').forEach(status => { status.textContent = document.querySelector('[data-live-text]')?.textContent ?? ''; });
      history.replaceState(null, '', url);
    };
    request.onerror = () => form.submit();
    request.send();
  };
  form.addEventListener('input', () => { clearTimeout(pause); pause = setTimeout(search, 150); });
  form.addEventListener('submit', event => { event.preventDefault(); clearTimeout(pause); search(); });
  all('[data-live-hidden]', form).forEach(element => { element.hidden = true; });
}

// Copies the text of what the button names.
for (const button of all('[data-copy]')) {
  const [source, label] = [document.querySelector(button.dataset.copy), button.textContent];
  button.hidden = false;
  if (button.autofocus) button.focus();
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      getSelection().selectAllChildren(source); // not encrypted, or not allowed: the older way
      if (!document.execCommand('copy')) return;
    }
    button.textContent = 'Copied';
    all('[data-copied]').forEach(status => { status.textContent = 'Copied to the clipboard'; });
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

// How long a text is, in characters as the server counts them.
for (const count of all('[data-count-of]')) {
  const [input, { min, max }] = [document.getElementById(count.dataset.countOf), count.dataset];
  const show = () => {
    const length = [...input.value.trim()].length;
    count.textContent = length > 0 && length < min ? `${length} of at least ${min}` : `${length} of ${max}`;
  };
  count.hidden = false;
  input.addEventListener('input', show);
  show();
}

// Shows of a list of choices those that hold what is searched, and how many are chosen.
for (const input of all('[data-filter]')) {
  const list = document.querySelector(input.dataset.filter);
  input.hidden = false;
  input.addEventListener('input', () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const choice of all('.choice', list)) choice.hidden = !words.every(word => choice.textContent.toLowerCase().includes(word));
    for (const group of all('fieldset', list)) group.hidden = !group.querySelector('.choice:not([hidden])');
  });
  input.addEventListener('keydown', event => { if (event.key === 'Enter') event.preventDefault(); }); // it searches, and does not send the form
}
for (const count of all('[data-chosen]')) {
  const boxes = all(`input[name="${count.dataset.chosen}"]`);
  const show = () => { count.textContent = `${boxes.filter(box => box.checked).length} chosen`; };
  count.hidden = false;
  boxes.forEach(box => box.addEventListener('change', show));
  show();
}

// What is asked only with one choice: "expiry=custom".
for (const part of all('[data-shown-with]')) {
  const [name, value] = part.dataset.shownWith.split('=');
  const show = () => {
    part.hidden = document.querySelector(`[name="${name}"]:checked`)?.value !== value;
    all('input', part).forEach(input => { input.required = !part.hidden; });
  };
  all(`[name="${name}"]`).forEach(input => input.addEventListener('change', show));
  show();
}

// A value that is shown once: nobody leaves by accident, and nothing of it stays behind for whoever comes back.
const once = document.querySelector('[data-once]');
if (once) {
  const warn = event => event.preventDefault();
  addEventListener('beforeunload', warn);
  history.replaceState(null, '', once.querySelector('[data-leaves]').action); // where one comes to by going back, or by loading it again
  once.querySelector('[data-leaves]').addEventListener('submit', () => removeEventListener('beforeunload', warn));
  addEventListener('pagehide', () => all('[data-secret]').forEach(secret => { secret.textContent = 'No longer shown'; }));
}

// A form is sent once, and says that it is on its way: a change waits for every node.
for (const form of all('form[method=post]')) {
  form.addEventListener('submit', event => {
    if (form.ariaBusy === 'true') return event.preventDefault();
    form.ariaBusy = 'true';
    setTimeout(() => { form.ariaBusy = null; }, 30000); // somebody may have stopped it
  });
  addEventListener('pageshow', () => { form.ariaBusy = null; });
}

// After a form that was refused, one begins where it says why: at the field, or the first of a group of them, the chosen one of choices.
const wrong = document.querySelector('[aria-invalid=true]');
const first = wrong?.matches('fieldset') ? wrong.querySelector('input:checked') ?? wrong.querySelector('input, select') : wrong;
(first ?? document.getElementById('problem'))?.focus();
