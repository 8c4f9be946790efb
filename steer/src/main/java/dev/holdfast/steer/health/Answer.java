package dev.holdfast.steer.health;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The answer to one HTTP/1.1 request after which the connection is closed: its status, and the
 * first 64 KiB of its body (RFC 9112). No more is read than that.
 */
record Answer(int status, String body) {
    static final int MOST_BODY = 64 << 10;
    private static final int MOST_HEAD = 16 << 10;
    private static final int MOST_LINE = 8 << 10;

    /**
     * Reads it.
     *
     * @param wantsBody whether the body is of interest; else it is left where it is
     * @throws IOException when it is none, or breaks off
     */
    static Answer read(InputStream in, boolean wantsBody) throws IOException {
        int status = status(line(in));
        long length = -1;
        boolean chunked = false;
        int head = 0;
        while (true) {
            String line = line(in);
            if (line.isEmpty()) {
                if (status >= 200) break;
                status = status(line(in)); // an interim answer has another behind it
                length = -1;
                chunked = false;
                continue;
            }
            head += line.length();
            if (head > MOST_HEAD) throw new IOException("its headers do not end");
            int colon = line.indexOf(':');
            if (colon < 0) throw new IOException("a header without a colon");
            String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
            String value = line.substring(colon + 1).strip().toLowerCase(Locale.ROOT);
            if (name.equals("content-length")) length = number(value, 10);
            if (name.equals("transfer-encoding")) chunked = value.endsWith("chunked");
        }
        if (!wantsBody || status == 204 || status == 304) return new Answer(status, "");
        byte[] body =
                chunked
                        ? chunks(in)
                        : in.readNBytes(length < 0 ? MOST_BODY : (int) Math.min(length, MOST_BODY));
        if (!chunked && body.length < Math.min(length, MOST_BODY))
            throw new IOException("its body breaks off");
        return new Answer(status, new String(body, StandardCharsets.UTF_8));
    }

    private static int status(String line) throws IOException {
        boolean http = line.startsWith("HTTP/1.") && line.length() >= 12;
        if (!http) throw new IOException("no answer in HTTP/1");
        return (int) number(line.substring(9, 12), 10);
    }

    private static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (body.size() < MOST_BODY) {
            String line = line(in);
            int extension = line.indexOf(';');
            String digits = extension < 0 ? line : line.substring(0, extension);
            long size = number(digits.strip(), 16);
            if (size == 0) break;
            int wanted = (int) Math.min(size, MOST_BODY - body.size());
            byte[] chunk = in.readNBytes(wanted);
            if (chunk.length < wanted) throw new IOException("its body breaks off");
            body.writeBytes(chunk);
            if (wanted < size) break;
            line(in);
        }
        return body.toByteArray();
    }

    private static long number(String digits, int radix) throws IOException {
        try {
            long number = Long.parseLong(digits, radix);
            if (number >= 0) return number;
        } catch (NumberFormatException e) {
            throw new IOException("\"" + digits + "\" where a number must be", e);
        }
        throw new IOException("\"" + digits + "\" where a number must be");
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int next = in.read();
            if (next < 0) throw new IOException("it hangs up before it has answered");
            if (next == '\n') break;
            line.append((char) next);
            if (line.length() > MOST_LINE) throw new IOException("a line that does not end");
        }
        int end = line.length();
        if (end > 0 && line.charAt(end - 1) == '\r') line.setLength(end - 1);
        return line.toString();
    }
}
