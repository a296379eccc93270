/**
 * A 53-bit fingerprint of a text, 0 for the empty one: tells whether a text changed without keeping it. Two
 * multiplicative hashes of 32 bits with a final avalanche (constants of MurmurHash3); not for adversaries.
 */
export const fingerprint = (text: string): number => {
  if (text === '') return 0;
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 0x85ebca6b);
    low = Math.imul(low ^ unit, 0xc2b2ae35);
  }
  high = Math.imul(high ^ (high >>> 16), 0xc2b2ae35) ^ Math.imul(low ^ (low >>> 13), 0x85ebca6b);
  low = Math.imul(low ^ (low >>> 16), 0xc2b2ae35) ^ Math.imul(high ^ (high >>> 13), 0x85ebca6b);
  return 4_294_967_296 * (2_097_151 & low) + (high >>> 0);
};
