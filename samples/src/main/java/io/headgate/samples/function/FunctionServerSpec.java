package io.headgate.samples.function;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What a {@link FunctionServer} is made of.
 *
 * @param database the URL of the database
 * @param root where functions for Node.js are, a directory each
 * @param memoryMb what all instances together may take
 * @param grace how long calls may go on when the server is closed
 */
public record FunctionServerSpec(String database, Path root, int memoryMb, Duration grace) {}
