/** The file {@code dvc.lock}: what stages were run with, read and written. */
@NullMarked
package io.revfs.dvc.lock;

import org.jspecify.annotations.NullMarked;
