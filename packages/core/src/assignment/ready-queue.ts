import type { TaskState } from '../state.ts';

/** So many tasks are moved at most when one comes or goes. */
const PIECE_MAX = 512;

/** Whether a task is to be done before another; a strict order of all tasks. */
export type IsBefore = (a: TaskState, b: TaskState) => boolean;

/** The first place in an ordered list that `isBehind` holds for; the length of the list where it does for none. */
const firstPlace = (length: number, isBehind: (place: number) => boolean): number => {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBehind(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
};

/**
 * Ready tasks in order, the best last: taking the best moves no other. They are kept in pieces, so that a task that
 * comes behind a hundred thousand others does not move all of them.
 */
export class ReadyQueue {
  #pieces: TaskState[][] = [];

  /** By rank: 0 is the best. */
  at(rank: number): TaskState | undefined {
    let behind = rank;
    for (let at = this.#pieces.length - 1; at >= 0; at--) {
      const piece = this.#pieces[at] as TaskState[];
      if (behind < piece.length) return piece.at(-1 - behind);
      behind -= piece.length;
    }
    return undefined;
  }

  /** All tasks, the best last. */
  all(): readonly TaskState[] {
    return this.#pieces.flat();
  }

  add(task: TaskState, isBefore: IsBefore): void {
    if (this.#pieces.length === 0) this.#pieces.push([]);
    const { piece, at, place } = this.#find(task, isBefore);
    piece.splice(place, 0, task);
    if (piece.length > PIECE_MAX) this.#pieces.splice(at + 1, 0, piece.splice(PIECE_MAX >>> 1));
  }

  /** Takes out a task that is in it, before anything that its order depends on changes. */
  delete(task: TaskState, isBefore: IsBefore): void {
    const { piece, at, place } = this.#find(task, isBefore);
    if (piece[place] !== task) throw new Error(`task ${task.id} is not where its order says`);
    piece.splice(place, 1);
    if (piece.length === 0) this.#pieces.splice(at, 1);
  }

  /** Orders all tasks anew. */
  sort(isBefore: IsBefore): void {
    const all = this.#pieces.flat().sort((a, b) => (isBefore(a, b) ? 1 : -1));
    this.#pieces = [];
    for (let from = 0; from < all.length; from += PIECE_MAX)
      this.#pieces.push(all.slice(from, from + PIECE_MAX));
  }

  /** Where a task stands, or would stand. */
  #find(task: TaskState, isBefore: IsBefore): { piece: TaskState[]; at: number; place: number } {
    const isNotBehind = (other: TaskState | undefined): boolean => !other || !isBefore(task, other);
    const last = this.#pieces.length - 1;
    const at = firstPlace(last, (piece) => isNotBehind(this.#pieces[piece]?.at(-1)));
    const piece = this.#pieces[at] ?? [];
    // The best comes and goes most often.
    if (piece.at(-1) === task) return { piece, at, place: piece.length - 1 };
    return { piece, at, place: firstPlace(piece.length, (place) => isNotBehind(piece[place])) };
  }
}
