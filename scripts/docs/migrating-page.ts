import { SCHEMAS } from '../../src/masakari/database/schema.ts';
import { COUNTERPARTS, WITHOUT } from '../../src/masakari/options/counterparts.ts';

/** The page for those who come from Masakari, in Markdown; its commands are run by test/store/masakari.test.ts. */
export function migratingPage(): string {
  return `${[BEFORE, schemaTable(), AFTER_SCHEMAS, counterpartTable(), BETWEEN, withoutTable(), AFTER].join('\n\n')}\n`;
}

const BEFORE = `# Migrating from Masakari

Lifeboat takes over Masakari's segments and hosts with their uuids, ids and times, and as history what has ended of its notifications
and moves. Masakari's database is only read: its session may not write. Nothing in Nova is changed by any of this.

There are three ways, and one can be tried after the other:

1. [Keep Masakari's engine](#keep-masakaris-engine): Lifeboat replaces its host monitor only, and tells it of hosts that are
   proven down. The smallest step: nothing is moved.
2. [Move in](#move-in): Lifeboat's engine in place of Masakari's.
3. [Move out again](#move-out-again): all of it back into a database of Masakari.

## Move in

The order matters: two engines must never evacuate at the same time.

### 1. Install Lifeboat, and pause it

As [Installing](install.md) says. While it is paused it sees and records, and begins nothing:

\`\`\`
lifeboat pause --reason 'moving in'
\`\`\`

### 2. See what comes over

On a controller with Masakari's \`masakari.conf\`:

\`\`\`
lifeboat import masakari --conf /etc/masakari/masakari.conf
\`\`\`

It reads the file as Masakari does, with what lies in \`masakari.conf.d\` beside it (further files and folders: \`--conf\` once more,
\`--config-dir\`), opens the database that \`[database] connection\` names, and shows

- each segment and host that would be brought in, and of those that are there already what differs;
- how many notifications that have ended would come along, by status, and how many moves;
- what stays behind and why: rows that are deleted, older than \`store.retention\`, or say what cannot be;
- hosts that are on maintenance;
- the piece of \`lifeboat.yaml\` that says what \`masakari.conf\` said, and the options that have no counterpart;
- what stands against it: a notification that Masakari has not ended, a segment or host of the same name that Lifeboat
  has already, a row of a segment or a host that cannot be.

Nothing is changed. Exit code 0: it could be brought in; 1: something stands against it. \`--json\` is for programs. Passwords
are in no output. These schemas are known:`;

const AFTER_SCHEMAS = `### 3. Configure

Put the piece for \`lifeboat.yaml\` into the file on each controller, check it, and restart the engine:

\`\`\`
lifeboat config check
\`\`\`

### 4. Stop Masakari's engine and its host monitors

So that they begin nothing any more. What its engine has begun let it end first: Lifeboat cannot go on with it. Instance and process
monitors go on: they find Lifeboat by the endpoint.

### 5. Bring it in

Through the engine that runs, on its controller:

\`\`\`
lifeboat import masakari --conf /etc/masakari/masakari.conf --apply
\`\`\`

It is refused while notifications of Masakari are new, running or in error, for then Masakari may be evacuating, or may have left
something half done. Wait, or look at them, and then leave them behind with \`--apply --even-if-running\`. A second \`--apply\` adds
what was missing and changes nothing of what is there. With the embedded store the other controllers do not see it: use the
[shared store](install.md#the-shared-store), or declare the segments in \`lifeboat.yaml\`, before several controllers take turns.

### 6. Point the endpoint here

As [The API](api.md#pointing-clients-at-it) says. \`openstack segment list\` and \`openstack notification list\` then show what they
showed before.

### 7. Look at hosts on maintenance

Masakari puts a host into maintenance when it has failed and never takes it out, so most clouds have some that are well. Their
failures are left alone, by Lifeboat as well:

\`\`\`
openstack segment host update SEGMENT HOST --on_maintenance False
\`\`\`

A compute service that Masakari has disabled stays disabled too: \`openstack compute service list\`, and enable those that are well.

### 8. Let it begin

\`\`\`
lifeboat resume
\`\`\`

### Options

Only what \`masakari.conf\` gives is taken over; where it says nothing, Lifeboat's own default stays. These have a counterpart:`;

