export const USAGE = `lifeboat-monitor: tells Lifeboat of guests and processes that fail on this compute host

  lifeboat-monitor run [--config FILE]      watch this host, in the foreground; logs to standard output
  lifeboat-monitor status [--json]          what is watched, what waits, what was not taken
  lifeboat-monitor retry                    send now what waits, and again what was not taken
  lifeboat-monitor forget                   you know of what was not taken: off the list
  lifeboat-monitor make-key [--host HOST]   a new key of this host, in the file that api.key_file names, or in
                                            /etc/lifeboat/monitor.key; prints the line for the controllers
  lifeboat-monitor config check [FILE]      check the configuration; names every mistake with its line
  lifeboat-monitor config show [FILE]       the configuration in force, as JSON
  lifeboat-monitor config example           a commented file with every key and its default
  lifeboat-monitor config reference         the reference page, in Markdown
  lifeboat-monitor version
  lifeboat-monitor help

  --socket PATH    with status, retry and forget: the control socket, if it is not /run/lifeboat-monitor/monitor.sock
  FILE             without it: $LIFEBOAT_MONITOR_CONFIG, or /etc/lifeboat/monitor.yaml

Exit codes: 0 all is well; 1 something is to be seen to, or the file is wrong; 2 the command is wrong; 3 no monitor answers.
`;
