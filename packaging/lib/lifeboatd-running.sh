# Whether lifeboatd runs here for Pacemaker: it was not started by its unit, or Pacemaker has taken it for its own since.
lifeboatd_of_pacemaker() {
    if [ "$(systemctl is-active lifeboatd.service 2>/dev/null)" = active ] &&
        ! cibadmin --query --xpath "//primitive[@provider='lifeboat'][@type='engine']" >/dev/null 2>&1; then
        return 1
    fi
    for line in /proc/[0-9]*/cmdline; do
        case $(tr '\0' ' ' 2>/dev/null <"$line") in
            '/usr/lib/lifeboat/bin/node /usr/sbin/lifeboatd'*) return 0 ;;
        esac
    done
    return 1
}