const BETWEEN = 'These have none:';

const AFTER = `## Move out again

Nothing in Masakari's database was changed by moving in, so where nothing was made since, starting Masakari's processes is enough: pause
Lifeboat, wait until \`lifeboat status\` shows nothing in progress, and point the endpoint back. Else:

\`\`\`
lifeboat export masakari --to /root/masakari
\`\`\`

writes two files, mode 0600; the engine may run meanwhile. \`masakari.sql\` is for an empty database that \`masakari-manage db sync\` has made (another schema than the
newest: \`--schema 2023.1\` or \`--schema zed\`); it is taken as a whole or not at all:

\`\`\`
mysql masakari < /root/masakari/masakari.sql
\`\`\`

\`segments.sh\` makes the same segments and hosts over Masakari's API instead, with other uuids and without history:

\`\`\`
sh /root/masakari/segments.sh
\`\`\`

What has not ended stays behind, and is named: Masakari's engine would take it up without a proof. NULLs that stood for a default
come back as that default, and each notification has its \`failover_segment_uuid\`, without which Masakari 2025.2 shows no notification at all.

## Keep Masakari's engine

In \`lifeboat.yaml\`, on each controller:

\`\`\`yaml
sink: masakari
masakari:
  endpoint: http://10.0.0.5:15868/v1 # left out: the endpoint of instance-ha in the catalog
\`\`\`

Lifeboat then has no engine of its own. Each host that is [proven down](how-it-decides.md) is posted to Masakari as its host monitor
would (\`COMPUTE_HOST\`, \`STOPPED\`, \`NORMAL\`, \`OFFLINE\`), with the time of its fencing; stop masakari-hostmonitor, which reports without one.
Masakari's user for it is that of \`clouds.yaml\`; its policy wants \`admin\`. Nova is only read. There is no API, no gate, no plan: those
are the engine's.

- A failure is on disk before it is told, and told until Masakari has it: with growing pauses up to 30 s while it does not
  answer, once a minute while it refuses. It is never given up for its age.
- A host that is up again before Masakari took its failure is not told any more, for Masakari would evacuate what runs there.
  \`lifeboat status\` and the resource say so.
- What Masakari refuses is a [hold](operating.md#holds) with what to do: the host is in no segment, or on maintenance there.
  Masakari sets that at each failure and never takes it back, so after each recovery:
  \`openstack segment host update SEGMENT HOST --on_maintenance False\`.
- Quorum, the storm guard, a pause and the second witness hold a report as they hold a recovery.
- That a host is back is not told: Masakari does nothing with it.

\`crm_mon -A\` shows \`reported to Masakari\` for the node; \`lifeboat status\` lists every report. \`lifeboat retry HOST\` tells at once
again what waits, \`lifeboat acknowledge HOST\` drops it, \`lifeboat proceed\` tells what the storm guard holds.

Change \`sink\` only while nothing is being recovered: what one side has begun the other does not know.
[Decision 0047](decisions/0047-bridge-only.md) says why it is so.`;

function schemaTable(): string {
  const rows = Object.values(SCHEMAS).map(({ hasVmoves, name, notificationsTellMore, releases }) => {
    const more = [
      ...(hasVmoves ? ['moves'] : []),
      ...(notificationsTellMore ? ['the segment and the message of a notification'] : []),
    ];
    return `| \`${name}\` | ${releases} | ${more.join(', ') || 'neither moves nor messages'} |`;
  });
  return ['| schema | releases | has |', '| --- | --- | --- |', ...rows].join('\n');
}

function counterpartTable(): string {
  const rows = COUNTERPARTS.map(({ key, note = '', option }) => `| \`${option}\` | \`${key}\` | ${note} |`);
  return ['| masakari.conf | lifeboat.yaml | |', '| --- | --- | --- |', ...rows].join('\n');
}

function withoutTable(): string {
  const rows = WITHOUT.map(({ option, reason }) => `| \`${option}\` | ${reason} |`);
  return ['| masakari.conf | why |', '| --- | --- |', ...rows].join('\n');
}
