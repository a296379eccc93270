/** What to do about what brokers and TLS say, where somebody can do something about it. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/SASL/, 'check KAFKA_USERNAME, KAFKA_PASSWORD and KAFKA_SASL_MECHANISM'],
  [
    /\balert\b.*(certificate|unknown ca)/i,
    'name a certificate that brokers take by KAFKA_CERT_FILE and KAFKA_KEY_FILE',
  ],
  [/certificate|altnames/i, 'let KAFKA_CA_FILE name the authority that signed the brokers’ certificates'],
  [
    /TLS handshake failed|secure TLS connection/,
    'there is no TLS at this port: name another, or leave KAFKA_TLS out',
  ],
  [/closed while waiting for ready/, 'a broker that ends connections at once wants TLS: set KAFKA_TLS=1'],
];

/** What is behind an error of the driver, outermost first; errors of our own say it all. */
const chainOf = (error: unknown): string[] => {
  if (!(error instanceof Error)) return [];
  const isDriver = 'code' in error && String(error.code).startsWith('PLT_KFK_');
  const [first]: unknown[] = error instanceof AggregateError ? error.errors : [];
  // OpenSSL ends its messages with a line break.
  return [error.message.trim().replace(/\.$/, ''), ...(isDriver ? chainOf(error.cause ?? first) : [])];
};

/** Why the driver failed and what to do, in one line: it nests what it found, and of a chain only the ends tell anything. */
export const reasonOf = (error: unknown): string => {
  const messages: string[] = [];
  const visit = (one: unknown): void => {
    if (one instanceof AggregateError && one.errors.length > 0) return one.errors.forEach(visit);
    const chain = chainOf(one);
    messages.push(...chain.slice(0, 1), ...chain.slice(-1));
  };
  visit(error);
  const reason = [...new Set(messages)].join('; ') || String(error);
  const advice = ADVICE.find(([pattern]) => pattern.test(reason))?.[1];
  return advice === undefined ? reason : `${reason}: ${advice}`;
};
