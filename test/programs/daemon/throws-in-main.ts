/** Loaded before lifeboatd: throws as soon as lifeboatd says what it does with an error that nobody caught. */
const onListener = (event: string): void => {
  if (event !== 'uncaughtException') return;
  process.off('newListener', onListener);
  process.nextTick(() => {
    throw new Error('a defect of the test');
  });
};
process.on('newListener', onListener);
