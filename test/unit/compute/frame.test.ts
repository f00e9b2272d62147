import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame, FrameSplitter, HEADER_BYTES } from '../../../src/compute/libvirt/frame.ts';
import type { Frame } from '../../../src/compute/libvirt/frame.ts';
import { XdrReader } from '../../../src/compute/libvirt/xdr-reader.ts';
import { XdrWriter } from '../../../src/compute/libvirt/xdr-writer.ts';

const frame = (body: Buffer, serial = 1): Frame => ({
  program: 0x2000_8086,
  version: 1,
  procedure: 273,
  kind: 'reply',
  serial,
  status: 'ok',
  body,
});

describe('XDR', () => {
  it('reads back what it wrote, strings of every length padded to four bytes', () => {
    for (const text of ['', 'a', 'ab', 'abc', 'abcd', 'Grüße, €']) {
      const bytes = new XdrWriter().int(-5).string(text).optionalString(undefined).optionalString(text).uint(7).done();
      expect(bytes.length % 4).toBe(0);
      const reader = new XdrReader(bytes);
      expect([reader.int(), reader.string(), reader.optionalString(), reader.optionalString(), reader.uint()]).toEqual([
        -5,
        text,
        undefined,
        text,
        7,
      ]);
      expect(reader.left).toBe(0);
    }
  });

  it.each([
    ['a string longer than the message', new XdrWriter().uint(100).done()],
    ['a string of four gigabytes', new XdrWriter().uint(0xffff_ffff).done()],
    ['nothing', Buffer.alloc(0)],
    ['half a number', Buffer.alloc(2)],
  ])('refuses %s as unreadable', (_, bytes) => {
    expect(() => new XdrReader(bytes).string()).toThrow(expect.objectContaining({ code: 'LIBVIRT_GARBAGE' }));
  });

  it('refuses a list that cannot be as long as it says, before it makes one', () => {
    const reader = new XdrReader(new XdrWriter().uint(0xffff_ffff).int(1).done());
    expect(() => reader.list(4, (each) => each.int())).toThrow(expect.objectContaining({ code: 'LIBVIRT_GARBAGE' }));
  });

  it('refuses a pointer that is neither there nor not', () => {
    const reader = new XdrReader(new XdrWriter().uint(2).done());
    expect(() => reader.optionalString()).toThrow(expect.objectContaining({ code: 'LIBVIRT_GARBAGE' }));
  });
});

describe('the frames of libvirt', () => {
  it('come out whole, in whatever pieces the socket brings them', () => {
    const frames = [frame(Buffer.from('abcd'), 1), frame(Buffer.alloc(0), 2), frame(Buffer.alloc(100_000, 7), 3)];
    const stream = Buffer.concat(frames.map(encodeFrame));
    for (const size of [1, 3, 27, 28, 4_096, stream.length]) {
      const splitter = new FrameSplitter();
      const found: Frame[] = [];
      for (let at = 0; at < stream.length; at += size) {
        for (const each of splitter.push(stream.subarray(at, at + size)))
          found.push({ ...each, body: Buffer.from(each.body) });
      }
      expect(found.map(({ serial, body }) => [serial, body.length])).toEqual([
        [1, 4],
        [2, 0],
        [3, 100_000],
      ]);
      expect(found[2]?.body.every((byte) => byte === 7)).toBe(true);
    }
  });

  it('take a reply of some megabytes in small pieces without copying it for each', () => {
    const splitter = new FrameSplitter();
    const stream = encodeFrame(frame(Buffer.alloc(8 * 1024 * 1024)));
    const began = performance.now();
    let found = 0;
    for (let at = 0; at < stream.length; at += 4_096)
      found += [...splitter.push(stream.subarray(at, at + 4_096))].length;
    expect(found).toBe(1);
    // Copied for each of 2,048 pieces it would be 8 GB.
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it.each([
    ['shorter than its own header', HEADER_BYTES - 1],
    ['longer than libvirt sends any', 64 * 1024 * 1024],
    ['of no length at all', 0],
  ])('are refused when one is %s', (_, length) => {
    const bytes = Buffer.alloc(HEADER_BYTES);
    bytes.writeUInt32BE(length);
    expect(() => [...new FrameSplitter().push(bytes)]).toThrow(expect.objectContaining({ code: 'LIBVIRT_GARBAGE' }));
  });

  it('are refused with a status that there is not', () => {
    const bytes = encodeFrame(frame(Buffer.alloc(0)));
    bytes.writeUInt32BE(5, 24);
    expect(() => decodeFrame(bytes)).toThrow(expect.objectContaining({ code: 'LIBVIRT_GARBAGE' }));
  });
});
