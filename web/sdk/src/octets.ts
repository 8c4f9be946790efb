/** Bytes as every part of this package passes them: over a buffer that is not shared with another thread. */
export type Octets = Uint8Array<ArrayBuffer>;

export function fromHex(hex: string): Octets {
  const text = hex.trim();
  if (text.length % 2 !== 0 || /[^0-9a-f]/i.test(text)) throw new TypeError('not hexadecimal');
  const octets = new Uint8Array(text.length / 2);
  for (let i = 0; i < octets.length; i++) octets[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return octets;
}

export function toHex(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += octet.toString(16).padStart(2, '0');
  return text;
}

/** Reads base64url, with or without padding: the form in which grants are handed out. */
export function fromBase64Url(text: string): Octets {
  const binary = atob(text.trim().replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}
