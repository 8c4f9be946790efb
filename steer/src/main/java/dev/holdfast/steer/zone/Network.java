package dev.holdfast.steer.zone;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * All addresses that begin with the same bits, such as {@code 10.1.0.0/16} or {@code
 * 2001:db8::/32}.
 *
 * @param address its first one
 * @param bits how many bits they have in common
 */
public record Network(InetAddress address, int bits) {
    public Network {
        byte[] bytes = address.getAddress();
        if (bits < 0 || bits > bytes.length * 8)
            throw new IllegalArgumentException(
                    "a prefix of an address has 0 to " + bytes.length * 8 + " bits, not " + bits);
        if (!Arrays.equals(bytes, masked(bytes, bits)))
            throw new IllegalArgumentException(
                    address.getHostAddress() + "/" + bits + " has bits beyond its prefix");
    }

    /**
     * Reads one; an address alone is a network of one.
     *
     * @throws IllegalArgumentException when {@code text} is none; the message says what one is
     */
    public static Network parse(String text) {
        int slash = text.indexOf('/');
        String first = slash < 0 ? text : text.substring(0, slash);
        try {
            InetAddress address = InetAddress.ofLiteral(first);
            int bits =
                    slash < 0
                            ? address.getAddress().length * 8
                            : Integer.parseInt(text.substring(slash + 1), 10);
            return new Network(address, bits);
        } catch (NumberFormatException e) {
            throw refused(text, e);
        } catch (IllegalArgumentException e) {
            if (String.valueOf(e.getMessage()).contains("bits")) throw e;
            throw refused(text, e);
        }
    }

    /** The network of that many bits that {@code address} is in. */
    public static Network of(byte[] address, int bits) {
        try {
            return new Network(InetAddress.getByAddress(masked(address, bits)), bits);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes", e);
        }
    }

    private static IllegalArgumentException refused(String text, Exception cause) {
        return new IllegalArgumentException(
                "\"" + text + "\" is no network such as 10.1.0.0/16 or 2001:db8::/32", cause);
    }

    /** {@code address} with nothing but its first bits. */
    public static byte[] masked(byte[] address, int bits) {
        byte[] masked = address.clone();
        for (int i = 0; i < masked.length; i++) {
            int kept = Math.clamp(bits - 8L * i, 0, 8);
            masked[i] = (byte) (masked[i] & (0xff00 >> kept));
        }
        return masked;
    }

    @Override
    public String toString() {
        return address.getHostAddress() + "/" + bits;
    }
}
