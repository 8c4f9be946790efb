package dev.holdfast.steer.dns;

import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Linux's {@code recvmmsg} and {@code sendmmsg}: one call of the kernel for up to 64 packets, and
 * no object for any of them. Several sockets share a port ({@code SO_REUSEPORT}), one a thread, and
 * the kernel spreads clients among them. Listening on the wildcard address, each answer leaves from
 * the address that its question came to.
 *
 * <p>The layouts are those of 64-bit Linux, which differ between no two of its architectures.
 */
final class BatchSocket implements PacketSocket {
    private static final int BATCH = 64;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEPORT = 15;
    private static final int SO_RCVBUF = 8;
    private static final int SO_RCVTIMEO = 20;
    private static final int IPPROTO_IP = 0;
    private static final int IP_PKTINFO = 8;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;
    private static final int IPV6_RECVPKTINFO = 49;
    private static final int MSG_WAITFORONE = 0x10000;
    private static final int SHUT_RDWR = 2;
    private static final int EINTR = 4;
    private static final int EAGAIN = 11;

    private static final int RECEIVE_BUFFER_BYTES = 4 << 20;
    private static final long WAKE_MICROS = 250_000;

    private static final long NAME_BYTES = 32;
    private static final long CONTROL_BYTES = 64;
    private static final long IOVEC_BYTES = 16;

    // struct mmsghdr: struct msghdr, then the length that came.
    private static final long HEADER_BYTES = 64;
    private static final long NAME = 0;
    private static final long NAME_LENGTH = 8;
    private static final long IOVECS = 16;
    private static final long IOVEC_COUNT = 24;
    private static final long CONTROL = 32;
    private static final long CONTROL_LENGTH = 40;
    private static final long RECEIVED = 56;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfShort BIG_SHORT =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final AddressLayout POINTER = ValueLayout.ADDRESS;

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    /** The functions of the C library, or null where there are none that this class knows. */
    private static final @Nullable Calls CALLS = isLinux() ? Calls.find() : null;

    private record Calls(
            MethodHandle socket,
            MethodHandle setsockopt,
            MethodHandle bind,
            MethodHandle getsockname,
            MethodHandle recvmmsg,
            MethodHandle sendmmsg,
            MethodHandle shutdown,
            MethodHandle close) {

        static @Nullable Calls find() {
            try {
                return new Calls(
                        call("socket", FunctionDescriptor.of(INT, INT, INT, INT)),
                        call("setsockopt", FunctionDescriptor.of(INT, INT, INT, INT, POINTER, INT)),
                        call("bind", FunctionDescriptor.of(INT, INT, POINTER, INT)),
                        call("getsockname", FunctionDescriptor.of(INT, INT, POINTER, POINTER)),
                        call(
                                "recvmmsg",
                                FunctionDescriptor.of(INT, INT, POINTER, INT, INT, POINTER)),
                        call("sendmmsg", FunctionDescriptor.of(INT, INT, POINTER, INT, INT)),
                        call("shutdown", FunctionDescriptor.of(INT, INT, INT)),
                        call("close", FunctionDescriptor.of(INT, INT)));
            } catch (RuntimeException | LinkageError e) {
                return null; // no such function, or native access is not allowed
            }
        }

        @SuppressWarnings("restricted") // what the kernel offers is not in the JDK
        private static MethodHandle call(String name, FunctionDescriptor shape) {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(
                    linker.defaultLookup().findOrThrow(name),
                    shape,
                    Linker.Option.captureCallState("errno"));
        }
    }

    private final Calls calls;
    private final Arena arena = Arena.ofShared();
    private final int descriptor;
    private final InetSocketAddress address;
    private final boolean isWildcard;
    private final byte[] packet = new byte[MAX_PACKET_BYTES];
    private final byte[] from;
    private final long addressAt;
    private volatile boolean closed;
    private boolean released;

    // One set of slots for what comes, one for what goes.
    private final MemorySegment state = arena.allocate(STATE);
    private final MemorySegment incoming = arena.allocate(HEADER_BYTES * BATCH, 8);
    private final MemorySegment outgoing = arena.allocate(HEADER_BYTES * BATCH, 8);
    private final MemorySegment names = arena.allocate(NAME_BYTES * BATCH, 8);
    private final MemorySegment controls = arena.allocate(CONTROL_BYTES * BATCH, 8);
    private final MemorySegment received = arena.allocate((long) MAX_PACKET_BYTES * BATCH, 8);
    private final MemorySegment answers = arena.allocate((long) MAX_PACKET_BYTES * BATCH, 8);
    private final MemorySegment outgoingPieces = arena.allocate(IOVEC_BYTES * BATCH, 8);

