package io.revfs.cli.dvc;

/**
 * A positional argument of a command.
 *
 * @param name for the daemon and in help
 * @param least how many there must be
 * @param many whether there may be more than one: only the last argument of a command
 * @param rest whether all that follows belongs to it, what looks like options too
 * @param description a sentence
 */
public record DvcArgument(String name, int least, boolean many, boolean rest, String description) {}
