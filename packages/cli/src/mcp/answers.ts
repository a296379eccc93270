/** The messages of an answer over Streamable HTTP, as they come: one JSON body, or the data of server-sent events. */
export const answersOf = async function* (response: Response): AsyncGenerator<string> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    const text = await response.text();
    if (text !== '') yield text;
    return;
  }
  let data: string[] = [];
  for await (const line of linesOf(response)) {
    if (line.startsWith('data:')) data.push(line.slice(line.startsWith('data: ') ? 6 : 5));
    if (line !== '' || data.length === 0) continue;
    const text = data.join('\n');
    data = [];
    if (text !== '') yield text;
  }
};

const linesOf = async function* ({ body }: Response): AsyncGenerator<string> {
  let rest = '';
  for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    yield* lines;
  }
};
