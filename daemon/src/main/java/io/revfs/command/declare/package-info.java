/**
 * Adds to {@code dvc.yaml} what stages use and do not declare: {@link
 * io.revfs.command.declare.Declarations}.
 */
@NullMarked
package io.revfs.command.declare;

import org.jspecify.annotations.NullMarked;
