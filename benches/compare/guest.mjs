// Runs one guest on V8 and prints the same line of figures as a child of `compare`:
//   node guest.mjs MODULE SCALE
// load CPU, run CPU, load wall, all wall (seconds), checksum, hash of the text, peak memory (KiB). CPU time is the whole process's
// from here on, V8's compiler threads included, as for the other engines; Node's own start is not counted.
import { readFileSync } from "node:fs";

const [path, scale] = process.argv.slice(2);
const code = readFileSync(path);
const cpu = () => {
    const used = process.cpuUsage();
    return (used.user + used.system) / 1e6;
};
const start = cpu();
const wall = performance.now();

let memory;
let hash = 0xcbf29ce484222325n;
const write = (at, length) => {
    for (const byte of new Uint8Array(memory.buffer, at >>> 0, length >>> 0)) {
        hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
    }
};
const module = new WebAssembly.Module(code);
const instance = new WebAssembly.Instance(module, { env: { write } });
memory = instance.exports.memory;
const loaded = cpu();
const loadedWall = performance.now();
const sum = BigInt.asUintN(64, instance.exports.run(Number(scale)));
const end = cpu();
const endWall = performance.now();
const hex = (value) => value.toString(16).padStart(16, "0");
console.log(
    loaded - start, end - loaded, (loadedWall - wall) / 1e3, (endWall - wall) / 1e3, hex(sum), hex(hash),
    process.resourceUsage().maxRSS,
);
