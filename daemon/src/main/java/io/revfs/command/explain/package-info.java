/**
 * Why a stage would run or not: {@link io.revfs.command.explain.StageChanges} finds what differs
 * from what is recorded, {@link io.revfs.command.explain.Explanations} says for a whole pipeline
 * what that means, down to the file or parameter and its two values.
 */
@NullMarked
package io.revfs.command.explain;

import org.jspecify.annotations.NullMarked;
