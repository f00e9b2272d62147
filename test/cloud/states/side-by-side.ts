/** Runs `task` for each item, `width` at one time: more than a Nova of two workers would only wait. */
export async function sideBySide<T>(
  width: number,
  items: readonly T[],
  task: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await task(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
