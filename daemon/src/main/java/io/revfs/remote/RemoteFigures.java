package io.revfs.remote;

/**
 * How a remote has been doing since it was opened.
 *
 * @param requests tries, each counted
 * @param failures those that failed, absence of a key not counted
 * @param bytesRead bytes of objects received
 * @param bytesWritten bytes of objects stored
 * @param lastError the last failure's cause; empty once a request has succeeded since
 */
public record RemoteFigures(
    long requests, long failures, long bytesRead, long bytesWritten, String lastError) {}
