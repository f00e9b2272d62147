# Whether lifeboatd runs here and systemd has not started it.
lifeboatd_of_pacemaker() {
    [ "$(systemctl is-active lifeboatd.service 2>/dev/null)" != active ] || return 1
    for line in /proc/[0-9]*/cmdline; do
        case $(tr '\0' ' ' 2>/dev/null <"$line") in
            '/usr/lib/lifeboat/bin/node /usr/sbin/lifeboatd'*) return 0 ;;
        esac
    done
    return 1
}
