import { setTimeout as pause } from 'node:timers/promises';
import type { MasakariLab } from '../../cloud/lab/cloud-lab.ts';
import { logIn } from '../../cloud/support/nova-client.ts';
import { eventually } from '../../support/eventually.ts';
import { askDatabase } from './ask-database.ts';
import type { Session, Stage } from './contender.ts';
import { serviceIdOf } from './floor.ts';

const POLL_MS = 500;
const STATUS = 'SELECT status FROM notifications WHERE notification_uuid = ';

/** Masakari's own defaults. */
export function startMasakari(stage: Stage): Promise<Session> {
  return start(stage, [], undefined);
}

/**
 * As low as it allows: no wait after it has disabled the service, as many threads as the others have calls in flight, and
 * the host forced down by somebody else beforehand. Without that last help it must wait: Nova would refuse to evacuate
 * from a host that is still up, and would block for 60 s when told to disable it.
 */
export function startTunedMasakari(stage: Stage): Promise<Session> {
  const lines = ['wait_period_after_service_update = 0', `host_failure_recovery_threads = ${stage.parallel}`];
  return start(stage, lines, async () => {
    const id = await serviceIdOf(stage.nova, stage.victim);
    await stage.nova.must('PUT', `/os-services/${id}`, { forced_down: true });
  });
}

async function start(stage: Stage, lines: readonly string[], forceDown: Session['beforeFailure']): Promise<Session> {
  const { cloud, proxy, victim } = stage;
  const { masakari } = cloud;
  if (masakari === undefined) throw new Error('this cloud was started without Masakari');
  // Its calls to Nova go through the proxy as everybody's do; what its API asks of Keystone does not.
  await masakari.configure([...lines, `os_privileged_user_auth_url = ${proxy.authUrl}`]);
  const post = await poster(stage, masakari);
  const { segment } = await post('/segments', {
    segment: { name: 'bench', recovery_method: 'auto', service_type: 'COMPUTE' },
  });
  await post(`/segments/${segment?.uuid}/hosts`, {
    host: { name: victim, type: 'COMPUTE', control_attributes: 'none' },
  });
  return {
    ...(forceDown && { beforeFailure: forceDown }),
    async recover(signal) {
      const { notification } = await post('/notifications', {
        notification: {
          type: 'COMPUTE_HOST',
          hostname: victim,
          generated_time: new Date().toISOString().slice(0, 19),
          payload: { event: 'STOPPED', host_status: 'NORMAL', cluster_status: 'OFFLINE' },
        },
      });
      await untilFinished(stage, notification?.notification_uuid ?? '', signal);
    },
    end: () => Promise.resolve(),
  };
}

async function untilFinished({ cloud }: Stage, id: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const rows = await askDatabase(cloud, 'masakari', `${STATUS}'${id}'`);
    const status = rows[0]?.[0];
    if (status === 'finished') return;
    if (status === 'failed' || status === 'error' || status === 'ignored') {
      throw new Error(`its notification ended as ${status}`);
    }
    await pause(POLL_MS, undefined, { signal });
  }
}

interface MasakariBody {
  readonly segment?: { readonly uuid: string };
  readonly host?: { readonly uuid: string };
  readonly notification?: { readonly notification_uuid: string };
}

type Post = (path: string, body: object) => Promise<MasakariBody>;

async function poster({ cloud }: Stage, { endpoint }: MasakariLab): Promise<Post> {
  const { authUrl, account } = cloud;
  const { username, password, projectName, domainName, region } = account;
  const { token } = await logIn({ authUrl, username, password, projectName, domainName, region });
  const post: Post = async (path, body) => {
    const answer = await fetch(endpoint + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-auth-token': token,
        'openstack-api-version': 'instance-ha 1.2',
      },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Masakari: POST ${path}: ${answer.status} ${text.slice(0, 200)}`);
    return JSON.parse(text) as MasakariBody;
  };
  await eventually('an answer of the Masakari API', () => isUp(endpoint), { withinMs: 60_000, everyMs: 500 });
  return post;
}

async function isUp(endpoint: string): Promise<boolean> {
  const answer = await fetch(new URL('/', endpoint)).catch(() => undefined);
  return answer !== undefined && answer.status < 500;
}
