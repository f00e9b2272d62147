import {
  CONFIG_PATH,
  DAEMON_GROUP,
  DAEMON_USER,
  LOG_PATH,
  RUNTIME_DIRECTORY,
  SOCKET_NAME,
  STATE_DIRECTORY,
} from '../../../src/config/paths.ts';
import { VARIABLES } from '../../../src/config/variables.ts';
import { item, paragraph, section, type ManualPage } from './roff.ts';

export function lifeboatdPage(version: string): ManualPage {
  return {
    name: 'lifeboatd',
    section: 8,
    summary: 'keeps OpenStack instances alive when the compute host under them dies',
    version,
    parts: [
      section('Synopsis'),
      paragraph('`lifeboatd` [`--config` FILE]'),
      paragraph('`lifeboatd --version`'),
      section('Description'),
      paragraph(
        "lifeboatd takes Pacemaker's word for which compute host was fenced, evacuates its instances through Nova, follows " +
          'each of them until it runs elsewhere, and gives the host back when it has returned.',
      ),
      paragraph(
        'Pacemaker starts it, on one controller, by the resource agent `ocf:lifeboat:engine`: see ocf_lifeboat_engine(7). ' +
          'The unit lifeboatd.service is for clusters without that resource. It is off after the installation, and refuses ' +
          'to start where Pacemaker has the resource. Without the shared store (store.kind: mariadb) one controller alone ' +
          'may enable it.',
      ),
      paragraph(
        'It stays in the foreground and logs to standard output, one JSON object a line. It may be killed at any time: ' +
          'the next one reads the store, Pacemaker and Nova, and goes on.',
      ),
      section('Options'),
      item('--config FILE', `The configuration, instead of LIFEBOAT_CONFIG or \`${CONFIG_PATH}\`.`),
      item('--version', 'Says the version.'),
      section('Signals'),
      item('SIGTERM, SIGINT', 'Takes no further step and ends with 0.'),
      item('SIGHUP, SIGPIPE', 'Ignored.'),
      section('Exit status'),
      item('0', 'It was told to end.'),
      item('1', 'It could not start; the last line says why.'),
      item('2', 'The command line is wrong.'),
      item('70', 'A defect: please report the last line of the log.'),
      section('Environment'),
      ...VARIABLES.map(({ name, text, example }) => item(name, `${text} Example: \`${example}\`.`)),
      section('Files'),
      item(CONFIG_PATH, 'The configuration: lifeboat.yaml(5).'),
      item('/etc/openstack/clouds.yaml', `The credentials; readable by ${DAEMON_USER}.`),
      item(STATE_DIRECTORY, 'What outlives the daemon, with the embedded store.'),
      item(`${RUNTIME_DIRECTORY}/${SOCKET_NAME}`, `The control socket. Members of ${DAEMON_GROUP} may use it.`),
      item(LOG_PATH, 'The log, when Pacemaker starts the daemon; with systemd it is in the journal.'),
      item('/etc/default/lifeboatd, /etc/sysconfig/lifeboatd', 'The environment, when systemd starts it.'),
      section('See also'),
      paragraph('lifeboat(8), lifeboat.yaml(5), ocf_lifeboat_engine(7), alert_lifeboat(7), crm_mon(8)'),
    ],
  };
}
