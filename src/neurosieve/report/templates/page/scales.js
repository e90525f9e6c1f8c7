// Numbers to places on the screen, and where ticks stand: at round numbers, and never at one alone.
function steps(low, high, count) {
  const raw = (high - low) / Math.max(1, count) || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const sizes = [0.5, 1, 2, 5, 10].map((factor) => factor * power);
  const place = sizes.findIndex((size) => size >= raw * 0.999);
  const found = multiples(low, high, sizes[place]);
  return found.length > 1 || high <= low ? found : multiples(low, high, sizes[Math.max(0, place - 1)]);
}

function multiples(low, high, step) {
  const found = [];
  for (let tick = Math.ceil(low / step - 1e-9); tick * step <= high + step * 1e-9; tick++) {
    found.push(Number((tick * step).toPrecision(12)));
  }
  return found;
}

function linear(low, high, from, to) {
  const span = high - low || 1;
  const place = (value) => from + ((value - low) / span) * (to - from);
  place.ticks = (count) => steps(low, high, count);
  place.low = low;
  place.high = high;
  return place;
}

function logarithmic(low, high, from, to) {
  const inner = linear(Math.log10(low), Math.log10(high), from, to);
  const place = (value) => inner(Math.log10(value));
  place.ticks = () => {
    const found = [];
    for (let power = 0; 10 ** power <= high * 1.0001; power++) if (10 ** power >= low * 0.9999) found.push(10 ** power);
    return found;
  };
  place.low = low;
  place.high = high;
  return place;
}

// From the least to the greatest, with a little air.
function reach(values, air = 0.06) {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = (high - low || Math.abs(high) || 1) * air;
  return [low - room, high + room];
}
