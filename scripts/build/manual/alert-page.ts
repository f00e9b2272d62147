import { RUNTIME_DIRECTORY, SOCKET_NAME } from '../../../src/config/paths.ts';
import { paragraph, section, verbatim, type ManualPage } from './roff.ts';

export function alertPage(version: string): ManualPage {
  return {
    name: 'alert_lifeboat',
    section: 7,
    summary: "Pacemaker's alert agent that wakes lifeboatd",
    version,
    parts: [
      section('Description'),
      paragraph(
        'Pacemaker runs it on every cluster node for every alert. Where lifeboatd runs it tells it to look at the cluster ' +
          'now; elsewhere it ends at once. An alert carries no facts: one that is lost, doubled or late changes nothing ' +
          'but how soon the next look is.',
      ),
      paragraph(
        `The recipient, if there is one, is the path of the control socket. Default: \`${RUNTIME_DIRECTORY}/${SOCKET_NAME}\`.`,
      ),
      section('Example'),
      verbatim('pcs alert create id=lifeboat-alert path=/usr/share/pacemaker/alerts/alert_lifeboat'),
      section('See also'),
      paragraph('lifeboatd(8), ocf_lifeboat_engine(7)'),
    ],
  };
}
