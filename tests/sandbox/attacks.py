"""What a hostile author of reward functions would write: data for `test_attacks.py`.

A *probe* tries one thing and goes on living. Its text is the body of a function that returns what
it got hold of (anything but None), so many probes can be asked one after the other in one locked
process. `attacks_assaults.py` holds those that do not go on living.

Words between @ signs are replaced by the places of the secrets (`attacks_stage.py`). Nothing here
harms a machine if it gets through: signals to everybody are number 0, bombs are small.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass
from textwrap import dedent, indent

LOOT = 666.0
"""What a probe that got through returns as its reward."""

USUAL = 1.0
"""What any other probe returns."""


@dataclass(frozen=True)
class Probe:
    """One thing that must not be possible."""

    name: str
    body: str
    """Of a function; returns what it got hold of, else None, or raises."""
    opens: bool = True
    """Whether it gets through when nothing is locked, so that it is known to be a real try."""


PRELUDE = '''
import json

_inside = json.loads.__globals__["__builtins__"]  # the real ones, without a guard
_inside = _inside if isinstance(_inside, dict) else vars(_inside)
real_import = _inside["__import__"]
sys = real_import("sys")
os = sys.modules["posix"] if "posix" in sys.modules else real_import("posix")
ctypes = sys.modules.get("ctypes") or real_import("ctypes")
machine = ctypes.CDLL(None, use_errno=True)
machine.syscall.restype = ctypes.c_long
PARENT = @PARENT@


def module(name):
    real_import(name)
    return sys.modules[name]


def freely(call, *arguments):
    """A call of what is written in C and imports by the rules of who calls it."""
    return eval("call(*arguments)", {"__builtins__": _inside, "call": call, "arguments": arguments})


def kernel(number, *arguments):
    """A call of the kernel without Python in between; anything but "not permitted" is loot."""
    ctypes.set_errno(0)
    values = [a if isinstance(a, bytes) else ctypes.c_long(a) for a in arguments]
    answer = machine.syscall(ctypes.c_long(number), *values)
    problem = ctypes.get_errno()
    return None if (answer, problem) == (-1, 1) else f"call {number}: {answer}, error {problem}"
'''


def probing(probes: list[Probe]) -> str:
    """One reward function with all these probes; `steps` says which one a call tries."""
    parts = ["import numpy\n" + PRELUDE]
    for number, probe in enumerate(probes):
        body = indent(dedent(probe.body).strip(), "    ")
        parts.append(f"def probe_{number}():\n{body}\n")
    parts.append(
        dedent(
            f"""
            def reward_function(params):
                try:
                    loot = globals()["probe_%d" % params["steps"]]()
                except BaseException as error:
                    print("stopped by", type(error).__name__, error)
                    return {USUAL}
                if loot is None:
                    print("nothing")
                    return {USUAL}
                print("got", repr(loot)[:300])
                return {LOOT}
            """
        )
    )
    return "\n\n".join(parts)


FILES = [
    Probe("open a file", "return open(@FILE@).read()"),
    Probe("open a file by a class found by its name", """
        for kind in object.__subclasses__():
            if kind.__name__ == "_IOBase":
                raw = [k for k in kind.__subclasses__() if k.__name__ == "_RawIOBase"][0]
                return [k for k in raw.__subclasses__() if k.__name__ == "FileIO"][0](@FILE@).read()
    """),
    Probe("open a file by posix", "return os.read(os.open(@FILE@, 0), 100)"),
    Probe("open a file by io.open_code", "return freely(module('io').open_code, @FILE@).read()"),
    Probe("open a file by codecs", "return module('codecs').open(@FILE@).read()"),
    Probe("open a file by linecache", "return module('linecache').getlines(@FILE@) or None"),
    Probe("open a file by tokenize", "return module('tokenize').open(@FILE@).read()"),
    Probe("open a file by the import system", """
        machinery = module("importlib.machinery")
        return machinery.SourceFileLoader("x", @FILE@).get_data(@FILE@)
    """),
    Probe("open a file by pathlib", "return module('pathlib').Path(@FILE@).read_text()"),
    Probe("open a file by logging", "return module('logging').FileHandler(@FILE@, 'r').stream"),
    Probe("read a file by numpy.fromfile", "return freely(numpy.fromfile, @FILE@, 'u1')"),
    Probe("read a file by numpy.genfromtxt", "return numpy.genfromtxt(@FILE@, dtype='S99')"),
    Probe("map a file by numpy.memmap", "return bytes(numpy.memmap(@FILE@, mode='r'))"),
    Probe("read a file by numpy's DataSource", """
        return numpy.lib.npyio.DataSource(None).open(@FILE@).read()
    """),
    Probe("write a file by numpy.save", """
        numpy.save(@FOLDER@ + "/@MARK@", numpy.zeros(3))
        return "saved"
    """),
    Probe("write a file by ndarray.tofile", """
        freely(numpy.zeros(3).tofile, @FOLDER@ + "/@MARK@")
        return "saved"
    """),
    Probe("read a file by the C library", """
        handle = machine.open(@FILE@.encode(), 0)
        text = ctypes.create_string_buffer(100)
        return text.value if handle >= 0 and machine.read(handle, text, 99) > 0 else None
    """),
    Probe("load a library", "return ctypes.CDLL(@LIBRARY@)"),
    Probe("load a library by numpy", """
        folder, _, name = @LIBRARY@.rpartition("/")
        return module("numpy.ctypeslib").load_library(name, folder)
    """),
    Probe("list a folder", "return os.listdir(@FOLDER@)"),
    Probe("scan the root folder", "return [entry.name for entry in os.scandir('/')]"),
    Probe("ask for the size of a file", "return os.stat(@FILE@).st_size"),
    Probe("ask whether a file can be read", "return os.access(@FILE@, 4) or None"),
    Probe("tell a file that exists from one that does not", """
        def told(ask, path):
            try:
                return ask(path)
            except OSError as error:
                return error.errno
        asks = [os.stat, os.lstat, os.readlink, os.listdir, os.rmdir, os.chdir, open]
        asks += [lambda path: os.access(path, 0), lambda path: os.open(path, 0)]
        for ask in asks:
            if told(ask, @FILE@) != told(ask, @FILE@ + "-not-there"):
                return str(ask)
    """),
    Probe("ask for the working folder", "return os.getcwd()"),
    Probe("ask which program runs", "return os.readlink('/proc/self/exe')"),
    Probe("go to another folder", "return os.chdir('/') or 'gone'"),
    Probe("write a file", "return os.write(os.open(@FOLDER@ + '/@MARK@', 65), b'x')"),
    Probe("write to shared memory", "return os.open('/dev/shm/@MARK@', 66)"),
    Probe("write to the temporary folder", "return open('/tmp/@MARK@', 'w').write('x')"),
    Probe("make a temporary file", "return module('tempfile').TemporaryFile()"),
    Probe("make a folder", "return os.mkdir(@FOLDER@ + '/@MARK@-folder') or 'made'"),
    Probe("make a link", "return os.symlink('/', @FOLDER@ + '/@MARK@-link') or 'made'"),
    Probe("make a pipe with a name", "return os.mkfifo(@FOLDER@ + '/@MARK@-pipe') or 'made'"),
    Probe("rename a file", """
        os.rename(@VICTIM@, @VICTIM@ + "-renamed")
        os.rename(@VICTIM@ + "-renamed", @VICTIM@)
        return "renamed"
    """),
    Probe("open a file to write", "return os.open(@VICTIM@, 1)"),
    Probe("cut a file", "return os.truncate(@VICTIM@, 0) or 'cut'"),
    Probe("change the rights of a file", "return os.chmod(@VICTIM@, 0o777) or 'changed'"),
    Probe("change the times of a file", "return os.utime(@VICTIM@, (1, 1)) or 'changed'"),
    Probe("remove a file", "return os.unlink(@VICTIM@) or 'removed'"),
]  # fmt: skip

SECRETS = [
    Probe("read the environment", """
        found = [str(part) for part in (os.environ, module("os").environ) if "canary-" in str(part)]
        return found or None
    """),
    Probe("read the environment of the C library", """
        machine.getenv.restype = ctypes.c_char_p
        return machine.getenv(b"RACECRAFT_CANARY")
    """),
    Probe("read the environment of the parent", """
        return open("/proc/%d/environ" % PARENT, "rb").read()
    """),
    Probe("read the command line of the parent", """
        return open("/proc/%d/cmdline" % PARENT, "rb").read()
    """),
    Probe("read the map of the parent's memory", "return open('/proc/%d/maps' % PARENT).read(99)"),
    Probe("read the memory of the parent", """
        return open("/proc/%d/mem" % PARENT, "rb", 0)
    """),
    Probe("list what the parent has open", "return os.listdir('/proc/%d/fd' % PARENT)"),
    Probe("open what the parent has open", "return os.open('/proc/%d/fd/0' % PARENT, 2048)"),
    Probe("read its own map of memory", "return open('/proc/self/maps').read(99)"),
    Probe("write its own memory by a file", "return os.open('/proc/self/mem', 2)"),
    Probe("list all processes", "return os.listdir('/proc')"),
    Probe("read from inherited descriptors", """
        for handle in range(1100, 1, -1):
            try:
                return handle, os.read(handle, 100)
            except OSError as error:
                problem = error.errno
        return None if problem == 1 else problem
    """),
    Probe("read the inherited pipe", "return os.read(@INHERITED@, 100)"),
    Probe("write to inherited descriptors", """
        written = []
        for handle in range(3, 1100):
            try:
                written.append((handle, os.write(handle, b"canary")))
            except OSError:
                pass
        return written or None
    """),
    Probe("write to the error stream", "return os.write(2, b'canary')"),
    Probe("ask about inherited descriptors", "return os.fstat(@INHERITED@).st_mode"),
    Probe("find the secret in its own memory", """
        for thing in module("gc").get_objects():
            if isinstance(thing, dict) and thing.get("RACECRAFT_CANARY"):
                return "found"
        stacks = sys._current_frames().values()
        for frame in stacks:
            while frame:
                if "@TAIL@"[::-1] in repr(frame.f_locals):
                    return "found"
                frame = frame.f_back
    """, opens=False),
    Probe("ask for the name of the machine", "return os.uname().nodename"),
    Probe("ask who started this", "return os.getlogin()", opens=False),
    Probe("read the user list", "return module('pwd').getpwall() or None"),
]  # fmt: skip

NETWORK = [
    Probe("connect by the socket module", """
        return module("socket").create_connection(("127.0.0.1", @PORT@), 1)
    """),
    Probe("connect by TCP", """
        handle = machine.socket(2, 1, 0)
        address = b"\\x02\\x00" + (@PORT@).to_bytes(2, "big") + b"\\x7f\\x00\\x00\\x01" + bytes(8)
        return handle if handle >= 0 and machine.connect(handle, address, 16) == 0 else None
    """),
    Probe("connect to a socket with a path", """
        handle = machine.socket(1, 1, 0)
        address = b"\\x01\\x00" + @SOCKET@.encode() + bytes(1)
        return handle if machine.connect(handle, address, len(address)) == 0 else None
    """),
    Probe("connect to an abstract socket", """
        handle = machine.socket(1, 1, 0)
        address = b"\\x01\\x00\\x00" + @ABSTRACT@.encode()
        return handle if machine.connect(handle, address, len(address)) == 0 else None
    """),
    Probe("send a datagram", """
        handle = machine.socket(2, 2, 0)
        address = b"\\x02\\x00" + (@PORT@).to_bytes(2, "big") + b"\\x7f\\x00\\x00\\x01" + bytes(8)
        return machine.sendto(handle, b"x", 1, 0, address, 16) if handle >= 0 else None
    """),
    Probe("open a page", "return module('urllib.request').urlopen('http://127.0.0.1:%d' % @PORT@)",
          opens=False),
    Probe("look up a name", "return module('socket').gethostbyname('localhost')"),
]  # fmt: skip

PROCESSES = [
    Probe("run a command", "return os.system('true') == 0 or None"),
    Probe("run a command by the C library", "return machine.system(b'true') == 0 or None"),
    Probe("run a command by subprocess", "return module('subprocess').check_output(['id'])"),
    Probe("run a program by posix_spawn", "return os.posix_spawn('/bin/true', ['true'], {})"),
    Probe("become another program", """
        failed = os.execv("/@MARK@", ["x"])
        return failed
    """, opens=False),
    Probe("become another program by the C library", """
        machine.execl(b"/@MARK@", b"x", None)
        return None if ctypes.get_errno() == 1 else ctypes.get_errno()
    """),
    Probe("fork", """
        child = os.fork()
        if child == 0:
            os._exit(0)
        return child
    """),
    Probe("fork a hundred times", """
        made = []
        for _ in range(100):
            child = machine.fork()
            if child == 0:
                os._exit(0)
            made += [child] if child > 0 else []
        return made or None
    """),
    Probe("start a thread", "return module('_thread').start_new_thread(print, ())"),
    Probe("start a thread by threading", """
        thread = module("threading").Thread(target=print)
        thread.start()
        return "started"
    """),
    Probe("start a thread by the C library", """
        thread = ctypes.c_ulong()
        library = ctypes.pythonapi.Py_GetVersion
        return machine.pthread_create(ctypes.byref(thread), None, library, None) == 0 or None
    """),
    Probe("let a pool of processes work", """
        return module("multiprocessing").get_context("fork").Process(target=print).start() or "runs"
    """),
]  # fmt: skip

SIGNALS = [
    Probe("stop the parent", "return os.kill(PARENT, 19) or 'stopped'", opens=False),
    Probe("kill the parent", "return os.kill(PARENT, 9) or 'killed'", opens=False),
    Probe("reach the parent by a signal", "return os.kill(PARENT, 0) or 'reached'"),
    Probe("reach everybody by a signal", "return os.kill(-1, 0) or 'reached'"),
    Probe("reach its own group by a signal", "return os.killpg(0, 0) or 'reached'"),
    Probe("interrupt the parent by sigqueue", "return machine.sigqueue(PARENT, 0, 0) == 0 or None"),
    Probe("wait for others", "return os.waitpid(-1, 1)", opens=False),
    Probe("keep the death of the parent from itself", """
        return None if machine.prctl(1, 0, 0, 0, 0) else "will live on"
    """),
    Probe("become visible to a debugger", "return None if machine.prctl(4, 1, 0, 0, 0) else 1"),
    Probe("disarm the timer", """
        return module("_signal").setitimer(2, 0, 0)
    """),
    Probe("block signals", "return module('_signal').pthread_sigmask(0, [27, 14, 24])"),
    Probe("replace the answer to a signal by the C library", """
        return None if machine.signal(27, 1) == -1 else "ignored"
    """),
    Probe("raise a limit", "return module('resource').setrlimit(6, (9, 9)) or 'raised'"),
    Probe("raise a limit by the C library", """
        return None if machine.setrlimit(1, (ctypes.c_long * 2)(-1, -1)) else "raised"
    """),
    Probe("take the processor from the parent", """
        return os.sched_setaffinity(PARENT, [0]) or "taken"
    """),
    Probe("slow the parent down", "return os.setpriority(0, PARENT, 19) or 'slowed'"),
]  # fmt: skip

MEMORY = [
    Probe("map memory that can be run", """
        machine.mmap.restype = ctypes.c_long
        return None if machine.mmap(0, 4096, 7, 34, -1, 0) == -1 else "mapped"
    """),
    Probe("map memory that can be run by the mmap module", """
        return module("mmap").mmap(-1, 4096, prot=7)
    """),
    Probe("make memory executable and run it", """
        space = ctypes.create_string_buffer(8192)
        page = (ctypes.addressof(space) + 4095) & ~4095
        ctypes.memmove(page, @RETURN_42@, len(@RETURN_42@))
        if machine.mprotect(ctypes.c_long(page), ctypes.c_long(4096), 7):
            return None
        return ctypes.CFUNCTYPE(ctypes.c_int)(page)()
    """),
    Probe("make the code of a library writable and executable", """
        place = ctypes.cast(machine.getpid, ctypes.c_void_p).value & ~4095
        return None if machine.mprotect(ctypes.c_long(place), ctypes.c_long(4096), 7) else "made"
    """),
    Probe("keep memory in place", "return None if machine.mlockall(3) else 'kept'", opens=False),
    Probe("unpickle a command", """
        return freely(module("pickle").loads, b"cposix\\nsystem\\n(S'true'\\ntR.") == 0 or None
    """),
]  # fmt: skip

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


PROBES = [*FILES, *SECRETS, *NETWORK, *PROCESSES, *SIGNALS, *MEMORY, *_kernel_probes()]
