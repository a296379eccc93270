import { StringDecoder } from 'node:string_decoder';

/** A program may print gigabytes without a line break. */
const LINE_CHARS_MAX = 131_072;

export interface LineReader {
  write(piece: Buffer): void;
  end(): void;
}

/** Cuts a program's output into lines; one that is too long is cut. */
export const makeLineReader = (onLine: (line: string) => void): LineReader => {
  const decoder = new StringDecoder('utf8');
  let open = '';
  let isCut = false;
  const add = (text: string): void => {
    if (isCut) return;
    open += text;
    isCut = open.length > LINE_CHARS_MAX;
    if (isCut) open = open.slice(0, LINE_CHARS_MAX);
  };
  const finish = (): void => {
    onLine(open.endsWith('\r') ? open.slice(0, -1) : open);
    open = '';
    isCut = false;
  };
  const take = (text: string): void => {
    const [first = '', ...others] = text.split('\n');
    add(first);
    for (const line of others) {
      finish();
      add(line);
    }
  };
  return {
    write: (piece) => take(decoder.write(piece)),
    end() {
      take(decoder.end());
      if (open !== '') finish();
    },
  };
};
