package io.headgate.function.log;

/**
 * What became of the lines for one syslog server of one application.
 *
 * @param appId the application
 * @param url the server
 * @param connected whether there is a connection now
 * @param waiting lines that wait
 * @param shipped lines that the system has taken; a server does not say whether it has
 * @param dropped lines that found no room, or could not be shipped before the end
 */
public record SyslogStats(String appId, String url, boolean connected, long waiting, long shipped, long dropped) {}
