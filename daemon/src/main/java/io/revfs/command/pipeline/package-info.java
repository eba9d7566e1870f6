/**
 * Commands over stages: {@code stage list}, {@code dag}, {@code metrics}, {@code params}, and those
 * that run them.
 */
@NullMarked
package io.revfs.command.pipeline;

import org.jspecify.annotations.NullMarked;
