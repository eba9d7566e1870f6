/**
 * The kernel's FUSE protocol, spoken on {@code /dev/fuse} with the JDK's foreign-function
 * interface. From below: {@link io.revfs.fuse.device.NativeCalls} (system calls), {@link
 * io.revfs.fuse.kernel.Wire} (layout of the structures), {@link io.revfs.fuse.kernel.Negotiation}
 * (INIT), {@link io.revfs.fuse.kernel.Requests} (one request answered), {@link
 * io.revfs.fuse.kernel.KernelSession} (the threads).
 */
@NullMarked
package io.revfs.fuse.kernel;

import org.jspecify.annotations.NullMarked;
