// Take out of a picture what tells where, when and with what it was made; the picture itself is not touched, byte for byte.
const KEEP_PNG = new Set(["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB"]);

export function strip(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return { media: "image/jpeg", bytes: jpeg(bytes) };
  if (bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47) return { media: "image/png", bytes: png(bytes) };
  throw Object.assign(new Error("picture"), { code: "picture_unknown" });
}

const wrong = () => Object.assign(new Error("picture"), { code: "picture_broken" });

function jpeg(b) {
  const out = [b.subarray(0, 2)];
  let at = 2;
  for (;;) {
    if (b[at] !== 0xff) throw wrong();
    while (b[at + 1] === 0xff) at++;
    const mark = b[at + 1], size = b[at + 2] << 8 | b[at + 3];
    if (mark === undefined || size < 2 || at + 2 + size > b.length) throw wrong();
    // APP0-APP15 and comments hold place, time, device and a small copy of the whole picture.
    // APP14 alone stays: it says how the colours are stored.
    if (!(mark >= 0xe0 && mark <= 0xef && mark !== 0xee) && mark !== 0xfe) out.push(b.subarray(at, at + 2 + size));
    at += 2 + size;
    if (mark === 0xda) break;
  }
  // After the picture's end there can be a second one, or a film; it stays behind.
  let end = at;
  for (;;) {
    end = b.indexOf(0xff, end);
    if (end < 0 || end + 1 >= b.length) throw wrong();
    const next = b[end + 1];
    if (next === 0xd9) { out.push(b.subarray(at, end + 2)); break; }
    if (next === 0 || next === 0xff || (next >= 0xd0 && next <= 0xd7)) { end += next === 0xff ? 1 : 2; continue; }
    // Another scan or table of a progressive picture; metadata between scans is dropped as well.
    const size = b[end + 2] << 8 | b[end + 3];
    if (size < 2 || end + 2 + size > b.length) throw wrong();
    out.push(b.subarray(at, end));
    if (!(next >= 0xe0 && next <= 0xef && next !== 0xee) && next !== 0xfe) out.push(b.subarray(end, end + 2 + size));
    at = end = end + 2 + size;
  }
  return concat(out);
}

function png(b) {
  const out = [b.subarray(0, 8)], view = new DataView(b.buffer, b.byteOffset, b.length);
  let at = 8;
  while (at + 12 <= b.length) {
    const size = view.getUint32(at), name = String.fromCharCode(...b.subarray(at + 4, at + 8));
    if (at + 12 + size > b.length) throw wrong();
    if (KEEP_PNG.has(name)) out.push(b.subarray(at, at + 12 + size));
    at += 12 + size;
    if (name === "IEND") return concat(out);
  }
  throw wrong();
}

function concat(parts) {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) { out.set(p, at); at += p.length; }
  return out;
}
