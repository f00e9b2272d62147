/** Waits for all of them, also when one fails, so that nothing of the work goes on after it; then throws the first error. */
export async function allEnded<T>(work: readonly Promise<T>[]): Promise<readonly T[]> {
  const outcomes = await Promise.allSettled(work);
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}
