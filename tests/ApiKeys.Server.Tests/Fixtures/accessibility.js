// Evaluated in a page; returns what is wrong with it, by WCAG 2.2. What is folded away in <details> is unfolded first.
() => {
  const faults = [];
  const describe = element => {
    const text = (element.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, 40);
    return `<${element.localName}${element.id && ` id="${element.id}"`}${element.getAttribute('class') ? ` class="${element.getAttribute('class')}"` : ''}> ${text}`;
  };
  const say = (rule, element) => faults.push(element ? `${rule}: ${describe(element)}` : rule);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  all('details').forEach(details => { details.open = true; });

  const isShown = element => element.checkVisibility({ visibilityProperty: true });
  const isHeard = element => isShown(element) && !element.closest('[aria-hidden="true"]');
  const isSeen = element => { // not put aside for screen readers alone
    const box = element.getBoundingClientRect();
    return isShown(element) && box.width > 1 && box.height > 1 && box.right > 0 && box.bottom + scrollY > 0;
  };

  // 4.1.2, 1.1.1, 3.3.2: names
  const textOf = node => node.nodeType === Node.TEXT_NODE ? node.data
    : node.nodeType !== Node.ELEMENT_NODE || node.getAttribute('aria-hidden') === 'true' || node.hidden ? ''
    : node.getAttribute('aria-label') ?? node.getAttribute('alt') ?? [...node.childNodes].map(textOf).join(' ');
  const nameOf = element => [
    (element.getAttribute('aria-labelledby') ?? '').split(/\s+/).map(id => id && textOf(document.getElementById(id) ?? new Text())).join(' '),
    element.getAttribute('aria-label'),
    [...element.labels ?? []].map(textOf).join(' '),
    element.getAttribute('alt'),
    element.matches('input[type=submit], input[type=button]') ? element.value : '',
    element.matches('input, select, textarea') ? '' : textOf(element),
    element.getAttribute('title'),
  ].find(name => name?.trim()) ?? '';
  const controls = all('input:not([type=hidden]), select, textarea, progress, meter').filter(isHeard);
  controls.filter(control => !nameOf(control)).forEach(control => say('A control without a name', control));
  all('a[href], button, summary, [role=button], [role=link], [role=switch], [role=tab], [role=img], dialog')
    .filter(isHeard).filter(element => !nameOf(element)).forEach(element => say('No name', element));
  all('img:not([alt])').filter(isHeard).forEach(image => say('A picture without a text', image));
  all('svg').filter(isHeard).filter(svg => svg.getAttribute('role') !== 'img' || !(nameOf(svg) || svg.querySelector('title')))
    .forEach(svg => say('A drawing without a name, and not aria-hidden', svg));
  all('fieldset').filter(isHeard).filter(set => !nameOf(set) && !set.querySelector('legend')?.textContent.trim())
    .forEach(set => say('A group of fields without a legend', set));
  all('[aria-hidden="true"]').flatMap(hidden => all('a[href], button, input, select, textarea, [tabindex]', hidden)).filter(isShown)
    .forEach(element => say('Hidden from screen readers, and in reach of the keyboard', element));

  // 1.3.1, 4.1.2: what refers to what
  const ids = all('[id]').map(element => element.id);
  [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))].forEach(id => say(`The id ${id} is there twice`));
  for (const attribute of ['aria-labelledby', 'aria-describedby', 'aria-controls', 'aria-owns', 'aria-details', 'aria-errormessage', 'for', 'list', 'form', 'headers']) {
    for (const element of all(`[${attribute}]`)) {
      element.getAttribute(attribute).split(/\s+/).filter(id => id && !document.getElementById(id))
        .forEach(id => say(`${attribute} names ${id}, which is not there`, element));
    }
  }
  all('[aria-invalid="true"]').filter(isHeard).filter(control => !control.getAttribute('aria-describedby') && !control.getAttribute('aria-errormessage'))
    .forEach(control => say('Invalid, and nothing says why', control));
  all('[tabindex]').filter(element => element.tabIndex > 0).forEach(element => say('Takes itself out of the order', element));

  // 1.3.1, 2.4.1, 2.4.2, 2.4.6, 3.1.1: how the page is built
  const headings = all('h1, h2, h3, h4, h5, h6').filter(isHeard);
  if (headings.filter(heading => heading.localName === 'h1').length !== 1) say('Not exactly one h1');
  headings.reduce((before, heading) => {
    const level = Number(heading.localName[1]);
    if (level > before + 1) say(`A heading of level ${level} after one of level ${before}`, heading);
    return level;
  }, 0);
  headings.filter(heading => !heading.textContent.trim()).forEach(heading => say('An empty heading', heading));
  if (all('main, [role=main]').filter(isHeard).length !== 1) say('Not exactly one main landmark');
  const navigations = all('nav, [role=navigation]').filter(isHeard);
  const names = navigations.map(nav => nav.getAttribute('aria-label') ?? '');
  navigations.filter((_, index) => navigations.length > 1 && names.indexOf(names[index]) !== index || navigations.length > 1 && !names[index])
    .forEach(nav => say('One of several navigations, with no name of its own', nav));
  if (!document.documentElement.lang) say('The page does not say its language');
  if (!document.title.trim()) say('The page has no title');
  for (const table of all('table').filter(isHeard)) {
    if (!table.querySelector('th')) say('A table without heads', table);
    if (!table.caption?.textContent.trim() && !nameOf(table)) say('A table without a caption', table);
    all('th', table).filter(head => !head.textContent.trim()).forEach(head => say('An empty head of a table', head));
  }
  all('ul > :not(li, script, template), ol > :not(li, script, template), dl > :not(dt, dd, div, script, template)')
    .forEach(element => say('Not an item of its list', element));

  // 1.4.3: contrast, of what can be operated
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const colours = new Map();
  const parse = colour => {
    if (!colours.has(colour)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
      colours.set(colour, [red, green, blue, alpha / 255]);
    }
    return colours.get(colour);
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const groundOf = element => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const layer = parse(getComputedStyle(at).backgroundColor);
      layers.push(layer);
      if (layer[3] === 1) break;
    }
    const canvasColour = parse(matchMedia('(prefers-color-scheme: dark)').matches ? '#121212' : '#ffffff');
    return layers.reduceRight((below, layer) => over(layer, below), canvasColour);
  };
  const luminance = colour => {
    const [red, green, blue] = colour.slice(0, 3).map(part => part / 255).map(part => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4);
    return .2126 * red + .7152 * green + .0722 * blue;
  };
  const opacityOf = element => element ? Number(getComputedStyle(element).opacity) * opacityOf(element.parentElement) : 1;
  const checkContrast = (element, pseudo) => {
    if (!isSeen(element) || element.closest(':disabled, [aria-disabled="true"]') || element.closest('label')?.control?.disabled) return;
    const style = getComputedStyle(element, pseudo);
    const ground = groundOf(element);
    const [red, green, blue, alpha] = parse(element instanceof SVGElement ? style.fill : style.color);
    const ink = over([red, green, blue, alpha * opacityOf(element)], ground);
    const [light, dark] = [luminance(ink), luminance(ground)].sort((a, b) => b - a);
    const ratio = (light + .05) / (dark + .05);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || size >= 18.66 && Number(style.fontWeight) >= 700 ? 3 : 4.5;
    if (ratio < needed) say(`Contrast ${ratio.toFixed(2)} and not ${needed}, ${style.color} on ${ground.slice(0, 3).map(Math.round)}${pseudo ?? ''}`, element);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const inked = new Set();
  while (texts.nextNode()) {
    if (texts.currentNode.data.trim() && !texts.currentNode.parentElement.closest('script, style, template, option')) inked.add(texts.currentNode.parentElement);
  }
  all('input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea').forEach(control => inked.add(control));
  inked.forEach(element => checkContrast(element));
  all('[placeholder]').forEach(element => checkContrast(element, '::placeholder'));
  for (const element of all('body *')) {
    for (const pseudo of ['::before', '::after']) {
      const content = getComputedStyle(element, pseudo).content;
      if (!['none', 'normal', '""'].includes(content)) checkContrast(element, pseudo);
    }
  }

  // 2.5.8: targets of 24 by 24, or as far from others, or in a sentence
  const boxOf = element => {
    const label = element.closest('label') ?? element.labels?.[0];
    const boxes = [element, label].filter(Boolean).map(part => part.getBoundingClientRect());
    const edge = (pick, side) => pick(...boxes.map(box => box[side]));
    return { left: edge(Math.min, 'left'), top: edge(Math.min, 'top'), right: edge(Math.max, 'right'), bottom: edge(Math.max, 'bottom') };
  };
  const targets = all('a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=tab]').filter(isSeen);
  const boxes = new Map(targets.map(target => [target, boxOf(target)]));
  const isInSentence = target => getComputedStyle(target).display === 'inline'
    && [...target.parentElement.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim().length > 1);
  const isSmall = box => box.right - box.left < 24 || box.bottom - box.top < 24;
  for (const [target, box] of boxes) {
    if (!isSmall(box) || isInSentence(target)) continue;
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    const distance = other => Math.hypot(Math.max(other.left - x, 0, x - other.right), Math.max(other.top - y, 0, y - other.bottom));
    const isNear = ([other, place]) => other !== target && (isSmall(place)
      ? Math.hypot((place.left + place.right) / 2 - x, (place.top + place.bottom) / 2 - y) < 24
      : distance(place) < 12);
    if ([...boxes].some(isNear)) say(`A target of ${Math.round(box.right - box.left)} by ${Math.round(box.bottom - box.top)}`, target);
  }

  return faults;
}
