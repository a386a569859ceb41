// Take out of a picture what tells where, when and with what it was made. The picture itself is not drawn anew: byte for byte it stays.
import { ascii, join, wrong } from "./bytes.js";

const KEEP_PNG = new Set(["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB"]);
// Instead of the camera's own: version 1.1, square dots, no small copy of the picture.
const JFIF = Uint8Array.of(0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0);
const ADOBE = 16;

export function strip(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return { media: "image/jpeg", bytes: jpeg(bytes) };
  if (ascii(bytes.subarray(0, 8)) === "\x89PNG\r\n\x1a\n") return { media: "image/png", bytes: png(bytes) };
  throw wrong("picture_unknown");
}

const broken = () => wrong("picture_broken");

// What of one marked piece stays. Pieces APP0 to APP15 and comments hold place, time, device and a small copy of the whole picture.
// Two of them say how the colours are meant: they stay, without what could be hidden in them.
function kept(mark, piece) {
  if (mark === 0xe0 && ascii(piece.subarray(4, 9)) === "JFIF\0") return JFIF;
  if (mark === 0xee && piece.length === ADOBE && ascii(piece.subarray(4, 9)) === "Adobe") return piece;
  return mark >= 0xe0 ? null : piece;
}

function jpeg(b) {
  const out = [b.subarray(0, 2)];
  let at = 2, drawn = false;
  for (;;) {
    while (b[at] === 0xff && b[at + 1] === 0xff) at++;
    const mark = b[at + 1], size = b[at + 2] << 8 | b[at + 3];
    if (b[at] !== 0xff || mark === undefined) throw broken();
    // After the end there can be a second picture, or a film; it stays behind.
    if (mark === 0xd9 && drawn) return join(...out, b.subarray(at, at + 2));
    if (size < 2 || at + 2 + size > b.length || mark < 0xc0 || (mark >= 0xd0 && mark <= 0xd9)) throw broken();
    const stays = kept(mark, b.subarray(at, at + 2 + size));
    if (stays) out.push(stays);
    at += 2 + size;
    if (mark === 0xda) {
      const end = endOfScan(b, at);
      out.push(b.subarray(at, end));
      at = end;
      drawn = true;
    }
  }
}

// Where the dots end: at a mark that is neither a filler nor a restart.
function endOfScan(b, at) {
  for (let end = b.indexOf(0xff, at); end >= 0; end = b.indexOf(0xff, end + 1)) {
    const next = b[end + 1];
    if (next && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return end;
  }
  throw broken();
}

function png(b) {
  const out = [b.subarray(0, 8)], view = new DataView(b.buffer, b.byteOffset, b.length);
  let at = 8;
  while (at + 12 <= b.length) {
    const size = view.getUint32(at), name = ascii(b.subarray(at + 4, at + 8));
    if (at + 12 + size > b.length) throw broken();
    if (KEEP_PNG.has(name)) out.push(b.subarray(at, at + 12 + size));
    at += 12 + size;
    if (name === "IEND") return join(...out);
  }
  throw broken();
}
