export { HoldfastProvider, useClient, useCollection } from './provider.js';
export { useDocument, useQuery, useStatus } from './watched.js';
export { type Save, type SaveState, useWrite } from './write.js';
