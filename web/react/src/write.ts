import { HoldfastError, type Write } from '@holdfast/client';
import { useCallback, useRef, useState } from 'react';

/** How the last write of a component is doing on this device. */
export type SaveState =
  | { readonly state: 'none' }
  | { readonly state: 'saving' }
  | { readonly state: 'saved' }
  | { readonly state: 'failed'; readonly error: HoldfastError };

/** Does a write; fulfilled once it is saved, with false where it could not be: the state says why. */
export type Save = (work: () => Write) => Promise<boolean>;

const NONE: SaveState = { state: 'none' };
const SAVING: SaveState = { state: 'saving' };
const SAVED: SaveState = { state: 'saved' };

/**
 * For a form: does its writes, and says how the last of them is doing. It follows them to this device's disk; how far a
 * document has got from there stands in its `durability` and `rejections`.
 */
export function useWrite(): [save: Save, state: SaveState] {
  const [state, setState] = useState(NONE);
  const last = useRef(0);
  const save = useCallback<Save>(async (work) => {
    const number = ++last.current;
    const become = (next: SaveState): void => {
      if (number === last.current) setState(next);
    };
    become(SAVING);
    try {
      await work().local;
      become(SAVED);
      return true;
    } catch (error) {
      if (!(error instanceof HoldfastError)) {
        become(NONE);
        throw error;
      }
      become({ state: 'failed', error });
      return false;
    }
  }, []);
  return [save, state];
}