    /** Slots in which the kernel has written lengths of its own; all of them at first. */
    private int used = BATCH;

    private int queued;

    /** Whether this machine has what it takes. */
    static boolean isAvailable() {
        return CALLS != null;
    }

    private static boolean isLinux() {
        return "Linux".equals(System.getProperty("os.name")) && POINTER.byteSize() == 8;
    }

    /**
     * Listens, beside other sockets on the same port.
     *
     * @param at port 0 for any free one
     */
    BatchSocket(InetSocketAddress at) throws IOException {
        this.calls = Objects.requireNonNull(CALLS, "no batches of packets on this system");
        InetAddress local = Objects.requireNonNull(at.getAddress(), "a name is not resolved");
        boolean v6 = local instanceof Inet6Address;
        this.isWildcard = local.isAnyLocalAddress();
        this.from = new byte[v6 ? 16 : 4];
        this.addressAt = v6 ? 8 : 4;
        this.descriptor = socket(v6 ? AF_INET6 : AF_INET);
        try {
            option(SOL_SOCKET, SO_REUSEPORT, 1);
            option(SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_BYTES);
            MemorySegment wake = arena.allocate(16, 8);
            wake.set(LONG, 8, WAKE_MICROS);
            option(SOL_SOCKET, SO_RCVTIMEO, wake);
            if (v6) option(IPPROTO_IPV6, IPV6_V6ONLY, 1);
            if (isWildcard && v6) option(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
            if (isWildcard && !v6) option(IPPROTO_IP, IP_PKTINFO, 1);
            this.address = bind(local, at.getPort());
        } catch (IOException e) {
            close();
            release();
            throw e;
        }
        prepare();
    }

    private void prepare() {
        MemorySegment pieces = arena.allocate(IOVEC_BYTES * BATCH, 8);
        for (int i = 0; i < BATCH; i++) {
            piece(pieces, i, received.asSlice((long) MAX_PACKET_BYTES * i), MAX_PACKET_BYTES);
            long at = HEADER_BYTES * i;
            incoming.set(POINTER, at + NAME, names.asSlice(NAME_BYTES * i));
            if (isWildcard)
                incoming.set(POINTER, at + CONTROL, controls.asSlice(CONTROL_BYTES * i));
            incoming.set(POINTER, at + IOVECS, pieces.asSlice(IOVEC_BYTES * i));
            incoming.set(LONG, at + IOVEC_COUNT, 1);
            piece(outgoingPieces, i, answers.asSlice((long) MAX_PACKET_BYTES * i), 0);
            outgoing.set(POINTER, at + IOVECS, outgoingPieces.asSlice(IOVEC_BYTES * i));
            outgoing.set(LONG, at + IOVEC_COUNT, 1);
        }
    }

    private static void piece(MemorySegment pieces, int index, MemorySegment base, long length) {
        pieces.set(POINTER, IOVEC_BYTES * index, base);
        pieces.set(LONG, IOVEC_BYTES * index + 8, length);
    }

    @Override
    public int receive() throws IOException {
        for (; used > 0; used--) {
            long at = HEADER_BYTES * (used - 1);
            incoming.set(INT, at + NAME_LENGTH, (int) NAME_BYTES);
            if (isWildcard) incoming.set(LONG, at + CONTROL_LENGTH, CONTROL_BYTES);
        }
        if (closed) throw new IOException("closed");
        int count;
        try {
            count =
                    (int)
                            calls.recvmmsg()
                                    .invokeExact(
                                            state,
                                            descriptor,
                                            incoming,
                                            BATCH,
                                            MSG_WAITFORONE,
                                            MemorySegment.NULL);
        } catch (Throwable e) {
            throw new IllegalStateException("recvmmsg", e);
        }
        if (closed) throw new IOException("closed");
        if (count >= 0) {
            used = count;
            return count;
        }
        int error = (int) ERRNO.get(state, 0L);
        if (error == EAGAIN || error == EINTR) return 0;
        throw new IOException("receiving at " + address + ": error " + error);
    }

    @Override
    public byte[] packet(int index) {
        MemorySegment.copy(
                received,
                ValueLayout.JAVA_BYTE,
                (long) MAX_PACKET_BYTES * index,
                packet,
                0,
                length(index));
        return packet;
    }

    @Override
    public int length(int index) {
        return incoming.get(INT, HEADER_BYTES * index + RECEIVED);
    }

    @Override
    public byte[] from(int index) {
        MemorySegment.copy(
                names, ValueLayout.JAVA_BYTE, NAME_BYTES * index + addressAt, from, 0, from.length);
        return from;
    }

    @Override
    public void answer(int index, byte[] bytes, int length) {
        int slot = queued++;
        MemorySegment.copy(
                bytes, 0, answers, ValueLayout.JAVA_BYTE, (long) MAX_PACKET_BYTES * slot, length);
        outgoingPieces.set(LONG, IOVEC_BYTES * slot + 8, length);
        long to = HEADER_BYTES * slot;
        long came = HEADER_BYTES * index;
        outgoing.set(POINTER, to + NAME, names.asSlice(NAME_BYTES * index));
        outgoing.set(INT, to + NAME_LENGTH, incoming.get(INT, came + NAME_LENGTH));
        // What said where it came to, says from where to send.
        long control = isWildcard ? incoming.get(LONG, came + CONTROL_LENGTH) : 0;
        outgoing.set(
                POINTER,
                to + CONTROL,
                control > 0 ? controls.asSlice(CONTROL_BYTES * index) : MemorySegment.NULL);
        outgoing.set(LONG, to + CONTROL_LENGTH, control);
    }

    @Override
    public void flush() {
        int sent = 0;
        while (sent < queued && !closed) {
            try {
                int count =
                        (int)
                                calls.sendmmsg()
                                        .invokeExact(
                                                state,
                                                descriptor,
                                                outgoing.asSlice(HEADER_BYTES * sent),
                                                queued - sent,
                                                0);
                // The first of them is refused; perhaps the others are not.
                sent += Math.max(1, count);
            } catch (Throwable e) {
                throw new IllegalStateException("sendmmsg", e);
            }
        }
        queued = 0;
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public synchronized void close() {
        closed = true;
        // The number may be another's by then.
        if (released) return;
        try (Arena own = Arena.ofConfined()) {
            // A receive that waits ends by this, and at the latest by its own time.
            MemorySegment error = own.allocate(STATE);
            int _ = (int) calls.shutdown().invokeExact(error, descriptor, SHUT_RDWR);
        } catch (Throwable e) {
            throw new IllegalStateException("shutdown", e);
        }
    }

    @Override
    public synchronized void release() {
        closed = true;
        released = true;
        try {
            int _ = (int) calls.close().invokeExact(state, descriptor);
        } catch (Throwable e) {
            throw new IllegalStateException("close", e);
        }
        arena.close();
    }

    private int socket(int family) throws IOException {
        try {
            int opened = (int) calls.socket().invokeExact(state, family, SOCK_DGRAM_CLOEXEC, 0);
            if (opened < 0) throw new IOException("no socket");
            return opened;
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("socket", e);
        }
    }

    private void option(int level, int name, int value) throws IOException {
        MemorySegment number = arena.allocate(INT);
        number.set(INT, 0, value);
        option(level, name, number);
    }

    private void option(int level, int name, MemorySegment value) throws IOException {
        try {
            int result =
                    (int)
                            calls.setsockopt()
                                    .invokeExact(
                                            state,
                                            descriptor,
                                            level,
                                            name,
                                            value,
                                            (int) value.byteSize());
            if (result < 0)
                throw new IOException("option " + name + ": error " + (int) ERRNO.get(state, 0L));
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("setsockopt", e);
        }
    }

    private InetSocketAddress bind(InetAddress local, int port) throws IOException {
        boolean v6 = local instanceof Inet6Address;
        MemorySegment name = arena.allocate(NAME_BYTES, 8);
        name.set(ValueLayout.JAVA_SHORT, 0, (short) (v6 ? AF_INET6 : AF_INET));
        name.set(BIG_SHORT, 2, (short) port);
        byte[] bytes = local.getAddress();
        MemorySegment.copy(bytes, 0, name, ValueLayout.JAVA_BYTE, addressAt, bytes.length);
        if (local instanceof Inet6Address scoped) name.set(INT, 24, scoped.getScopeId());
        int size = v6 ? 28 : 16;
        MemorySegment length = arena.allocate(INT);
        length.set(INT, 0, size);
        try {
            if ((int) calls.bind().invokeExact(state, descriptor, name, size) < 0)
                throw new IOException(
                        "listening at "
                                + local
                                + " port "
                                + port
                                + ": error "
                                + (int) ERRNO.get(state, 0L));
            if ((int) calls.getsockname().invokeExact(state, descriptor, name, length) < 0)
                throw new IOException("no address");
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("bind", e);
        }
        return new InetSocketAddress(local, name.get(BIG_SHORT, 2) & 0xffff);
    }
}
