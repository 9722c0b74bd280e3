"""Calls of the kernel that a locked process may not make, each as a probe."""

from __future__ import annotations

import platform

from tests.sandbox.attacks.probe import Probe

# name: (number on x86_64, number elsewhere, arguments). All are harmless if they get through.
_CALLS: dict[str, tuple[int | None, int | None, str]] = {
    "openat": (257, 56, "-100, @FILE@.encode(), 0"),
    "openat2": (437, 437, "-100, @FILE@.encode(), bytes(24), 24"),
    "open_by_handle_at": (304, 265, "-100, bytes(64), 0"),
    "name_to_handle_at": (303, 264, "-100, @FILE@.encode(), bytes(64), bytes(8), 0"),
    "statx": (332, 291, "-100, @FILE@.encode(), 0, 4095, bytes(256)"),
    "newfstatat": (262, 79, "-100, @FILE@.encode(), bytes(256), 0"),
    "readlinkat": (267, 78, "-100, b'/proc/self/exe', bytes(99), 99"),
    "faccessat2": (439, 439, "-100, @FILE@.encode(), 0, 0"),
    "getdents64": (217, 61, "0, bytes(999), 999"),
    "statfs": (137, 43, "b'/', bytes(256)"),
    "getxattr": (191, 8, "@FILE@.encode(), b'user.x', bytes(9), 9"),
    "memfd_create": (319, 279, "b'x', 0"),
    "memfd_secret": (447, 447, "0"),
    "execveat": (322, 281, "-1, b'', 0, 0, 4096"),
    "fork": (57, None, ""),
    "vfork": (58, None, ""),
    "clone with wrong flags": (56, 220, "0x10000, 0, 0, 0, 0"),
    "clone3": (435, 435, "0, 0"),
    "ptrace attach": (101, 117, "0x4206, PARENT, 0, 0"),
    "process_vm_readv": (310, 270, "PARENT, bytes(16), 0, bytes(16), 0, 0"),
    "process_vm_writev": (311, 271, "PARENT, bytes(16), 0, bytes(16), 0, 0"),
    "process_madvise": (440, 440, "-1, 0, 0, 0, 0"),
    "pidfd_open": (434, 434, "PARENT, 0"),
    "pidfd_getfd": (438, 438, "3, 0, 0"),
    "pidfd_send_signal": (424, 424, "3, 0, 0, 0"),
    "kcmp": (312, 272, "PARENT, PARENT, 0, 0, 0"),
    "prlimit64 of the parent": (302, 261, "PARENT, 0, 0, bytes(16)"),
    "get_robust_list of the parent": (274, 100, "PARENT, bytes(8), bytes(8)"),
    "move_pages": (279, 239, "PARENT, 0, 0, 0, 0, 0"),
    "tgkill": (234, 131, "PARENT, PARENT, 0"),
    "tkill": (200, 130, "PARENT, 0"),
    "rt_sigqueueinfo": (129, 138, "PARENT, 0, bytes(128)"),
    "rt_tgsigqueueinfo": (297, 240, "PARENT, PARENT, 0, bytes(128)"),
    "rt_sigaction": (13, 134, "0, 0, 0, 8"),
    "rt_sigprocmask": (14, 135, "0, 0, 0, 8"),
    "setitimer": (38, 103, "99, 0, 0"),
    "timer_create": (222, 107, "-1, 0, 0"),
    "timerfd_create": (283, 85, "1, 0"),
    "alarm": (37, None, "0"),
    "socket of netlink": (41, 198, "16, 3, 0"),
    "socket of the host (vsock)": (41, 198, "40, 1, 0"),
    "socket of the kernel's ciphers": (41, 198, "38, 5, 0"),
    "socket of raw packets": (41, 198, "17, 3, 0"),
    "socketpair": (53, 199, "1, 1, 0, bytes(8)"),
    "sendmsg over the pipe": (46, 211, "1, bytes(56), 0"),
    "recvmsg over the pipe": (47, 212, "0, bytes(56), 0"),
    "io_uring_setup": (425, 425, "1, bytes(120)"),
    "io_uring_enter": (426, 426, "-1, 0, 0, 0, 0, 0"),
    "io_uring_register": (427, 427, "-1, 0, 0, 0"),
    "io_setup": (206, 0, "1, bytes(8)"),
    "userfaultfd": (323, 282, "1"),
    "bpf": (321, 280, "0, bytes(72), 72"),
    "perf_event_open": (298, 241, "bytes(128), PARENT, -1, -1, 0"),
    "seccomp undone": (317, 277, "0, 0, 0"),
    "landlock_create_ruleset": (444, 444, "0, 0, 1"),
    "prctl asks": (157, 167, "3, 0, 0, 0, 0"),
    "arch_prctl": (158, None, "0x1004, bytes(8)"),
    "modify_ldt": (154, None, "0, bytes(16), 16"),
    "iopl": (172, None, "0"),
    "personality": (135, 92, "0xffffffff"),
    "setuid": (105, 146, "0"),
    "setgid": (106, 144, "0"),
    "setresuid": (117, 147, "-1, -1, -1"),
    "setgroups": (116, 159, "0, 0"),
    "capget": (125, 90, "bytes(8), bytes(24)"),
    "capset": (126, 91, "bytes(8), bytes(24)"),
    "chroot": (161, 51, "b'/'"),
    "pivot_root": (155, 41, "b'/', b'/'"),
    "mount": (165, 40, "b'none', b'/@MARK@', b'tmpfs', 0, 0"),
    "umount2": (166, 39, "b'/@MARK@', 0"),
    "fsopen": (430, 430, "b'tmpfs', 0"),
    "open_tree": (428, 428, "-100, b'/', 0"),
    "unshare": (272, 97, "0"),
    "setns": (308, 268, "-1, 0"),
    "sethostname": (170, 161, "0, -1"),
    "syslog": (103, 116, "10, 0, 0"),
    "sysinfo": (99, 179, "bytes(128)"),
    "getrusage": (98, 165, "0, bytes(256)"),
    "times": (100, 153, "bytes(64)"),
    "init_module": (175, 105, "0, 0, b''"),
    "finit_module": (313, 273, "-1, b'', 0"),
    "kexec_load": (246, 104, "0, 99999, 0, -1"),
    "reboot": (169, 142, "0, 0, 0, 0"),
    "swapon": (167, 224, "b'/@MARK@', 0"),
    "quotactl": (179, 60, "0, 0, 0, 0"),
    "acct": (163, 89, "b'/@MARK@'"),
    "settimeofday": (164, 170, "0, 0"),
    "adjtimex": (159, 171, "bytes(256)"),
    "keyctl": (250, 219, "0, -3, 0"),
    "add_key": (248, 217, "b'user', b'racecraft', b'x', 1, -2"),
    "request_key": (249, 218, "b'user', b'racecraft', 0, 0"),
    "shmget": (29, 194, "0, 4096, 0o1600"),
    "shmat": (30, 196, "-1, 0, 0o100000"),
    "semget": (64, 190, "0, 1, 0o1600"),
    "msgget": (68, 186, "0, 0o1600"),
    "mq_open": (240, 180, "b'racecraft', 0, 0, 0"),
    "inotify_init1": (294, 26, "0"),
    "fanotify_init": (300, 262, "0, 0"),
    "eventfd2": (290, 19, "0, 0"),
    "signalfd4": (289, 74, "-1, bytes(8), 8, 0"),
    "epoll_create1": (291, 20, "0"),
    "poll": (7, None, "0, 0, 0"),
    "pselect6": (270, 72, "0, 0, 0, 0, bytes(16), 0"),
    "pipe2": (293, 59, "bytes(8), 0"),
    "dup": (32, 23, "1"),
    "dup3": (292, 24, "1, 9, 0"),
    "close": (3, 57, "99"),
    "close_range": (436, 436, "99, 99, 0"),
    "fcntl asks": (72, 25, "1, 3, 0"),
    "fcntl makes the pipe larger": (72, 25, "1, 1031, 1048576"),
    "fcntl names the parent as owner": (72, 25, "1, 8, PARENT"),
    "ioctl pushes a key": (16, 29, "0, 0x5412, b'x'"),
    "ioctl makes the pipe signal": (16, 29, "1, 0x5452, bytes(4)"),
    "lseek": (8, 62, "0, 0, 1"),
    "pread64": (17, 67, "@INHERITED@, bytes(99), 99, 0"),
    "readv": (19, 65, "0, bytes(16), 0"),
    "preadv2": (327, 286, "0, bytes(16), 0, 0, 0, 0"),
    "writev": (20, 66, "1, bytes(16), 0"),
    "pwritev2": (328, 287, "1, bytes(16), 0, 0, 0, 0"),
    "sendfile": (40, 71, "1, 0, 0, 0"),
    "splice": (275, 76, "0, 0, 1, 0, 0, 0"),
    "tee": (276, 77, "0, 1, 0, 0"),
    "vmsplice": (278, 75, "1, bytes(16), 0, 0"),
    "copy_file_range": (326, 285, "0, 0, 1, 0, 0, 0"),
    "ftruncate": (77, 46, "1, 0"),
    "pkey_alloc": (330, 289, "0, 0"),
    "pkey_mprotect": (329, 288, "0, 0, 7, -1"),
    "remap_file_pages": (216, 234, "0, 0, 0, 0, 0"),
    "mlock": (149, 228, "0, 0"),
    "mbind": (237, 235, "0, 0, 0, 0, 0, 0"),
    "membarrier": (324, 283, "0, 0, 0"),
    "sched_setscheduler": (144, 119, "0, 1, bytes(8)"),
    "sched_setattr": (314, 274, "PARENT, 0, 0"),
    "ioprio_set": (251, 30, "1, PARENT, 0"),
    "setpgid": (109, 154, "0, 0"),
    "setsid": (112, 157, ""),
    "getsid of the parent": (124, 156, "PARENT"),
    "umask": (95, 166, "0o22"),
    "set_mempolicy": (238, 237, "0, 0, 0"),
    "uselib": (134, None, "b'/@MARK@'"),
    "sysfs": (139, None, "3"),
    "getcwd": (79, 17, "bytes(99), 99"),
    "uname": (63, 160, "bytes(400)"),
    "the x32 way to fork": (0x40000000 + 57, None, ""),
    "the x32 way to open": (0x40000000 + 2, None, "@FILE@.encode(), 0"),
    "the x32 way to write": (0x40000000 + 1, None, "1, b'', 0"),
    "a call that does not exist": (9999, 9999, ""),
    "a negative call": (-1, -1, ""),
}


