/** Why something could not be done; programs tell the cases apart by this word. */
export type FailureCode =
  /** The browser has no room left: nothing of the write is kept. */
  | 'full'
  /** IndexedDB failed, or was taken away. */
  | 'storage'
  /** Over a limit, not in form, or damaged: nothing of it is kept. */
  | 'malformed'
  /** A grant is missing, for another key, not by an authority that was named, or does not allow it. */
  | 'grant'
  /** It took longer than was asked for; it may still come. */
  | 'timeout'
  /** Another node refused the write for good. */
  | 'rejected'
  /** So much waits for an answer that no more is taken on: nothing of it was done. */
  | 'busy'
  /** The client was closed. */
  | 'closed'
  /** This browser lacks something that is needed. */
  | 'unsupported';

export class HoldfastError extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HoldfastError';
    this.code = code;
  }
}

/** What core threw, which calls by no name. */
export function malformed(error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error;
  return new HoldfastError('malformed', error instanceof Error ? error.message : String(error), { cause: error });
}
