import { z } from 'zod';
import { count, directory, duration, key } from './keys.ts';

const EVENTS = z.record(z.string().regex(/^[A-Z0-9_]{1,64}\/[A-Z0-9_]{1,64}$/), z.enum(['report', 'ignore']));

export const guests = z
  .strictObject({
    watch: key(
      z.enum(['events', 'nothing']).prefault('events'),
      'Whether the guests of this host are watched over libvirt.',
      'events or nothing',
    ),
    socket_directory: directory('/run/libvirt', 'Where the sockets of virtqemud or libvirtd are.'),
    events: key(
      EVENTS.prefault({}),
      'Events that are reported, or not, otherwise than docs/guest-events.md says, by EVENT/DETAIL.',
      'a map from EVENT/DETAIL to report or ignore',
      '{ LIFECYCLE/STOPPED_SHUTDOWN: ignore }',
    ),
    agents: key(
      z.enum(['ask', 'leave']).prefault('leave'),
      'Whether the agents in the guests are asked if they live, as masakari-introspectiveinstancemonitor does.',
      'ask or leave',
    ),
    agent_interval: duration(1_000, 3_600_000, '10s', 'From one ping of a guest to its next.'),
    agent_timeout: duration(1_000, 60_000, '2s', 'How long an agent may take to answer; whole seconds count.'),
    agent_threshold: count(1, 1_000, 3, 'Reported when more pings than so many went unanswered, one after another.'),
  })
  .prefault({});
