/** An invariant of the hub does not hold: a defect, of the hub or of the simulator’s idea of it. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

export const insist = (holds: boolean, message: () => string): void => {
  if (!holds) throw new Violation(message());
};
