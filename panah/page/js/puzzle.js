// Work that a relay with much to do asks for: a number such that a hash begins with some zero bits. spec/mailbox.md is the authority.
import { join, sha256, unhex } from "./bytes.js";

export async function solve(puzzle, tell = () => {}) {
  const tried = join(puzzle, new Uint8Array(8)), view = new DataView(tried.buffer), bits = puzzle[4], began = Date.now();
  if (puzzle.length !== 21 || bits > 14) return null;
  for (let n = 0; n < 1048576; n++) {
    view.setUint32(25, n);
    const hash = sha256(tried);
    if ((hash[0] << 8 | hash[1]) >> 16 - bits === 0) return tried;
    if (n % 256 === 255) {
      await new Promise((then) => setTimeout(then)); // the screen is drawn, and quick exit is heard
      if (Date.now() - began > 1000) tell(Math.min(0.95, n / (2 << bits)));
    }
  }
  return null;
}

// A voucher from a printed card stands behind the address, where browsers keep it to themselves: #v=ABCD-EFGH-JKMN-PQRS.
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
export function voucher(text) {
  const found = /[#&]v=([0-9A-Za-z-]+)/.exec(text), plain = found && found[1].toUpperCase().replace(/-/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  if (!plain || plain.length !== 16 || [...plain].some((c) => !LETTERS.includes(c))) return null;
  return unhex([...plain].map((c) => LETTERS.indexOf(c).toString(2).padStart(5, "0")).join("").match(/..../g).map((four) => parseInt(four, 2).toString(16)).join(""));
}
