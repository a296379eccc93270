export { escapeHidden, escapeHiddenJson, escapeHiddenLines, unescapeHidden } from './hidden.ts';
export { envelope, ENVELOPE_CHARS_DEFAULT, ENVELOPE_CHARS_MIN, readEnvelope } from './envelope.ts';
export type { Part, PartKind, Provenance, ReadEnvelope } from './envelope.ts';
export { deliver, fit } from './deliver.ts';
export { weigh } from './weigh.ts';
export { messagePart, predictionPart, recordPart, settledText, taskPart } from './parts.ts';
