export const USAGE = `lifeboat: what the operator asks of Lifeboat on this node

  lifeboat status [--json]          what is held, failing or recovering; worst first
  lifeboat plan HOST [--json]       what a recovery of the host would do: in which order, where there is room, what
                                    would hold it; changes nothing
  lifeboat pause --reason TEXT      send nothing new until resume; what is in flight is followed
  lifeboat resume
  lifeboat proceed [HOST...]        begin what the storm guard holds: all of it, or these hosts
  lifeboat retry WHAT               try failed moves again: of a HOST, a RECOVERY, or one INSTANCE
  lifeboat cancel WHAT              send nothing more for the recovery; says what is left
  lifeboat acknowledge WHAT         you know how it ended: off the list, and the host may be given back
  lifeboat gate wait [--for guests] [--host HOST] [--timeout 5m]
                                    on a compute host: wait until nova-compute may start
  lifeboat gate check [--for guests] [--host HOST]
                                    the same, without waiting
  lifeboat wake                     have the engine look at the cluster now
  lifeboat simulate FILE            play a scenario with the real engine in a simulated cluster and cloud
  lifeboat import masakari [--conf FILE] [--config-dir DIR] [--apply [--even-if-running]] [--json]
                                    what Masakari has: its segments, hosts, history and options; with --apply they are
                                    brought in by the engine that runs; --even-if-running leaves behind what Masakari
                                    has not ended
  lifeboat export masakari --to DIR [--schema 2025.2|2023.1|zed]
                                    back to Masakari: SQL for its database, commands for its API
  lifeboat config check [FILE]      check the configuration; names every mistake with its line
  lifeboat config show [FILE]       the configuration in force, as JSON
  lifeboat config example           a commented file with every key and its default
  lifeboat config reference         the reference page, in Markdown
  lifeboat version
  lifeboat help

  --reason TEXT    with these verbs: why, for those who read it later
  --socket PATH    the engine's control socket, if it is not /run/lifeboat/lifeboatd.sock
  FILE             of config; without it: $LIFEBOAT_CONFIG, or /etc/lifeboat/lifeboat.yaml

  --config FILE    for gate, import and export; without it the same as FILE

Exit codes: 0 all is well; 1 something is held, has failed or has no place, or the file is wrong; 2 the command is wrong;
of gate: 0 may start; 1 may not, the line says why; 2 the command or the file is wrong; 3 no engine answers on this node.
`;
