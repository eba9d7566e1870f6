/** Commands about mounts and attached working copies, and what they show. */
@NullMarked
package io.revfs.cli.mount;

import org.jspecify.annotations.NullMarked;
