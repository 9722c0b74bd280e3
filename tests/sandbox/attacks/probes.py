"""All probes: files, secrets, the network, processes, signals, memory and the kernel."""

from __future__ import annotations

from tests.sandbox.attacks.kernel_calls import KERNEL
from tests.sandbox.attacks.probe import Probe

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


PROBES = [*FILES, *SECRETS, *NETWORK, *PROCESSES, *SIGNALS, *MEMORY, *KERNEL]
