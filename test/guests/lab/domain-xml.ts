import type { GuestImage } from './guest-image.ts';

export interface GuestOptions {
  readonly name: string;
  readonly uuid: string;
  /** Default destroy, which is libvirt's own. */
  readonly onCrash?: 'destroy' | 'preserve' | 'restart';
  readonly watchdog?: 'pause' | 'reset' | 'poweroff';
  /** Elements of devices beside the usual ones. */
  readonly devices?: string;
  /** Default Nova. */
  readonly maker?: 'nova' | 'somebody';
  /** Default: there is a channel, and the image has an agent. */
  readonly agent?: 'no channel';
}

const NOVA = `<metadata><nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1"><nova:name>a &amp; b</nova:name></nova:instance></metadata>`;

const CHANNEL = `<channel type="unix"><source mode="bind"/><target type="virtio" name="org.qemu.guest_agent.0"/></channel>`;

/** A guest as Nova makes one, as far as it matters here: emulated, 128 MiB, with a guest agent. */
export function domainXml(guest: GuestOptions, image: GuestImage): string {
  const { name, uuid, onCrash = 'destroy', watchdog = 'pause', devices = '', maker = 'nova', agent } = guest;
  return `<domain type="qemu">
<name>${name}</name><uuid>${uuid}</uuid>${maker === 'nova' ? NOVA : ''}
<memory unit="MiB">128</memory><vcpu>1</vcpu>
<os><type arch="x86_64" machine="pc">hvm</type><kernel>${image.kernel}</kernel><initrd>${image.initrd}</initrd>
<cmdline>console=ttyS0 loglevel=4 panic=0 iomem=relaxed</cmdline></os>
<features><acpi/></features>
<on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>${onCrash}</on_crash>
<devices>
<emulator>/usr/bin/qemu-system-x86_64</emulator>
<controller type="usb" model="none"/>
<serial type="file"><source path="/var/log/libvirt/console-${name}.log"/></serial>
${agent === undefined ? CHANNEL : ''}
<watchdog model="i6300esb" action="${watchdog}"/>
<memballoon model="none"/>
<panic model="isa"/>
${devices}
</devices></domain>
`;
}
