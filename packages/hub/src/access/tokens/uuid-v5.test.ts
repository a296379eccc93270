import { expect, it } from 'vitest';
import { URL_NAMESPACE, uuidV5 } from './uuid-v5.ts';

it('makes the UUIDs of RFC 9562', () => {
  // Appendix A.4 there, and one by Python’s uuid.uuid5.
  const DNS_NAMESPACE = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
  expect(uuidV5(DNS_NAMESPACE, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
  expect(uuidV5(URL_NAMESPACE, 'https://login.test/é')).toBe('8792d719-b167-59b4-ab69-1d92160ad48f');
});
