package dev.holdfast.drill.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A server that sends back what it gets, until its input ends. */
final class EchoMain {
    private EchoMain() {}

    public static void main(String[] arguments) throws IOException {
        ServerSocket server =
                new ServerSocket(
                        Integer.parseInt(arguments[1]), 50, InetAddress.getByName(arguments[0]));
        Thread.ofPlatform().daemon().start(() -> accept(server));
        System.out.println("ready");
        while (System.in.read() >= 0) {}
    }

    private static void accept(ServerSocket server) {
        while (true) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> echo(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private static void echo(Socket socket) {
        try (socket) {
            socket.getInputStream().transferTo(socket.getOutputStream());
        } catch (IOException e) {
            // The other end is gone.
        }
    }
}
