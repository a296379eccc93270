import { describe, expect, it } from 'vitest';
import { mcpJsonFile, mcpTomlFile } from './mcp-entries.ts';

const ACT = ['/usr/bin/node', '/opt/act/main.js'];
const entry = { command: '/usr/bin/node', args: ['/opt/act/main.js', 'mcp', '--joined'] };

describe('an entry for our tools', () => {
  const json = mcpJsonFile('/mcp.json', ACT);
  const toml = mcpTomlFile('/config.toml', ACT);

  it('stands beside those of others in JSON, and is taken out alone', () => {
    const theirs = { mcpServers: { other: { url: 'http://x' } } };
    const text = json.edit(JSON.stringify(theirs));
    expect(JSON.parse(text)).toEqual({ mcpServers: { ...theirs.mcpServers, act: entry } });
    expect(json.edit(text)).toBe(text);
    expect(JSON.parse(json.undo(text) ?? '')).toEqual(theirs);
  });
  it('stands at the end of TOML, whose comments and tables stay as they are', () => {
    const theirs = '# mine\nmodel = "m" # that one\n\n[mcp_servers.other]\nurl = "http://x"\n';
    const text = toml.edit(theirs);
    expect(text.startsWith(theirs)).toBe(true);
    expect(text).toContain(
      '[mcp_servers.act]\ncommand = "/usr/bin/node"\nargs = ["/opt/act/main.js","mcp","--joined"]',
    );
    expect(toml.edit(text)).toBe(text);
    expect(toml.undo(text)).toBe(theirs);
  });
  it('is not put beside a table of the same name, which would be no TOML any more', () => {
    const theirs = '[mcp_servers.act]\ncommand = "mine"\n';
    expect(toml.edit(theirs)).toBe(theirs);
  });
});
