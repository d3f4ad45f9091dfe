package io.headgate.function.dispatch;

/** When a queue gets one more instance. */
final class LaunchRule {

    private LaunchRule() {}

    /**
     * Looks once: one more is started when the calls that wait need more instances than are on their way.
     *
     * @param waiting calls that wait
     * @param free slots of ready instances that no call has, frozen instances counted
     * @param starting instances that are being started or wait for tokens
     * @param concurrency slots of one instance
     */
    static boolean startsOne(int waiting, int free, int starting, int concurrency) {
        int lacking = Math.max(0, waiting - free);
        int needed = (lacking + concurrency - 1) / concurrency;
        return needed > 0 && starting < needed;
    }
}
