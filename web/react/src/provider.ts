import type { Client, Collection } from '@holdfast/client';
import { type ReactNode, createContext, createElement, useContext, useMemo } from 'react';

const Context = createContext<Client | undefined>(undefined);

/** Gives the hooks below it a client that was opened; closing it stays with whoever opened it. */
export function HoldfastProvider({ client, children }: { client: Client; children?: ReactNode }): ReactNode {
  return createElement(Context, { value: client }, children);
}

/** The client of the provider above. */
export function useClient(): Client {
  const client = useContext(Context);
  if (client === undefined) throw new Error('There is no HoldfastProvider above this component');
  return client;
}

/** A collection of the provider's client, the same object for as long as its names are. */
export function useCollection<T extends object = Record<string, unknown>>(scope: string, name: string): Collection<T> {
  const client = useClient();
  return useMemo(() => client.scope(scope).collection<T>(name), [client, scope, name]);
}
