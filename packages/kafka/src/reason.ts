/** Why the driver failed, in one line: it nests what it found. */
export const reasonOf = (error: unknown): string => {
  const messages: string[] = [];
  const visit = (one: unknown): void => {
    if (!(one instanceof Error)) return;
    if (one instanceof AggregateError && one.errors.length > 0) one.errors.forEach(visit);
    else messages.push(one.message);
  };
  visit(error);
  return [...new Set(messages)].join('; ') || String(error);
};
