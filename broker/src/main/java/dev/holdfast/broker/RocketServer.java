package dev.holdfast.broker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.rocketmq.broker.BrokerController;
import org.apache.rocketmq.common.BrokerConfig;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.common.constant.PermName;
import org.apache.rocketmq.common.namesrv.NamesrvConfig;
import org.apache.rocketmq.namesrv.NamesrvController;
import org.apache.rocketmq.remoting.netty.NettyClientConfig;
import org.apache.rocketmq.remoting.netty.NettyServerConfig;
import org.apache.rocketmq.store.config.FlushDiskType;
import org.apache.rocketmq.store.config.MessageStoreConfig;

/** A name server and one broker, configured so that an acknowledged message stays. */
final class RocketServer {
    private static final String LOOPBACK = "127.0.0.1";
    private static final Duration PORT_WAIT = Duration.ofSeconds(2);
    private static final Duration ROUTE_WAIT = Duration.ofSeconds(30);

    /** RocketMQ counts a whole batch, with its properties, as one message. */
    private static final int MESSAGE_BYTES_MAX = 4 << 20;

    private static final int PULL_BYTES_MAX = 1 << 20;
    private static final int PULL_MESSAGES_MAX = 256;

    private final NamesrvController names;
    private final BrokerController broker;

    private RocketServer(NamesrvController names, BrokerController broker) {
        this.names = names;
        this.broker = broker;
    }

    /** Returns when every topic of the arguments can be found through the name server. */
    static RocketServer start(Arguments arguments) throws Exception {
        requireFree(arguments.namesrvPort());
        requireFree(arguments.brokerPort());
        requireFree(arguments.brokerPort() - 2);
        NamesrvController names =
                new NamesrvController(
                        namesrvConfig(arguments.home()), nettyConfig(arguments.namesrvPort(), 1));
        if (!names.initialize())
            throw new IllegalStateException("the name server did not initialise");
        names.start();
        BrokerController broker =
                new BrokerController(
                        brokerConfig(arguments),
                        nettyConfig(arguments.brokerPort(), 2),
                        new NettyClientConfig(),
                        storeConfig(arguments));
        if (!broker.initialize()) throw new IllegalStateException("the broker did not initialise");
        broker.start();
        RocketServer server = new RocketServer(names, broker);
        server.createTopics(arguments.topics());
        return server;
    }

    String flush() {
        return broker.getMessageStoreConfig().getFlushDiskType().name();
    }

    /**
     * Leaves a store that needs no recovery. RocketMQ's own shutdown joins some thirty services one
     * after the other, for 11 to 17 s; of those only these keep anything that a restart needs.
     */
    void stop() {
        broker.getConsumerOffsetManager().persist();
        broker.getMessageStore().shutdown();
    }

    private void createTopics(Map<String, Integer> topics) throws InterruptedException {
        topics.forEach((name, queues) -> {
            TopicConfig known = broker.getTopicConfigManager().selectTopicConfig(name);
            // Fewer queues than before: what is in the others must still be read.
            int readable = known == null ? queues : Math.max(queues, known.getReadQueueNums());
            broker.getTopicConfigManager()
                    .updateTopicConfig(
                            new TopicConfig(
                                    name,
                                    readable,
                                    queues,
                                    PermName.PERM_READ | PermName.PERM_WRITE));
        });
        long deadline = System.nanoTime() + ROUTE_WAIT.toNanos();
        while (!routed(topics)) {
            if (System.nanoTime() - deadline > 0)
                throw new IllegalStateException("the topics were not registered in time");
            broker.registerBrokerAll(false, false, true);
            Thread.sleep(100);
        }
    }

    private boolean routed(Map<String, Integer> topics) {
        return topics.keySet().stream()
                .allMatch(name -> names.getRouteInfoManager().pickupTopicRouteData(name) != null);
    }

    private static NamesrvConfig namesrvConfig(Path home) {
        NamesrvConfig config = new NamesrvConfig();
        config.setRocketmqHome(home.toString());
        config.setKvConfigPath(home.resolve("namesrv/kv.json").toString());
        config.setConfigStorePath(home.resolve("namesrv/namesrv.properties").toString());
        return config;
    }

    private static NettyServerConfig nettyConfig(int port, int selectors) {
        NettyServerConfig config = new NettyServerConfig();
        config.setBindAddress(LOOPBACK);
        config.setListenPort(port);
        config.setServerSelectorThreads(selectors);
        config.setServerWorkerThreads(2 * selectors);
        config.setServerCallbackExecutorThreads(selectors);
        return config;
    }

    private static BrokerConfig brokerConfig(Arguments arguments) {
        BrokerConfig config = new BrokerConfig();
        config.setRocketmqHome(arguments.home().toString());
        config.setNamesrvAddr(LOOPBACK + ":" + arguments.namesrvPort());
        config.setBrokerClusterName("holdfast");
        config.setBrokerName("holdfast");
        config.setBrokerIP1(LOOPBACK);
        config.setBrokerIP2(LOOPBACK);
        config.setListenPort(arguments.brokerPort());
        // A misspelt topic is an error, not a new topic.
        config.setAutoCreateTopicEnable(false);
        config.setSendMessageThreadPoolNums(4);
        config.setPullMessageThreadPoolNums(4);
        config.setAckMessageThreadPoolNums(1);
        config.setReviveQueueNum(1);
        // A message waits this long for a thread before it is refused; a busy disk needs more than
        // the 200 ms that RocketMQ gives.
        config.setWaitTimeMillsInSendQueue(5_000);
        return config;
    }

    private static MessageStoreConfig storeConfig(Arguments arguments) {
        MessageStoreConfig config = new MessageStoreConfig();
        Path store = arguments.home().resolve("store");
        config.setStorePathRootDir(store.toString());
        config.setStorePathCommitLog(store.resolve("commitlog").toString());
        config.setFlushDiskType(FlushDiskType.SYNC_FLUSH);
        config.setMaxMessageSize(MESSAGE_BYTES_MAX);
        config.setMappedFileSizeCommitLog(64 << 20);
        config.setMappedFileSizeConsumeQueue(20 * 20_000);
        config.setMaxTransferBytesOnMessageInMemory(PULL_BYTES_MAX);
        config.setMaxTransferBytesOnMessageInDisk(PULL_BYTES_MAX);
        config.setMaxTransferCountOnMessageInMemory(PULL_MESSAGES_MAX);
        config.setMaxTransferCountOnMessageInDisk(PULL_MESSAGES_MAX);
        // Nobody looks messages up by key, and nobody delays them.
        config.setMessageIndexEnable(false);
        config.setTimerWheelEnable(false);
        // What was acknowledged is deleted by age alone. When the disk is nearly full, writes are
        // refused: the sender keeps what it has and comes back.
        config.setCleanFileForciblyEnable(false);
        config.setFileReservedTime(arguments.retentionHours());
        config.setDiskMaxUsedSpaceRatio(95);
        config.setDiskSpaceWarningLevelRatio(95);
        return config;
    }

    /**
     * A clear sentence instead of a stack trace out of Netty. Waits a little, since a predecessor's
     * lock is free before its ports are.
     */
    private static void requireFree(int port) throws InterruptedException {
        long deadline = System.nanoTime() + PORT_WAIT.toNanos();
        while (true) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return;
            } catch (IOException e) {
                if (System.nanoTime() - deadline > 0)
                    throw new IllegalStateException("port " + port + " is in use", e);
            }
            Thread.sleep(50);
        }
    }
}
