/** The records that figures are measured with, five fields each, by id. */
export function records(count) {
  return Array.from({ length: count }, (_, i) => [
    `p-${i}`,
    {
      name: `Patient ${i}`,
      born: 1940 + (i % 80),
      ward: `w-${i % 17}`,
      vitals: { systolic: 100 + (i % 60), temperature: 36 + (i % 30) / 10 },
      note: `seen on day ${i % 365}`,
    },
  ]);
}