_UNASKED = "15, 34, 56, 57, 58, 60, 130, 153, 169, 231, 335, 336"
"""Calls that must not be tried at random: they end or split a process, or wait for ever.

Numbers 335 and 336 of x86_64 belong to the kernel's own probes: no filter sees them, and they
refuse whoever is not called by such a probe.
"""
_GRANTED = {
    "x86_64": (11, 12, 24, 25, 28, 35, 39, 96, 186, 201, 202, 204, 219, 228, 229, 230, 309, 318),
    "aarch64": (98, 101, 113, 114, 115, 123, 124, 128, 168, 169, 172, 178, 214, 215, 216, 233, 278),
}
"""What a locked process may call with any arguments. Add to these only what can do no harm."""


def _kernel_probes() -> list[Probe]:
    column = {"x86_64": 0, "aarch64": 1}.get(platform.machine())
    if column is None:
        return []
    probes = []
    for name, row in _CALLS.items():
        number, arguments = row[column], row[2]
        if number is not None:
            call = f"return kernel({number}, {arguments})"
            probes.append(Probe(f"kernel: {name}", call, opens=False))
    every = f"""
        known = {{{_UNASKED}, *{_GRANTED[platform.machine()]}}}
        tried = [number for number in range(600) if number not in known]
        return [number for number in tried if kernel(number, -1, -1, -1, -1, -1, -1)] or None
    """
    return [*probes, Probe("kernel: every other call", every, opens=False)]


KERNEL = _kernel_probes()
